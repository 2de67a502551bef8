// Figures about customers that tell nothing about any one of them: asked against a budget, each
// answer with its margin.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, purposed, type Schemas } from "../../api/client";
import { Button, Empty, Input, Loading, Note, Page, Panel, Select } from "../../ui/basics";
import { both, day, number } from "../../ui/language";
import { useWork } from "../session";
import { useProblem } from "../toasts";

type Answer = Schemas["StatisticsAnswer"];
type Measure = Answer["measure"];
// Types whose values many share.
const countable = new Set(["word", "city", "country", "language", "sex", "postcode", "number"]);
const measures: Measure[] = ["count", "histogram", "sum", "mean"];

function Figures({ answer }: { answer: Answer }) {
  const { t } = useTranslation();
  const { field } = useWork();
  const most = Math.max(1, ...answer.figures.map((f) => f.value));
  const title = answer.field === null ? t(`statistics.measure.${answer.measure}`) : `${t(`statistics.measure.${answer.measure}`)} · ${both(field(answer.field)?.name) || answer.field}`;
  return (
    <li className="finding">
      <div className="row between"><h3>{title}</h3><span className="small soft nowrap">{day(answer.at)} · ε {answer.epsilon}</span></div>
      {answer.measure === "histogram" ? (
        <>
          <ul className="stack tight">
            {answer.figures.map((f) => (
              <li key={f.group ?? ""} className="scored wide"><span className="break">{f.group}</span><progress className="bar" max={most} value={Math.max(0, f.value)} aria-label={f.group ?? ""} /><span className="figure">{number(Math.round(f.value))} ± {number(Math.round(f.margin))}</span></li>
            ))}
          </ul>
          {answer.figures.length === 0 && <p>{t("statistics.noGroup")}</p>}
          <p className="small soft">{t("statistics.threshold", { number: number(answer.threshold) })}</p>
        </>
      ) : answer.figures.map((f) => <p key="one"><span className="big">{number(Math.round(f.value * 100) / 100)}</span> <span className="soft">± {number(Math.round(f.margin * 100) / 100)}</span></p>)}
    </li>
  );
}

function AskForm() {
  const { t } = useTranslation();
  const { catalog } = useWork();
  const explain = useProblem();
  const queries = useQueryClient();
  const [measure, setMeasure] = useState<Measure>("count");
  const [field, setField] = useState("city");
  const [low, setLow] = useState("0");
  const [high, setHigh] = useState("100");
  const [epsilon, setEpsilon] = useState("0.5");
  const [recipient, setRecipient] = useState("");
  const bounded = measure === "sum" || measure === "mean";
  const fields = catalog.fields.filter((f) => (bounded ? f.type === "number" || f.type === "amount" : countable.has(f.type)));
  const choose = (next: Measure) => {
    setMeasure(next);
    setField(next === "histogram" ? "city" : "satisfaction");
  };
  const send = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/statistics", { params: { header: purposed() }, body: { measure, epsilon: Number(epsilon), ...(measure === "count" ? {} : { field }), ...(bounded ? { low: Number(low), high: Number(high) } : {}), ...(recipient === "" ? {} : { recipient }) } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["statistics"] }),
  });
  const submit = (event: FormEvent) => { event.preventDefault(); send.mutate(); };
  return (
    <Panel title={t("statistics.ask")}>
      <form onSubmit={submit} className="stack">
        {send.isError && <Note tone="bad">{explain(send.error)}</Note>}
        <div className="grid">
          <Select label={t("statistics.what")} value={measure} onChange={(e) => choose(measures.find((m) => m === e.target.value) ?? "count")}>{measures.map((m) => <option key={m} value={m}>{t(`statistics.measure.${m}`)}</option>)}</Select>
          {measure !== "count" && <Select label={t("quality.field")} value={field} onChange={(e) => setField(e.target.value)}>{fields.map((f) => <option key={f.id} value={f.id}>{both(f.name)}</option>)}</Select>}
          {bounded && <Input label={t("statistics.low")} type="number" required value={low} onChange={(e) => setLow(e.target.value)} />}
          {bounded && <Input label={t("statistics.high")} type="number" required value={high} onChange={(e) => setHigh(e.target.value)} />}
          <Input label={t("statistics.epsilon")} hint={t("statistics.epsilonText")} type="number" min={0.001} max={100} step="any" required value={epsilon} onChange={(e) => setEpsilon(e.target.value)} />
          <Input label={t("statistics.recipient")} hint={t("statistics.recipientText")} maxLength={80} value={recipient} onChange={(e) => setRecipient(e.target.value)} />
        </div>
        <div className="row"><Button kind="primary" type="submit" busy={send.isPending}>{t("statistics.send")}</Button></div>
        {send.data !== undefined && <ul className="stack findings"><Figures answer={send.data} /></ul>}
      </form>
    </Panel>
  );
}

