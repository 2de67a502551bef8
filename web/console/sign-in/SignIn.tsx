import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, keepCsrf, type Schemas } from "../../api/client";
import { signInWithPasskey, stepUpWithPasskey } from "../../api/passkeys";
import { Button, Input, Note } from "../../ui/basics";
import { useProblem } from "../toasts";
import { Frame } from "./Frame";
import { SsoButton } from "./Sso";

// `half`: the password was right, the second factor is missing.
export function SignIn({ half }: { half: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const explain = useProblem();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [recovery, setRecovery] = useState(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();

  const run = async (step: () => Promise<Schemas["SignedIn"]>) => {
    setBusy(true);
    setTrouble(undefined);
    try {
      keepCsrf((await step()).csrf);
      await queries.invalidateQueries({ queryKey: ["session"] });
    } catch (error) {
      setTrouble(error instanceof DOMException ? t("signIn.passkeyStopped") : explain(error));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(() =>
      half
        ? ask(api.POST("/api/v1/session/code", { body: { kind: recovery ? "recovery" : "totp", code: code.trim().toLowerCase() } }))
        : ask(api.POST("/api/v1/session", { body: { login, password } })));
  };
  const startOver = async () => {
    await ask(api.DELETE("/api/v1/session")).catch(() => undefined);
    setPassword("");
    setCode("");
    await queries.resetQueries({ queryKey: ["session"] });
  };

  return (
    <Frame title={half ? t("signIn.second") : t("signIn.title")} lead={half ? t("signIn.secondLead") : t("signIn.lead")}>
      {trouble !== undefined && <Note tone="bad">{trouble}</Note>}
      <form className="stack" onSubmit={submit}>
        {half ? (
          <Input
            label={recovery ? t("signIn.recoveryCode") : t("signIn.code")} key={recovery ? "recovery" : "totp"} autoFocus required value={code} autoComplete="one-time-code"
            inputMode={recovery ? "text" : "numeric"} maxLength={recovery ? 11 : 6} onChange={(event) => setCode(event.target.value)}
          />
        ) : (
          <>
            <Input label={t("signIn.login")} autoFocus required autoComplete="username webauthn" value={login} onChange={(event) => setLogin(event.target.value)} />
            <Input label={t("signIn.password")} type="password" required autoComplete="current-password" value={password} onChange={(event) => setPassword(event.target.value)} />
          </>
        )}
        <Button kind="primary" type="submit" busy={busy}>{t("signIn.go")}</Button>
      </form>
      <div className="or">{t("signIn.or")}</div>
      <Button onClick={() => void run(half ? stepUpWithPasskey : signInWithPasskey)} disabled={busy}>{t("signIn.passkey")}</Button>
      {!half && <SsoButton disabled={busy} onTrouble={setTrouble} />}
      {half && (
        <div className="row between">
          <Button kind="quiet" small onClick={() => { setRecovery(!recovery); setCode(""); }}>{recovery ? t("signIn.useApp") : t("signIn.useRecovery")}</Button>
          <Button kind="quiet" small onClick={() => void startOver()}>{t("signIn.startOver")}</Button>
        </div>
      )}
    </Frame>
  );
}
