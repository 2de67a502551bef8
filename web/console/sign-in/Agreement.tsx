import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { Button, Check, Note } from "../../ui/basics";
import { both } from "../../ui/language";
import { useSession } from "../session";
import { useProblem } from "../toasts";
import { Frame } from "./Frame";

export function Agreement() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const session = useSession();
  const explain = useProblem();
  const [read, setRead] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const agreement = session.data?.agreement;
  if (agreement === undefined) return null;
  const sign = async () => {
    try {
      await ask(api.POST("/api/v1/me/agreement", { body: { version: agreement.version } }));
      await queries.resetQueries({ queryKey: ["session"] });
    } catch (error) {
      setTrouble(explain(error));
    }
  };
  return (
    <Frame title={both(agreement.title)} lead={t("agreement.lead", { version: agreement.version })} broad>
      {trouble !== undefined && <Note tone="bad">{trouble}</Note>}
      <div className="prose" tabIndex={0}>{both(agreement.text).trim()}</div>
      <Check label={t("agreement.read", { name: session.data?.user.name ?? "" })} checked={read} onChange={(event) => setRead(event.target.checked)} />
      <Button kind="primary" disabled={!read} onClick={() => void sign()}>{t("agreement.sign")}</Button>
    </Frame>
  );
}
