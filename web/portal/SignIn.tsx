import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, keepCsrf } from "../api/client";
import { enterWithPasskey } from "../api/passkeys";
import { Button, Input, Note } from "../ui/basics";
import { wordsOf } from "./problem";

// The link's secret stands behind the #: no server on the way has seen it. It is taken out of the address
// before it is used, so that it stays in no history.
function takeLink(): string {
  const hash = window.location.hash;
  if (!hash.startsWith("#link=")) return "";
  window.history.replaceState(null, "", window.location.pathname);
  return hash.slice("#link=".length);
}

export function SignIn({ onEntered }: { onEntered: () => void }) {
  const { t, i18n } = useTranslation();
  const [contact, setContact] = useState("");
  const enter = useMutation({
    mutationFn: async (link: string) => {
      const session = await ask(api.POST("/api/v1/portal/session", { body: { link } }));
      keepCsrf(session.csrf);
    },
    onSuccess: onEntered,
  });
  const send = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/portal/link", { body: { contact, locale: i18n.language } })),
  });
  const byKey = useMutation({
    mutationFn: async () => keepCsrf((await enterWithPasskey()).csrf),
    onSuccess: onEntered,
  });
  const taken = useRef(false);
  useEffect(() => {
    document.title = t("title");
    if (taken.current) return;
    taken.current = true;
    const link = takeLink();
    if (link !== "") enter.mutate(link);
  }, [enter, t]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (contact.trim() !== "") send.mutate();
  };
  if (enter.isPending) return <p role="status">{t("entering")}</p>;
  return (
    <div className="door">
      <h1>{t("signIn.title")}</h1>
      <p className="soft">{t("signIn.lead")}</p>
      {enter.isError && <Note tone="bad">{wordsOf(t, enter.error)}</Note>}
      {send.isSuccess ? (
        <Note tone="good">{t("signIn.sent")}</Note>
      ) : (
        <form className="stack" onSubmit={submit}>
          <Input label={t("signIn.contact")} value={contact} onChange={(event) => setContact(event.target.value)} autoComplete="email" required maxLength={200} />
          {send.isError && <Note tone="bad">{wordsOf(t, send.error)}</Note>}
          <Button kind="primary" type="submit" busy={send.isPending}>{t("signIn.send")}</Button>
        </form>
      )}
      {"credentials" in navigator && (
        <div className="stack">
          <p className="small soft">{t("signIn.or")}</p>
          {byKey.isError && <Note tone="bad">{byKey.error instanceof DOMException ? t("passkeys.stopped") : wordsOf(t, byKey.error)}</Note>}
          <Button busy={byKey.isPending} onClick={() => byKey.mutate()}>{t("signIn.passkey")}</Button>
        </div>
      )}
      <p className="small soft">{t("signIn.desk")}</p>
      <p className="small"><a href={`/notices/privacy/current/${i18n.language.startsWith("zh") ? "zh-CN" : "en"}`}>{t("notice")}</a></p>
    </div>
  );
}
