import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ApiProblem, ask, keepCsrf, type Schemas } from "../api/client";
import { stepUpWithPasskey } from "../api/passkeys";
import { Button, Dialog, Input, Note } from "../ui/basics";
import { useWork } from "./session";
import { useProblem } from "./toasts";

// Runs what needs a fresh second factor: asks for one first if it is stale, then runs it.
export function useFresh(): { run: (act: () => Promise<void>) => void; dialog: ReactNode; trouble: string | undefined } {
  const { t } = useTranslation();
  const { me } = useWork();
  const queries = useQueryClient();
  const explain = useProblem();
  const [waiting, setWaiting] = useState<() => Promise<void>>();
  const [code, setCode] = useState("");
  const [trouble, setTrouble] = useState<string>();
  const attempt = async (act: () => Promise<void>) => {
    setTrouble(undefined);
    try {
      await act();
      await queries.invalidateQueries({ queryKey: ["session"] });
    } catch (error) {
      if (error instanceof ApiProblem && error.code === "step_up_required") setWaiting(() => act);
      else setTrouble(error instanceof DOMException ? t("signIn.passkeyStopped") : explain(error));
    }
  };
  const freshen = async (step: () => Promise<Schemas["SignedIn"]>) => {
    const act = waiting;
    setTrouble(undefined);
    try {
      keepCsrf((await step()).csrf);
      setWaiting(undefined);
      setCode("");
      if (act !== undefined) await attempt(act);
    } catch (error) {
      setTrouble(explain(error));
    }
  };
  const dialog = (
    <Dialog open={waiting !== undefined} onClose={() => setWaiting(undefined)} label={t("stepUp.title")}>
      <form onSubmit={(e) => { e.preventDefault(); void freshen(() => ask(api.POST("/api/v1/session/code", { body: { kind: "totp", code } }))); }}>
        <h2>{t("stepUp.title")}</h2>
        <p className="soft">{t("stepUp.text")}</p>
        {trouble !== undefined && <Note tone="bad">{trouble}</Note>}
        {me.factors.totp && <><Input label={t("signIn.code")} inputMode="numeric" maxLength={6} autoComplete="one-time-code" value={code} onChange={(e) => setCode(e.target.value)} /><Button kind="primary" type="submit">{t("stepUp.go")}</Button></>}
        {me.factors.passkeys.length > 0 && <Button onClick={() => void freshen(stepUpWithPasskey)}>{t("signIn.passkey")}</Button>}
      </form>
    </Dialog>
  );
  return { run: (act) => void attempt(act), dialog, trouble };
}

