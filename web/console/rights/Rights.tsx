// Requests of people under the law: a board by urgency, and one case from intake to certificate.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { api, ask, type Schemas } from "../../api/client";
import { Button, Check, Chip, Dialog, Empty, Input, Loading, Note, Page, Panel, Reason, Select, Textarea, type Tone } from "../../ui/basics";
import { both, day, number, time } from "../../ui/language";
import { useFresh } from "../fresh";
import { usePeopleNames } from "../names";
import { useWork } from "../session";
import { useProblem, useTell } from "../toasts";

type Case = Schemas["RightsCase"];
type Process = Schemas["RightsProcess"];
type Right = Schemas["RightWord"];
const kRights: Right[] = ["access", "portability", "rectify", "erase", "restrict", "object", "human_review"];
const kReasons = ["legal_duty", "legal_claim", "rights_of_others", "unfounded", "excessive", "identity_unproven", "not_held", "contract_needs_it", "no_such_right"] as const;
const phaseTone: Record<string, Tone> = { green: "good", amber: "warn", red: "bad", overdue: "bad", paused: "", met: "" };

export const useRights = (enabled: boolean) => useQuery({ queryKey: ["rights"], queryFn: () => ask(api.GET("/api/v1/rights")), enabled });

function Due({ process }: { process: Process }) {
  const { t } = useTranslation();
  if (process.due_at === null) return <Chip>{t(`rights.state.${process.state}`)}</Chip>;
  return (
    <span className="row">
      <Chip tone={phaseTone[process.phase ?? ""] ?? ""}>{t(`rights.phase.${process.phase ?? "green"}`)}</Chip>
      <span className="nowrap">{t("rights.due", { day: day(process.due_at) })}</span>
    </span>
  );
}

function TakeIn({ onDone, onCancel }: { onDone: (id: string) => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const [rights, setRights] = useState<Right[]>(["access"]);
  const [channel, setChannel] = useState<"desk" | "phone" | "mail" | "paper">("mail");
  const [text, setText] = useState("");
  const [customer, setCustomer] = useState("");
  const reading = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/rights/reading", { body: { text } })),
    onSuccess: (read) => {
      if (read.rights.length > 0) setRights(read.rights.filter((right) => right !== "rectify"));
      if (read.customers.length === 1) setCustomer(read.customers[0] ?? "");
    },
  });
  const take = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/rights", { body: { rights, channel, text, ...(customer.trim() === "" ? {} : { customer: customer.trim() }) } })),
    onSuccess: (one) => onDone(one.id),
  });
  return (
    <form onSubmit={(event) => { event.preventDefault(); take.mutate(); }}>
      <h2>{t("rights.takeIn")}</h2>
      {take.isError && <Note tone="bad">{explain(take.error)}</Note>}
      <Textarea label={t("rights.text")} hint={t("rights.textHint")} rows={5} value={text} maxLength={4000} onChange={(event) => setText(event.target.value)} />
      <div className="row">
        <Button small type="button" busy={reading.isPending} disabled={text.trim() === ""} onClick={() => reading.mutate()}>{t("rights.read")}</Button>
        {reading.isError && <span className="small">{explain(reading.error)}</span>}
        {reading.isSuccess && <span role="status" className="small soft">{t("rights.readFound", { rights: reading.data.rights.length === 0 ? t("rights.readNothing") : reading.data.rights.map((right) => t(`rights.right.${right}`)).join(", "), count: reading.data.customers.length })}</span>}
      </div>
      <fieldset className="stack tight plain">
        <legend className="small strong">{t("rights.which")}</legend>
        {kRights.filter((right) => right !== "rectify").map((right) => (
          <Check key={right} label={t(`rights.right.${right}`)} checked={rights.includes(right)} onChange={(event) => setRights((now) => (event.target.checked ? [...now, right] : now.filter((one) => one !== right)))} />
        ))}
      </fieldset>
      <Select label={t("authorizations.channel")} value={channel} onChange={(event) => setChannel(event.target.value as typeof channel)}>
        {(["mail", "phone", "desk", "paper"] as const).map((one) => <option key={one} value={one}>{t(`authorizations.by.${one}`)}</option>)}
      </Select>
      <Input label={t("rights.customerId")} hint={t("rights.customerHint")} value={customer} onChange={(event) => setCustomer(event.target.value)} />
      <div className="row"><Button kind="primary" type="submit" busy={take.isPending} disabled={rights.length === 0}>{t("rights.take")}</Button><Button kind="quiet" onClick={onCancel}>{t("common.cancel")}</Button></div>
    </form>
  );
}

