// The company's own sign-in: the way there, and the page that the browser comes back to.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { api, ask, keepCsrf } from "../../api/client";
import { Button, Loading, Note } from "../../ui/basics";
import { useSession } from "../session";
import { useProblem, useTell } from "../toasts";
import { Frame } from "./Frame";

export function useSsoOffer() {
  return useQuery({ queryKey: ["sso"], queryFn: () => ask(api.GET("/api/v1/session/sso")), staleTime: Infinity, retry: false });
}

// Offered where there is a provider. With a setup token the account is set up that way.
export function SsoButton({ setupToken, disabled, onTrouble }: { setupToken?: string; disabled: boolean; onTrouble: (text: string) => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const offer = useSsoOffer();
  const [busy, setBusy] = useState(false);
  if (offer.data?.available !== true) return null;
  const leave = async () => {
    setBusy(true);
    try {
      const away = await ask(api.POST("/api/v1/session/sso/start", { body: setupToken === undefined ? {} : { setup_token: setupToken } }));
      window.location.assign(away.location);
    } catch (error) {
      onTrouble(explain(error));
      setBusy(false);
    }
  };
  return <Button onClick={() => void leave()} busy={busy} disabled={disabled}>{t("sso.go", { name: offer.data.name })}</Button>;
}

// Back from the provider: what stands in the address is taken once and out of the history.
export function SsoReturn() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const explain = useProblem();
  const tell = useTell();
  const session = useSession();
  const [, go] = useLocation();
  const [query] = useState(() => new URLSearchParams(window.location.search));
  const [trouble, setTrouble] = useState<string>();
  const begun = useRef(false);
  const linking = session.data?.stage === "full";
  useEffect(() => {
    if (session.isPending || begun.current) return;
    begun.current = true;
    window.history.replaceState(null, "", window.location.pathname);
    const code = query.get("code");
    const state = query.get("state");
    if (code === null || state === null) return setTrouble(t(query.get("error") === "access_denied" ? "sso.denied" : "sso.incomplete"));
    const iss = query.get("iss");
    const body = { code, state, ...(iss === null ? {} : { iss }) };
    const finish = async () => {
      try {
        if (linking) {
          await ask(api.POST("/api/v1/me/sso", { body }));
          tell(t("sso.linked"));
        } else {
          keepCsrf((await ask(api.POST("/api/v1/session/sso", { body }))).csrf);
        }
        await queries.resetQueries({ queryKey: ["session"] });
        go(linking ? "/profile" : "/", { replace: true });
      } catch (error) {
        setTrouble(explain(error));
      }
    };
    void finish();
  }, [session.isPending, linking, query, queries, explain, tell, t, go]);
  return (
    <Frame title={t("sso.title")}>
      {trouble === undefined ? <Loading lines={2} /> : (
        <>
          <Note tone="bad">{trouble}</Note>
          {!linking && <p className="soft">{t("sso.hint")}</p>}
          <Button kind="primary" onClick={() => go(linking ? "/profile" : "/", { replace: true })}>{t("sso.back")}</Button>
        </>
      )}
    </Frame>
  );
}
