// A passkey left on this device: next time no link is needed.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask } from "../api/client";
import { leavePasskey } from "../api/passkeys";
import { Button, Note } from "../ui/basics";
import { day } from "../ui/language";
import { useOwnSession, useRefresh } from "./own";
import { wordsOf } from "./problem";

export function Passkeys() {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const session = useOwnSession();
  const known = useQuery({ queryKey: ["own", "passkeys"], queryFn: () => ask(api.GET("/api/v1/portal/passkeys")) });
  const leave = useMutation({ mutationFn: () => leavePasskey(t("title")), onSettled: () => void refresh() });
  const remove = useMutation({
    mutationFn: (id: string) => ask(api.DELETE("/api/v1/portal/passkeys/{id}", { params: { path: { id } } })),
    onSettled: () => void refresh(),
  });
  const passkeys = known.data?.passkeys ?? [];
  const trouble = leave.error ?? remove.error;
  return (
    <section className="panel"><div className="body stack">
      <h2>{t("passkeys.title")}</h2>
      <p>{t("passkeys.text")}</p>
      {trouble !== null && <Note tone="bad">{trouble instanceof DOMException ? t("passkeys.stopped") : wordsOf(t, trouble)}</Note>}
      {passkeys.length > 0 && (
        <ul className="entries">
          {passkeys.map((one) => (
            <li key={one.id}>
              <div className="row between">
                <span>{t("passkeys.since", { day: day(one.created_at) })}<br /><span className="small soft">{one.used_at === null ? t("passkeys.unused") : t("passkeys.used", { day: day(one.used_at) })}</span></span>
                <Button small busy={remove.isPending} onClick={() => remove.mutate(one.id)}>{t("passkeys.remove")}</Button>
              </div>
            </li>
          ))}
        </ul>
      )}
      {session.data?.fresh === false
        ? <Note>{t("passkeys.stale")}</Note>
        : <div><Button busy={leave.isPending} onClick={() => leave.mutate()}>{t("passkeys.leave")}</Button></div>}
    </div></section>
  );
}
