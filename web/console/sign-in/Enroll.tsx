// The first second factor: an authenticator app or a passkey; then ten codes for the worst day.
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, keepCsrf, type Schemas } from "../../api/client";
import { registerPasskey } from "../../api/passkeys";
import { Button, Input, Note } from "../../ui/basics";
import { useSession } from "../session";
import { useProblem } from "../toasts";
import { Frame } from "./Frame";
import { QrCode } from "./QrCode";

export function RecoveryCodes({ codes }: { codes: string[] }) {
  const { t } = useTranslation();
  return (
    <div className="stack">
      <ol className="codes" aria-label={t("recovery.title")}>{codes.map((code) => <li key={code}>{code}</li>)}</ol>
      <div className="row">
        <Button small onClick={() => void navigator.clipboard.writeText(codes.join("\n"))}>{t("recovery.copy")}</Button>
        <Button small onClick={() => window.print()}>{t("recovery.print")}</Button>
      </div>
    </div>
  );
}

export function Enroll() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const session = useSession();
  const explain = useProblem();
  const [offer, setOffer] = useState<Schemas["TotpOffer"]>();
  const [code, setCode] = useState("");
  const [codes, setCodes] = useState<string[]>();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();

  const run = async (step: () => Promise<void>) => {
    setBusy(true);
    setTrouble(undefined);
    try {
      await step();
    } catch (error) {
      setTrouble(error instanceof DOMException ? t("signIn.passkeyStopped") : explain(error));
    } finally {
      setBusy(false);
    }
  };
  const enrolled = (done: Schemas["SignedIn"]) => {
    keepCsrf(done.csrf);
    setCodes(done.recovery_codes ?? []);
  };
  const confirm = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => enrolled(await ask(api.POST("/api/v1/me/totp/confirm", { body: { code: code.trim() } }))));
  };
  const passkey = () =>
    run(async () => {
      const user = session.data?.user;
      if (user !== undefined) enrolled(await registerPasskey(user, t("enroll.thisDevice")));
    });

  if (codes !== undefined) {
    return (
      <Frame title={t("recovery.title")} lead={t("recovery.lead")}>
        <RecoveryCodes codes={codes} />
        <Button kind="primary" onClick={() => void queries.resetQueries({ queryKey: ["session"] })}>{t("recovery.kept")}</Button>
      </Frame>
    );
  }
  return (
    <Frame title={t("enroll.title")} lead={t("enroll.lead")}>
      {trouble !== undefined && <Note tone="bad">{trouble}</Note>}
      {offer === undefined ? (
        <div className="stack">
          <Button kind="primary" busy={busy} onClick={() => void passkey()}>{t("enroll.passkey")}</Button>
          <Button busy={busy} onClick={() => void run(async () => setOffer(await ask(api.POST("/api/v1/me/totp", { body: {} }))))}>{t("enroll.app")}</Button>
          <p className="soft small">{t("enroll.explain")}</p>
        </div>
      ) : (
        <form className="stack" onSubmit={confirm}>
          <QrCode text={offer.uri} label={t("enroll.qr")} />
          <p className="small soft">{t("enroll.secret")} <code className="break">{offer.secret}</code></p>
          <Input label={t("signIn.code")} required autoFocus inputMode="numeric" autoComplete="one-time-code" maxLength={6} value={code} onChange={(event) => setCode(event.target.value)} />
          <Button kind="primary" type="submit" busy={busy}>{t("enroll.confirm")}</Button>
        </form>
      )}
    </Frame>
  );
}