export function Rights() {
  const { t } = useTranslation();
  const explain = useProblem();
  const [, go] = useLocation();
  const [taking, setTaking] = useState(false);
  const rights = useRights(true);
  const cases = rights.data?.cases ?? [];
  return (
    <Page title={t("rights.title")} lead={t("rights.lead")} actions={<Button kind="primary" onClick={() => setTaking(true)}>{t("rights.takeIn")}</Button>}>
      <Panel flush>
        {rights.isPending ? <div className="body"><Loading /></div>
          : rights.isError ? <div className="body"><Note tone="bad">{explain(rights.error)}</Note></div>
            : cases.length === 0 ? <Empty title={t("rights.none")}><p>{t("rights.noneText")}</p></Empty> : (
              <div className="table-wrap" tabIndex={0}>
                <table className="table cards">
                  <thead><tr><th>{t("rights.number")}</th><th>{t("rights.asked")}</th><th>{t("rights.when")}</th><th>{t("rights.received")}</th><th>{t("rights.laws")}</th></tr></thead>
                  <tbody>
                    {cases.map((one) => (
                      <tr key={one.id}>
                        <td className="strong"><Link href={`/rights/${one.id}`}>{one.number}</Link></td>
                        <td>{one.processes.map((process) => <span key={process.right} className="row">{t(`rights.right.${process.right}`)} <Chip tone="outline">{t(`rights.state.${process.state}`)}</Chip></span>)}</td>
                        <td>{one.closed_at !== null ? <span className="soft">{t("rights.closed", { day: day(one.closed_at) })}</span> : one.processes.filter((process) => process.due_at !== null).slice(0, 1).map((process) => <Due key={process.right} process={process} />)}</td>
                        <td className="nowrap">{time(one.received_at)} <span className="small soft">{one.channel}</span></td>
                        <td>{one.regimes.map((regime) => <Chip key={regime} tone="outline">{regime}</Chip>)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
      </Panel>
      <Dialog open={taking} onClose={() => setTaking(false)} label={t("rights.takeIn")}>
        {taking && <TakeIn onDone={(id) => go(`/rights/${id}`)} onCancel={() => setTaking(false)} />}
      </Dialog>
    </Page>
  );
}

function Identify({ one, onDone, onCancel }: { one: Case; onDone: () => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const [tier, setTier] = useState(2);
  const [method, setMethod] = useState("");
  const [customer, setCustomer] = useState("");
  const identify = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/rights/{id}/identity", { params: { path: { id: one.id } }, body: { tier, method, ...(one.customer === null ? { customer: customer.trim() } : {}) } })),
    onSuccess: onDone,
  });
  return (
    <form onSubmit={(event) => { event.preventDefault(); identify.mutate(); }}>
      <h2>{t("rights.identify")}</h2>
      <p className="soft">{t("rights.identifyText")}</p>
      {identify.isError && <Note tone="bad">{explain(identify.error)}</Note>}
      {one.customer === null && <Input label={t("rights.customerId")} required value={customer} onChange={(event) => setCustomer(event.target.value)} />}
      <Select label={t("rights.tier")} value={tier} onChange={(event) => setTier(Number(event.target.value))}>
        {[1, 2, 3, 4].map((number) => <option key={number} value={number}>{t(`rights.tiers.${number}`)}</option>)}
      </Select>
      <Input label={t("rights.method")} required minLength={3} maxLength={80} value={method} onChange={(event) => setMethod(event.target.value)} />
      <div className="row"><Button kind="primary" type="submit" busy={identify.isPending}>{t("rights.identifyGo")}</Button><Button kind="quiet" onClick={onCancel}>{t("common.cancel")}</Button></div>
    </form>
  );
}

function Decide({ one, process, onDone, onCancel }: { one: Case; process: Process; onDone: () => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const [outcome, setOutcome] = useState<"full" | "partial" | "refused">("full");
  const [reason, setReason] = useState<(typeof kReasons)[number]>("legal_duty");
  const [words, setWords] = useState("");
  const decide = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/rights/{id}/decision", { params: { path: { id: one.id } }, body: { right: process.right, outcome, ...(outcome === "full" ? {} : { reason, words }) } })),
    onSuccess: onDone,
  });
  return (
    <form onSubmit={(event) => { event.preventDefault(); decide.mutate(); }}>
      <h2>{t("rights.decide")}: {t(`rights.right.${process.right}`)}</h2>
      {decide.isError && <Note tone="bad">{explain(decide.error)}</Note>}
      <Select label={t("rights.outcome")} value={outcome} onChange={(event) => setOutcome(event.target.value as typeof outcome)}>
        {(["full", "partial", "refused"] as const).map((word) => <option key={word} value={word}>{t(`rights.outcomes.${word}`)}</option>)}
      </Select>
      {outcome !== "full" && <>
        <Select label={t("rights.reason")} value={reason} onChange={(event) => setReason(event.target.value as typeof reason)}>
          {kReasons.map((word) => <option key={word} value={word}>{t(`rights.reasons.${word}`)}</option>)}
        </Select>
        <Reason label={t("rights.words")} maxLength={4000} value={words} onReason={setWords} />
      </>}
      <div className="row"><Button kind="primary" type="submit" busy={decide.isPending}>{t("rights.decideGo")}</Button><Button kind="quiet" onClick={onCancel}>{t("common.cancel")}</Button></div>
    </form>
  );
}

function Clock({ one, process, onDone, onCancel }: { one: Case; process: Process; onDone: () => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const paused = process.clocks.some((clock) => clock.paused);
  const mayPause = [...new Set(process.clocks.filter((clock) => clock.met_at === null).flatMap((clock) => clock.may_pause))];
  const mayExtend = process.clocks.some((clock) => clock.may_extend && clock.met_at === null);
  const [pause, setPause] = useState(mayPause[0] ?? "");
  const [why, setWhy] = useState("");
  const [told, setTold] = useState(false);
  const turn = useMutation({
    mutationFn: (body: { act: "pause" | "resume" | "extend"; reason: string; told: boolean }) => ask(api.POST("/api/v1/rights/{id}/clock", { params: { path: { id: one.id } }, body: { right: process.right, ...body } })),
    onSuccess: onDone,
  });
  const extend = (event: FormEvent) => {
    event.preventDefault();
    turn.mutate({ act: "extend", reason: why, told });
  };
  return (
    <form onSubmit={extend}>
      <h2>{t("rights.clock")}</h2>
      <p className="soft">{t("rights.clockText")}</p>
      {turn.isError && <Note tone="bad">{explain(turn.error)}</Note>}
      <ul className="stack tight">
        {process.clocks.map((clock) => <li key={clock.rule} className="small"><Chip tone={clock.met_at !== null ? "good" : "outline"}>{t(`rights.task.${clock.task}`)}</Chip> {clock.cite}{clock.met_at !== null && ` · ${time(clock.met_at)}`}{clock.extended && ` · ${t("rights.extended")}`}</li>)}
      </ul>
      {paused ? <div><Button onClick={() => turn.mutate({ act: "resume", reason: "", told: false })} busy={turn.isPending}>{t("rights.resume")}</Button></div>
        : mayPause.length > 0 ? (
          <div className="row">
            <select className="select slim" aria-label={t("rights.pause")} value={pause} onChange={(event) => setPause(event.target.value)}>{mayPause.map((reason) => <option key={reason} value={reason}>{t(`rights.pauses.${reason}`)}</option>)}</select>
            <Button onClick={() => turn.mutate({ act: "pause", reason: pause, told: false })} busy={turn.isPending}>{t("rights.pause")}</Button>
          </div>
        ) : <p className="small soft">{t("rights.noPause")}</p>}
      {mayExtend ? <>
        <Input label={t("rights.extendWhy")} required minLength={2} maxLength={80} value={why} onChange={(event) => setWhy(event.target.value)} />
        <Check label={t("rights.told")} checked={told} onChange={(event) => setTold(event.target.checked)} />
        <div className="row"><Button kind="primary" type="submit" busy={turn.isPending}>{t("rights.extend")}</Button></div>
      </> : <p className="small soft">{t("rights.noExtend")}</p>}
      <div><Button kind="quiet" onClick={onCancel}>{t("common.close")}</Button></div>
    </form>
  );
}

// A recipient who was given something is told, and the proof is kept.
function TaskLine({ id, task, onDone }: { id: string; task: Schemas["CaseTask"]; onDone: () => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const [evidence, setEvidence] = useState("");
  const close = useMutation({ mutationFn: () => ask(api.POST("/api/v1/rights/{id}/tasks", { params: { path: { id } }, body: { recipient: task.recipient, evidence } })), onSuccess: onDone });
  return (
    <div className="line">
      <span className="small soft">{time(task.made_at)}</span>
      <div className="stack tight">
        <span>{t("rights.tell", { name: task.code, right: t(`rights.right.${task.right}`) })} {task.done_at !== null && <Chip tone="good">{t("rights.toldOn", { time: time(task.done_at) })}</Chip>}</span>
        {task.evidence !== "" && <span className="small soft break">{task.evidence}</span>}
        {close.isError && <Note tone="bad">{explain(close.error)}</Note>}
        {task.done_at === null && <form className="row" onSubmit={(event) => { event.preventDefault(); close.mutate(); }}><input className="input slim" aria-label={t("rights.evidence")} placeholder={t("rights.evidence")} required minLength={3} maxLength={200} value={evidence} onChange={(event) => setEvidence(event.target.value)} /><Button small type="submit" busy={close.isPending}>{t("rights.tellDone")}</Button></form>}
      </div>
    </div>
  );
}

// What is written about the person, looked through for other people before it is handed over.
function TextReview({ id, onDone }: { id: string; onDone: () => void }) {
  const { t } = useTranslation();
  const { field } = useWork();
  const explain = useProblem();
  const tell = useTell();
  const [words, setWords] = useState<string[]>();
  const [word, setWord] = useState("");
  const texts = useQuery({ queryKey: ["rights", id, "texts"], gcTime: 0, queryFn: () => ask(api.GET("/api/v1/rights/{id}/texts", { params: { path: { id }, header: { "Fiducia-Purpose": "legal_compliance" } } })) });
  const save = useMutation({
    mutationFn: (list: string[]) => ask(api.PUT("/api/v1/rights/{id}/redactions", { params: { path: { id } }, body: { words: list } })),
    onSuccess: () => {
      tell(t("rights.hidden"));
      onDone();
    },
  });
  const now = words ?? texts.data?.words ?? [];
  const add = (one: string) => {
    const clean = one.trim();
    if (clean.length >= 2 && !now.includes(clean)) setWords([...now, clean]);
  };
  return (
    <div className="stack">
      <h2>{t("rights.review")}</h2>
      <p className="soft">{t("rights.reviewText")}</p>
      {texts.isPending && <Loading lines={3} />}
      {(texts.isError || save.isError) && <Note tone="bad">{explain(texts.error ?? save.error)}</Note>}
      {texts.isSuccess && texts.data.texts.length === 0 && <Empty title={t("rights.noTexts")} />}
      {(texts.data?.texts ?? []).map((one, i) => (
        <article key={i} className="stack tight" data-text={one.field}>
          <p className="small soft">{both(field(one.field)?.name)} · {time(one.at)}</p>
          <p className="break">{one.text}</p>
          {one.suggestions.length > 0 && <div className="row">{one.suggestions.map((hint) => <Button key={hint} small type="button" disabled={now.includes(hint)} onClick={() => add(hint)}>{t("rights.hide", { word: hint })}</Button>)}</div>}
        </article>
      ))}
      <form className="row" onSubmit={(event) => { event.preventDefault(); add(word); setWord(""); }}>
        <input className="input slim" aria-label={t("rights.word")} placeholder={t("rights.word")} minLength={2} maxLength={80} value={word} onChange={(event) => setWord(event.target.value)} />
        <Button small type="submit">{t("rights.addWord")}</Button>
      </form>
      <ul className="row" aria-label={t("rights.words_hidden")}>
        {now.map((one) => <li key={one}><Chip tone="outline">{one}</Chip> <Button small kind="quiet" aria-label={t("rights.unhide", { word: one })} onClick={() => setWords(now.filter((other) => other !== one))}>×</Button></li>)}
      </ul>
      <div className="row"><Button kind="primary" busy={save.isPending} disabled={words === undefined} onClick={() => save.mutate(now)}>{t("rights.saveWords")}</Button><Button kind="quiet" onClick={onDone}>{t("common.close")}</Button></div>
    </div>
  );
}

export function RightsCase({ id }: { id: string }) {
  const { t } = useTranslation();
  const { field } = useWork();
  const explain = useProblem();
  const tell = useTell();
  const nameOf = usePeopleNames();
  const queries = useQueryClient();
  const fresh = useFresh();
  const [open, setOpen] = useState<{ what: "identify" | "decide" | "clock" | "texts"; process?: Process }>();
  const one = useQuery({ queryKey: ["rights", id], queryFn: () => ask(api.GET("/api/v1/rights/{id}", { params: { path: { id } } })), gcTime: 0 });
  const again = () => {
    setOpen(undefined);
    void queries.invalidateQueries({ queryKey: ["rights"] });
  };
  if (one.isPending) return <Page title={t("rights.title")}><Panel><Loading /></Panel></Page>;
  if (one.isError) return <Page title={t("rights.title")}><Panel><Empty title={t("customer.refused")}><p>{explain(one.error)}</p></Empty></Panel></Page>;
  const data = one.data;
  const execute = (process: Process) => fresh.run(async () => {
    await ask(api.POST("/api/v1/rights/{id}/execution", { params: { path: { id } }, body: { right: process.right } }));
    tell(t("rights.executed"));
    again();
  });
  return (
    <Page title={data.number} lead={t("rights.came", { time: time(data.received_at), channel: t(`rights.channels.${data.channel}`) })} actions={<>
      {data.regimes.map((regime) => <Chip key={regime} tone="outline">{regime}</Chip>)}
      {data.closed_at !== null && <a className="button small" href={`/api/v1/rights/${id}/certificate`} download={`${data.number}.json`}>{t("rights.certificate")}</a>}
    </>}>
      {fresh.trouble !== undefined && <Note tone="bad">{fresh.trouble}</Note>}
      <Panel title={t("rights.who")} actions={data.closed_at === null ? <Button small onClick={() => setOpen({ what: "identify" })}>{t("rights.identify")}</Button> : undefined}>
        <div className="stack tight">
          <div className="row">{data.customer === null ? <span>{t("rights.unknown")}</span> : <Link href={`/customers/${data.customer}`}>{t("rights.customer")}</Link>} {data.tier === null ? <Chip tone="warn">{t("rights.noTier")}</Chip> : <Chip tone="good">{t(`rights.tiers.${data.tier}`)}</Chip>} <span className="small soft">{data.method}</span></div>
          {data.text !== undefined && data.text !== "" && <p className="break">“{data.text}”</p>}
          {(data.corrections ?? []).map((correction) => <p key={correction.field}>{both(field(correction.field)?.name)}: <span className="strong">{correction.value}</span></p>)}
        </div>
      </Panel>
      {data.processes.map((process) => (
        <Panel key={process.right} title={<span className="row">{t(`rights.right.${process.right}`)} <Chip tone="outline">{t(`rights.state.${process.state}`)}</Chip></span>} actions={<span className="row">
          {process.due_at !== null && <Due process={process} />}
          {data.closed_at === null && process.due_at !== null && <Button small onClick={() => setOpen({ what: "clock", process })}>{t("rights.clock")}</Button>}
          {process.state === "review" && <Button small kind="primary" onClick={() => setOpen({ what: "decide", process })}>{t("rights.decide")}</Button>}
          {process.state === "decided" && <Button small kind={process.right === "erase" ? "danger" : "primary"} onClick={() => execute(process)}>{t("rights.execute")}</Button>}
        </span>}>
          <div className="stack tight">
            {process.outcome !== "open" && <p>{t(`rights.outcomes.${process.outcome}`)}{process.reason !== "" && ` · ${t(`rights.reasons.${process.reason}`)}`}{process.decided_at !== null && <span className="small soft"> · {time(process.decided_at)}</span>}</p>}
            {process.words !== "" && <p className="break">“{process.words}”</p>}
            {process.fetch_until !== null && process.state === "delivered" && <p className="small soft">{t("rights.fetch", { time: time(process.fetch_until) })}</p>}
            {process.right === "erase" && (
              <ul className="stack tight">
                {(process.items.length > 0 ? process.items : (data.plan ?? [])).map((item) => (
                  <li key={item.class} className="row"><Chip tone={item.action === "erase" ? "bad" : "warn"}>{t(`rights.item.${item.action}`)}</Chip><span>{t(`class.${item.class}`)}</span>{item.until !== null && <span className="small soft">{t("rights.until", { day: item.until, law: item.law })}</span>}</li>
                ))}
              </ul>
            )}
          </div>
        </Panel>
      ))}
      {(data.found ?? []).length > 0 && (
        <Panel title={t("rights.found")} actions={data.closed_at === null ? <Button small onClick={() => setOpen({ what: "texts" })}>{t("rights.review")}</Button> : undefined}>
          <ul className="row">{(data.found ?? []).map((place) => <li key={place.place}><Chip tone="outline">{t(`rights.place.${place.place}`)}: {number(place.count)}</Chip></li>)}</ul>
        </Panel>
      )}
      {(data.tasks ?? []).length > 0 && (
        <Panel title={t("rights.tasks")} flush>
          {(data.tasks ?? []).map((task) => <TaskLine key={task.recipient + task.right} id={id} task={task} onDone={again} />)}
        </Panel>
      )}
      <Panel title={t("rights.steps")} flush>
        {(data.steps ?? []).map((step, i) => (
          <div key={i} className="line"><span className="small soft">{time(step.at)}</span><span>{step.right !== "" && `${t(`rights.right.${step.right}`)} · `}{step.what} <span className="small soft">{step.by === null ? "" : nameOf(step.by)}</span></span></div>
        ))}
      </Panel>
      <Dialog open={open?.what === "identify"} onClose={() => setOpen(undefined)} label={t("rights.identify")}>
        {open?.what === "identify" && <Identify one={data} onDone={again} onCancel={() => setOpen(undefined)} />}
      </Dialog>
      <Dialog open={open?.what === "decide"} onClose={() => setOpen(undefined)} label={t("rights.decide")}>
        {open?.what === "decide" && open.process !== undefined && <Decide one={data} process={open.process} onDone={again} onCancel={() => setOpen(undefined)} />}
      </Dialog>
      <Dialog open={open?.what === "clock"} onClose={() => setOpen(undefined)} label={t("rights.clock")}>
        {open?.what === "clock" && open.process !== undefined && <Clock one={data} process={open.process} onDone={again} onCancel={() => setOpen(undefined)} />}
      </Dialog>
      <Dialog open={open?.what === "texts"} onClose={() => setOpen(undefined)} label={t("rights.review")}>
        {open?.what === "texts" && <TextReview id={id} onDone={again} />}
      </Dialog>
      {fresh.dialog}
    </Page>
  );
}
