// Asks for the reason that opening a hidden value needs.
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Dialog, Note, Reason } from "../../ui/basics";

export function RevealDialog({ what, busy, trouble, onReveal, onClose }: { what?: string | undefined; busy: boolean; trouble?: string | undefined; onReveal: (reason: string) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  return (
    <Dialog open onClose={onClose} label={t("reveal.title")}>
      <form onSubmit={(event: FormEvent) => { event.preventDefault(); onReveal(reason); }}>
        <h2>{t("reveal.title")}{what === undefined ? "" : `: ${what}`}</h2>
        <p className="soft">{t("reveal.text")}</p>
        {trouble !== undefined && <Note tone="bad">{trouble}</Note>}
        <Reason label={t("reveal.reason")} autoFocus hint={t("reveal.hint")} value={reason} onReason={setReason} />
        <div className="row"><Button kind="primary" type="submit" busy={busy}>{t("reveal.go")}</Button><Button kind="quiet" onClick={onClose}>{t("common.cancel")}</Button></div>
      </form>
    </Dialog>
  );
}
