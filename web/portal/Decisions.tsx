// What machines decided about the person, why, and a person's look at it; and who else was given
// something.
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "../api/client";
import { Button, Chip, Note, Textarea } from "../ui/basics";
import { both, time } from "../ui/language";
import { useRefresh } from "./own";
import { wordsOf } from "./problem";

type Decision = Schemas["OwnDecision"];

function Review({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const send = useMutation({ mutationFn: () => ask(api.POST("/api/v1/portal/requests", { body: { rights: ["human_review"], text } })), onSuccess: onDone });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <form className="stack" onSubmit={submit}>
      <p className="small soft">{t("decisions.reviewText")}</p>
      <Textarea label={t("decisions.say")} rows={3} maxLength={4000} value={text} onChange={(event) => setText(event.target.value)} />
      {send.isError && <Note tone="bad">{wordsOf(t, send.error)}</Note>}
      <div><Button kind="primary" type="submit" busy={send.isPending}>{t("decisions.send")}</Button></div>
    </form>
  );
}

function One({ decision, asked }: { decision: Decision; asked: boolean }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const [open, setOpen] = useState(false);
  return (
    <article className="use" data-decision={decision.decision}>
      <header><div className="grow"><h3>{both(decision.name)}</h3><p className="small soft">{time(decision.at)}</p></div><Chip tone={decision.adverse ? "bad" : "good"}>{both(decision.outcome)}</Chip></header>
      <div className="stack">
        <div><p className="strong small">{t("decisions.why")}</p><ul>{decision.reasons.map((reason, i) => <li key={i}>{both(reason)}</li>)}</ul></div>
        <details><summary className="small">{t("decisions.how")}</summary><p>{both(decision.logic)}</p><p className="small soft">{t("decisions.rests", { inputs: decision.inputs.map((input) => both(input)).join(t("comma")) })}</p></details>
        {decision.review !== null && <Note tone="good">{t("decisions.reviewed", { time: time(decision.review.at), outcome: both(decision.review.outcome) })}</Note>}
        {decision.review === null && decision.can_be_reviewed && (asked ? <Note>{t("decisions.asked")}</Note> : open ? <Review onDone={() => { setOpen(false); void refresh(); }} /> : <div><Button onClick={() => setOpen(true)}>{t("decisions.review")}</Button></div>)}
      </div>
    </article>
  );
}

export function Decisions() {
  const { t } = useTranslation();
  const own = useQuery({ queryKey: ["own", "decisions"], queryFn: () => ask(api.GET("/api/v1/portal/decisions")) });
  if (own.isPending) return <div className="skeleton" />;
  if (own.isError) return <Note tone="bad">{wordsOf(t, own.error)}</Note>;
  if (own.data.decisions.length === 0) return null;
  return (
    <section>
      <h2>{t("decisions.title")}</h2>
      <p className="lead">{t("decisions.lead")}</p>
      {own.data.decisions.map((decision) => <One key={decision.id} decision={decision} asked={own.data.review_asked} />)}
    </section>
  );
}

export function GivenTo() {
  const { t } = useTranslation();
  const own = useQuery({ queryKey: ["own", "recipients"], queryFn: () => ask(api.GET("/api/v1/portal/recipients")) });
  if (own.isPending) return <div className="skeleton" />;
  if (own.isError) return <Note tone="bad">{wordsOf(t, own.error)}</Note>;
  return (
    <section>
      <h2>{t("recipients.title")}</h2>
      <p className="small soft">{t("recipients.lead")}</p>
      {own.data.recipients.length === 0 ? <p>{t("recipients.none")}</p> : (
        <ul className="entries">
          {own.data.recipients.map((one) => (
            <li key={one.name}>
              <div className="row between"><span className="strong">{one.name}</span><span className="small soft">{one.countries.join(", ")}</span></div>
              <p className="small">{one.services}{one.services !== "" && " · "}{t(`recipients.kind.${one.kind}`)}</p>
              <p className="small soft">{t("recipients.times", { count: one.times, time: time(one.last_at) })}{one.contact !== "" && ` · ${one.contact}`}</p>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
