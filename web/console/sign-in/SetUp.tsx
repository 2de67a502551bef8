// The one-time link: choosing a password. The secret stands behind # and never reaches a log.
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { api, ask, keepCsrf } from "../../api/client";
import { Button, Input, Note } from "../../ui/basics";
import { useProblem } from "../toasts";
import { Frame } from "./Frame";
import { SsoButton, useSsoOffer } from "./Sso";

export function SetUp() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const explain = useProblem();
  const offer = useSsoOffer();
  const [, go] = useLocation();
  const [token] = useState(() => window.location.hash.slice(1));
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (password !== again) return setTrouble(t("setUp.differ"));
    setBusy(true);
    setTrouble(undefined);
    try {
      const done = await ask(api.POST("/api/v1/session/setup", { body: { token, password } }));
      keepCsrf(done.csrf);
      await queries.resetQueries({ queryKey: ["session"] });
      go("/", { replace: true });
    } catch (error) {
      setTrouble(explain(error));
      setBusy(false);
    }
  };
  return (
    <Frame title={t("setUp.title")} lead={t("setUp.lead")}>
      {token === "" && <Note tone="bad">{t("setUp.noToken")}</Note>}
      {trouble !== undefined && <Note tone="bad">{trouble}</Note>}
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <Input label={t("setUp.password")} hint={t("setUp.hint")} type="password" required minLength={12} autoFocus autoComplete="new-password" value={password} onChange={(event) => setPassword(event.target.value)} />
        <Input label={t("setUp.again")} type="password" required autoComplete="new-password" value={again} onChange={(event) => setAgain(event.target.value)} />
        <Button kind="primary" type="submit" busy={busy} disabled={token === ""}>{t("setUp.go")}</Button>
      </form>
      {token !== "" && offer.data?.available === true && (
        <>
          <div className="or">{t("signIn.or")}</div>
          <SsoButton setupToken={token} disabled={busy} onTrouble={setTrouble} />
        </>
      )}
    </Frame>
  );
}
