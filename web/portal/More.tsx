// Stop everything, take a copy, read the notice, say something.
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../api/client";
import { Button, Note, Textarea } from "../ui/basics";
import { time } from "../ui/language";
import { Download } from "./Download";
import { Passkeys } from "./Passkeys";
import { useActing, useOwnData, useOwnSession, useRefresh } from "./own";
import { wordsOf } from "./problem";

function Restriction() {
  const { t } = useTranslation();
  const data = useOwnData();
  const refresh = useRefresh();
  const mine = data.data?.restricted_by_me === true;
  const change = useMutation({
    mutationFn: (restricted: boolean) => ask(api.POST("/api/v1/portal/restriction", { body: { restricted } })),
    onSettled: () => void refresh(),
  });
  return (
    <section className="panel"><div className="body stack">
      <h2>{t("more.restrict")}</h2>
      <p>{t("more.restrictText")}</p>
      {mine && <Note tone="warn">{t("more.restricted")}</Note>}
      {change.isError && <Note tone="bad">{wordsOf(t, change.error)}</Note>}
      <div><Button kind={mine ? "plain" : "danger"} busy={change.isPending} onClick={() => change.mutate(!mine)}>{t(mine ? "more.lift" : "more.stop")}</Button></div>
    </div></section>
  );
}

function Copy() {
  const { t, i18n } = useTranslation();
  const session = useOwnSession();
  const fresh = session.data?.fresh === true;
  return (
    <section className="panel"><div className="body stack">
      <h2>{t("more.copy")}</h2>
      <p>{t("more.copyText")}</p>
      {fresh ? (
        <div className="row">
          {["html", "csv", "json", "vcf"].map((format) => (
            <Download key={format} path={`/api/v1/portal/download/${format}?locale=${i18n.language}`} name={`my-data.${format}`}>{t(`format.${format}`)}</Download>
          ))}
        </div>
      ) : (
        <Note>{t("more.stale")}</Note>
      )}
    </div></section>
  );
}

function Opinions() {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const [text, setText] = useState("");
  const said = useQuery({ queryKey: ["own", "feedback"], queryFn: () => ask(api.GET("/api/v1/portal/feedback")) });
  const say = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/portal/feedback", { body: { text } })),
    onSuccess: () => {
      setText("");
      void refresh();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim().length >= 3) say.mutate();
  };
  return (
    <section className="panel"><div className="body stack">
      <h2>{t("more.say")}</h2>
      <p>{t("more.sayText")}</p>
      <form className="stack" onSubmit={submit}>
        <Textarea label={t("more.message")} value={text} onChange={(event) => setText(event.target.value)} maxLength={4000} />
        {say.isError && <Note tone="bad">{wordsOf(t, say.error)}</Note>}
        {say.isSuccess && <Note tone="good">{t("more.said")}</Note>}
        <div><Button kind="primary" type="submit" busy={say.isPending} disabled={text.trim().length < 3}>{t("more.send")}</Button></div>
      </form>
      <ul className="entries">
        {(said.data?.messages ?? []).map((message) => (
          <li key={message.id}>
            <p className="small soft">{time(message.at)}</p>
            <p className="break">{message.text}</p>
            {message.answer !== "" ? <Note tone="good"><p className="small">{t("more.answered", { time: time(message.answered_at) })}</p><p className="break">{message.answer}</p></Note> : <p className="small soft">{t("more.open")}</p>}
          </li>
        ))}
      </ul>
    </div></section>
  );
}

export function More() {
  const { t, i18n } = useTranslation();
  const acting = useActing();
  const session = useOwnSession();
  return (
    <>
      <h1>{t("place.more")}</h1>
      <div className="stack wide">
        <Copy />
        <Restriction />
        {acting === "" && <Passkeys />}
        <Opinions />
        <section className="panel"><div className="body stack">
          <h2>{t("notice")}</h2>
          <p>{t("more.noticeText", { notice: session.data?.notice ?? "" })}</p>
          <p><a href={`/notices/privacy/current/${i18n.language.startsWith("zh") ? "zh-CN" : "en"}`}>{t("more.readNotice")}</a></p>
        </div></section>
      </div>
    </>
  );
}