function Grant() {
  const { t } = useTranslation();
  const { me, catalog } = useWork();
  const explain = useProblem();
  const queries = useQueryClient();
  const [purpose, setPurpose] = useState(me.purposes[0] ?? "");
  const [recipient, setRecipient] = useState("");
  const [total, setTotal] = useState("5");
  const grant = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/statistics/budget", { body: { purpose, total: Number(total), ...(recipient === "" ? {} : { recipient }) } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["statistics"] }),
  });
  const submit = (event: FormEvent) => { event.preventDefault(); grant.mutate(); };
  return (
    <Panel title={t("statistics.grant")}>
      <form onSubmit={submit} className="stack">
        <p className="soft small">{t("statistics.grantText")}</p>
        {grant.isError && <Note tone="bad">{explain(grant.error)}</Note>}
        <div className="grid">
          <Select label={t("why.purpose")} value={purpose} onChange={(e) => setPurpose(e.target.value)}>{catalog.purposes.map((p) => <option key={p.id} value={p.id}>{both(p.name)}</option>)}</Select>
          <Input label={t("statistics.recipient")} maxLength={80} value={recipient} onChange={(e) => setRecipient(e.target.value)} />
          <Input label={t("statistics.total")} type="number" min={0} max={100} step="any" required value={total} onChange={(e) => setTotal(e.target.value)} />
        </div>
        <div className="row"><Button type="submit" busy={grant.isPending}>{t("statistics.give")}</Button></div>
      </form>
    </Panel>
  );
}

export function Statistics() {
  const { t } = useTranslation();
  const { can, catalog } = useWork();
  const explain = useProblem();
  const budgets = useQuery({ queryKey: ["statistics"], queryFn: () => ask(api.GET("/api/v1/statistics")) });
  const nameOf = (id: string) => both(catalog.purposes.find((p) => p.id === id)?.name) || id;
  return (
    <Page title={t("statistics.title")} lead={t("statistics.lead")}>
      <AskForm />
      {can("statistics.grant") && <Grant />}
      {budgets.isPending ? <Panel><Loading /></Panel> : budgets.isError ? <Panel><Note tone="bad">{explain(budgets.error)}</Note></Panel> : budgets.data.budgets.length === 0 ? <Panel><Empty title={t("statistics.none")}><p>{t("statistics.noneText")}</p></Empty></Panel> : budgets.data.budgets.map((one) => (
        <Panel key={`${one.purpose} ${one.recipient}`} title={`${nameOf(one.purpose)} · ${one.recipient === "" ? t("requests.inHouse") : one.recipient}`}>
          <div className="scored"><progress className="bar" max={Math.max(one.total, 0.001)} value={one.spent} aria-label={t("statistics.spent", { spent: one.spent, total: one.total })} /><span>{t("statistics.spent", { spent: number(one.spent), total: number(one.total) })}</span></div>
          <ul className="stack findings">{one.answers.map((answer) => <Figures key={answer.id} answer={answer} />)}</ul>
        </Panel>
      ))}
    </Page>
  );
}
