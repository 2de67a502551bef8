// One entry of a timeline whose hidden parts can be opened against a reason.
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, purposed, type Schemas } from "../../api/client";
import { Button, Dialog, Note, Textarea } from "../../ui/basics";
import { useWork } from "../session";
import { useProblem } from "../toasts";

export type EntryOf = Schemas["Timeline"]["events"][number];

export function Entry({ customer, entry, children }: { customer: string; entry: EntryOf; children: (shown: EntryOf) => ReactNode }) {
  const { t } = useTranslation();
  const { can } = useWork();
  const explain = useProblem();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const reveal = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/customers/{id}/timeline/{event}/reveal", { params: { path: { id: customer, event: entry.id }, header: purposed() }, body: { reason } })),
    onSuccess: () => { setAsking(false); setReason(""); },
  });
  const shown = reveal.data?.events[0] ?? entry;
  const hidden = reveal.data === undefined && Object.values(entry.fields).some((values) => values.some((value) => value.access === "masked"));
  return (
    <>
      {children(shown)}
      {hidden && can("customers.reveal") && <div><Button small onClick={() => setAsking(true)}>{t("reveal.open")}</Button></div>}
      {asking && (
        <Dialog open onClose={() => setAsking(false)} label={t("reveal.title")}>
          <form onSubmit={(event: FormEvent) => { event.preventDefault(); reveal.mutate(); }}>
            <h2>{t("reveal.title")}</h2>
            <p className="soft">{t("reveal.text")}</p>
            {reveal.isError && <Note tone="bad">{explain(reveal.error)}</Note>}
            <Textarea label={t("reveal.reason")} required minLength={3} maxLength={500} autoFocus value={reason} hint={t("reveal.hint")} onChange={(event) => setReason(event.target.value)} />
            <div className="row"><Button kind="primary" type="submit" busy={reveal.isPending}>{t("reveal.go")}</Button><Button kind="quiet" onClick={() => setAsking(false)}>{t("common.cancel")}</Button></div>
          </form>
        </Dialog>
      )}
    </>
  );
}
