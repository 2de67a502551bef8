// One entry of a timeline whose hidden parts can be opened against a reason.
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, purposed, type Schemas } from "../../api/client";
import { Button } from "../../ui/basics";
import { useWork } from "../session";
import { useProblem } from "../toasts";
import { RevealDialog } from "./RevealDialog";

export type EntryOf = Schemas["Timeline"]["events"][number];

export function Entry({ customer, entry, children }: { customer: string; entry: EntryOf; children: (shown: EntryOf) => ReactNode }) {
  const { t } = useTranslation();
  const { can } = useWork();
  const explain = useProblem();
  const [asking, setAsking] = useState(false);
  const reveal = useMutation({
    mutationFn: (reason: string) => ask(api.POST("/api/v1/customers/{id}/timeline/{event}/reveal", { params: { path: { id: customer, event: entry.id }, header: purposed() }, body: { reason } })),
    onSuccess: () => { setAsking(false); },
  });
  const shown = reveal.data?.events[0] ?? entry;
  const hidden = reveal.data === undefined && Object.values(entry.fields).some((values) => values.some((value) => value.access === "masked"));
  return (
    <>
      {children(shown)}
      {hidden && can("customers.reveal") && <div><Button small onClick={() => setAsking(true)}>{t("reveal.open")}</Button></div>}
      {asking && <RevealDialog busy={reveal.isPending} trouble={reveal.isError ? explain(reveal.error) : undefined} onReveal={(reason) => reveal.mutate(reason)} onClose={() => { setAsking(false); reveal.reset(); }} />}
    </>
  );
}
