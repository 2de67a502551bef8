// What customers are told, what they say, and what the laws demand.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { api, ask, type Schemas } from "../../api/client";
import { Button, Chip, Empty, Input, Loading, Note, Page, Panel, Tabs, Textarea } from "../../ui/basics";
import { both, number, time } from "../../ui/language";
import { useFresh } from "../fresh";
import { useWork } from "../session";
import { useProblem, useTell } from "../toasts";

type Change = Schemas["NoticeChange"];

function Changes({ changes }: { changes: Change[] }) {
  const { t } = useTranslation();
  const { catalog, field } = useWork();
  const name = (purpose: string) => both(catalog.purposes.find((one) => one.id === purpose)?.name) || purpose;
  return (
    <ul className="stack tight">
      {changes.map((change, i) => (
        <li key={i} className="row">
          {change.material && <Chip tone="warn">{t("notices.material")}</Chip>}
          <span>{t(`notices.change.${change.what}`)}{change.purpose !== "" && `: ${name(change.purpose)}`}</span>
          <span className="small soft">{change.ids.map((id) => both(field(id)?.name) || id).join(", ")}</span>
        </li>
      ))}
    </ul>
  );
}

function Notices() {
  const { t, i18n } = useTranslation();
  const { can } = useWork();
  const explain = useProblem();
  const tell = useTell();
  const queries = useQueryClient();
  const fresh = useFresh();
  const notices = useQuery({ queryKey: ["notices"], queryFn: () => ask(api.GET("/api/v1/notices")) });
  if (notices.isPending) return <Panel><Loading /></Panel>;
  if (notices.isError) return <Note tone="bad">{explain(notices.error)}</Note>;
  const locale = i18n.language.startsWith("zh") ? "zh-CN" : "en";
  const publish = (id: string) => fresh.run(async () => {
    const made = await ask(api.POST("/api/v1/notices/{id}/publish", { params: { path: { id } } }));
    tell(t("notices.published", { version: made.version }));
    await queries.invalidateQueries({ queryKey: ["notices"] });
  });
  return (
    <div className="stack wide">
      {fresh.trouble !== undefined && <Note tone="bad">{fresh.trouble}</Note>}
      {Object.entries(notices.data.pending).filter(([, changes]) => changes.length > 0).map(([id, changes]) => (
        <Panel key={id} title={t("notices.pending")} actions={can("notices.publish") ? <Button kind="primary" onClick={() => publish(id)}>{t("notices.publish")}</Button> : undefined}>
          <div className="stack"><p className="soft">{t("notices.pendingText")}</p><Changes changes={changes} /></div>
        </Panel>
      ))}
      <Panel title={t("notices.versions")} flush>
        <div className="table-wrap" tabIndex={0}>
          <table className="table cards">
            <thead><tr><th>{t("notices.version")}</th><th>{t("notices.when")}</th><th>{t("notices.changes")}</th><th className="right">{t("notices.page")}</th></tr></thead>
            <tbody>
              {notices.data.notices.map((notice) => (
                <tr key={`${notice.id}@${notice.version}`}>
                  <td className="strong">{notice.id}@{notice.version}</td>
                  <td className="nowrap">{time(notice.published_at)}</td>
                  <td>{(notice.changes ?? []).length === 0 ? <span className="soft">{t("notices.first")}</span> : <Changes changes={notice.changes ?? []} />}</td>
                  <td className="right"><a href={notice.pages[locale]?.path} target="_blank" rel="noreferrer">{t("notices.read")}</a></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Panel>
      {fresh.dialog}
    </div>
  );
}

function Message({ message }: { message: Schemas["FeedbackMessage"] }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const answer = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/feedback/{id}/answer", { params: { path: { id: message.id } }, body: { text } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["feedback"] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    answer.mutate();
  };
  return (
    <Panel title={<span className="row"><span>{time(message.at)}</span>{message.answered_at === null && <Chip tone="warn">{t("opinions.open")}</Chip>}</span>} actions={<Link href={`/customers/${message.customer}`}>{t("opinions.customer")}</Link>}>
      <div className="stack">
        <p className="break">{message.text}</p>
        {message.answered_at !== null ? (
          <Note tone="good"><p className="small">{time(message.answered_at)}</p><p className="break">{message.answer}</p></Note>
        ) : (
          <form className="stack" onSubmit={submit}>
            {answer.isError && <Note tone="bad">{explain(answer.error)}</Note>}
            <Textarea label={t("opinions.answer")} required minLength={3} maxLength={4000} value={text} onChange={(event) => setText(event.target.value)} />
            <div><Button kind="primary" type="submit" busy={answer.isPending}>{t("opinions.send")}</Button></div>
          </form>
        )}
      </div>
    </Panel>
  );
}

function Opinions() {
  const { t } = useTranslation();
  const explain = useProblem();
  const feedback = useQuery({ queryKey: ["feedback"], queryFn: () => ask(api.GET("/api/v1/feedback")) });
  if (feedback.isPending) return <Panel><Loading /></Panel>;
  if (feedback.isError) return <Note tone="bad">{explain(feedback.error)}</Note>;
  if (feedback.data.messages.length === 0) return <Panel><Empty title={t("opinions.none")}><p>{t("opinions.noneText")}</p></Empty></Panel>;
  return <div className="stack wide">{feedback.data.messages.map((message) => <Message key={message.id} message={message} />)}</div>;
}

function Laws() {
  const { t } = useTranslation();
  const explain = useProblem();
  const [regime, setRegime] = useState("CN");
  const [word, setWord] = useState("");
  const book = useQuery({ queryKey: ["rules"], queryFn: () => ask(api.GET("/api/v1/rules")), staleTime: Infinity });
  if (book.isPending) return <Panel><Loading /></Panel>;
  if (book.isError) return <Note tone="bad">{explain(book.error)}</Note>;
  const pack = book.data.packs.find((one) => one.regime === regime) ?? book.data.packs[0];
  const rules = (pack?.rules ?? []).filter((rule) => word === "" || `${rule.id} ${rule.cite} ${both(rule.text)}`.toLowerCase().includes(word.toLowerCase()));
  return (
    <Panel title={pack === undefined ? "" : `${both(pack.name)} · ${both(pack.law)}`} flush actions={
      <span className="row">
        <select className="select slim" aria-label={t("laws.regime")} value={pack?.regime} onChange={(event) => setRegime(event.target.value)}>
          {book.data.packs.map((one) => <option key={one.regime} value={one.regime}>{both(one.name)}</option>)}
        </select>
      </span>
    }>
      <div className="body"><Input label={t("laws.find")} value={word} onChange={(event) => setWord(event.target.value)} /></div>
      <div className="table-wrap" tabIndex={0}>
        <table className="table cards">
          <thead><tr><th>{t("laws.rule")}</th><th>{t("laws.cite")}</th><th>{t("laws.effect")}</th><th>{t("laws.state")}</th></tr></thead>
          <tbody>
            {rules.map((rule) => (
              <tr key={rule.id}>
                <td><p>{both(rule.text)}</p><code className="small soft">{rule.id}</code></td>
                <td className="small">{rule.cite}</td>
                <td>{t(`laws.effects.${rule.effect}`)} {rule.clock !== null && <Chip tone="outline">{rule.clock.length}{rule.clock.extension !== null && ` + ${rule.clock.extension}`}</Chip>}</td>
                <td>
                  {rule.in_force ? <Chip tone="good">{t("laws.inForce")}</Chip> : <Chip>{rule.status === "in_force" ? t("laws.from", { day: rule.valid_from ?? "" }) : t(`laws.${rule.status}`)}</Chip>}
                  {" "}{rule.reviewed_by === null ? <Chip tone="warn">{t("laws.unreviewed")}</Chip> : <Chip tone="outline">{rule.reviewed_by}</Chip>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function Plan({ plan }: { plan: Schemas["RetentionPlan"] }) {
  const { t } = useTranslation();
  return (
    <div className="stack tight">
      <p><span className="strong">{t("retention.would", { people: number(plan.people), day: plan.day })}</span> {t("retention.of", { all: number(plan.looked_at) })}</p>
      <p className="small soft">{t("retention.detail", { whole: number(plan.whole), values: number(plan.values), events: number(plan.events), held: number(plan.held) })}</p>
      <div className="row">{Object.entries(plan.by_class).map(([name, count]) => <Chip key={name} tone="outline">{t(`class.${name}`)}: {number(count)}</Chip>)}</div>
    </div>
  );
}

function Retention() {
  const { t } = useTranslation();
  const explain = useProblem();
  const tell = useTell();
  const queries = useQueryClient();
  const fresh = useFresh();
  const [until, setUntil] = useState(() => new Date().toISOString().slice(0, 10));
  const runs = useQuery({ queryKey: ["retention"], queryFn: () => ask(api.GET("/api/v1/retention")) });
  const simulate = useMutation({ mutationFn: () => ask(api.POST("/api/v1/retention/simulation", { body: { day: until } })) });
  const decide = (id: string, approve: boolean) => fresh.run(async () => {
    await ask(api.POST("/api/v1/retention/{id}/decision", { params: { path: { id } }, body: { approve } }));
    tell(t(approve ? "retention.approved" : "retention.dropped"));
    await queries.invalidateQueries({ queryKey: ["retention"] });
  });
  return (
    <div className="stack wide">
      {fresh.trouble !== undefined && <Note tone="bad">{fresh.trouble}</Note>}
      <Panel title={t("retention.simulate")}>
        <form className="stack" onSubmit={(event) => { event.preventDefault(); simulate.mutate(); }}>
          <p className="soft">{t("retention.simulateText")}</p>
          <div className="row"><Input label={t("retention.day")} type="date" required value={until} onChange={(event) => setUntil(event.target.value)} /><Button kind="primary" type="submit" busy={simulate.isPending}>{t("retention.go")}</Button></div>
          {simulate.isError && <Note tone="bad">{explain(simulate.error)}</Note>}
          {simulate.data !== undefined && <Plan plan={simulate.data} />}
        </form>
      </Panel>
      <Panel title={t("retention.runs")} flush>
        {runs.isPending ? <div className="body"><Loading /></div> : runs.isError ? <div className="body"><Note tone="bad">{explain(runs.error)}</Note></div>
          : runs.data.runs.length === 0 ? <Empty title={t("retention.none")}><p>{t("retention.noneText")}</p></Empty>
            : runs.data.runs.map((run) => (
              <div key={run.id} className="line">
                <div className="stack tight"><span className="small soft">{time(run.made_at)}</span><span><Chip tone={run.state === "done" ? "good" : run.state === "waiting" ? "warn" : ""}>{t(`retention.state.${run.state}`)}</Chip></span></div>
                <div className="stack tight">
                  <Plan plan={run.plan} />
                  <div className="row">
                    {run.state === "waiting" && <><Button small kind="danger" onClick={() => decide(run.id, true)}>{t("retention.approve")}</Button><Button small onClick={() => decide(run.id, false)}>{t("retention.drop")}</Button></>}
                    {run.state === "done" && <a className="button small" href={`/api/v1/retention/${run.id}/certificate`} download={`destruction-${run.plan.day}.json`}>{t("retention.certificate")}</a>}
                  </div>
                </div>
              </div>
            ))}
      </Panel>
      {fresh.dialog}
    </div>
  );
}

export function Lawful() {
  const { t } = useTranslation();
  const [tab, setTab] = useState<"notices" | "opinions" | "retention" | "laws">("notices");
  return (
    <Page title={t("lawful.title")} lead={t("lawful.lead")}>
      <Tabs label={t("lawful.title")} value={tab} onChange={setTab} tabs={[
        { id: "notices", name: t("notices.title") },
        { id: "opinions", name: t("opinions.title") },
        { id: "retention", name: t("retention.title") },
        { id: "laws", name: t("laws.title") },
      ]} />
      {tab === "notices" ? <Notices /> : tab === "opinions" ? <Opinions /> : tab === "retention" ? <Retention /> : <Laws />}
    </Page>
  );
}
