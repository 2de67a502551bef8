// Accountability: what has to be assessed before it runs, the record of processing, decisions of
// machines, and who answers for what.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { api, ask, type Schemas } from "../../api/client";
import { Button, Chip, Dialog, Empty, Loading, Note, Page, Panel, Select, Tabs, Textarea } from "../../ui/basics";
import { both, day, time } from "../../ui/language";
import { useFresh } from "../fresh";
import { usePeopleNames } from "../names";
import { useWork } from "../session";
import { useProblem, useTell } from "../toasts";

type Assessment = Schemas["Assessment"];
type Risk = Schemas["AssessedRisk"];
type Duty = Schemas["Duty"];

const kEvents = ["illegitimate_access", "unwanted_change", "disappearance"] as const;
const kSteps = { draft: "submit", opinion: "opinion", consult: "consult", decide: "decide", sign: "sign" } as const;
const kOrder = ["draft", "opinion", "consult", "decide", "sign", "signed"] as const;

export function useAssessments(enabled = true) {
  return useQuery({ queryKey: ["assessments"], queryFn: () => ask(api.GET("/api/v1/assessments")), enabled });
}
export function useDuties() {
  return useQuery({ queryKey: ["duties"], queryFn: () => ask(api.GET("/api/v1/duties")) });
}

function usePurposeName() {
  const { catalog } = useWork();
  return (id: string) => both(catalog.purposes.find((one) => one.id === id)?.name) || id;
}

const stateTone = (state: string, required: boolean) => (state === "signed" ? "good" : required ? "bad" : "warn");

function Assessments() {
  const { t } = useTranslation();
  const { can } = useWork();
  const explain = useProblem();
  const queries = useQueryClient();
  const purposeName = usePurposeName();
  const all = useAssessments();
  const start = useMutation({
    mutationFn: (purpose: string) => ask(api.POST("/api/v1/assessments", { body: { purpose } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["assessments"] }),
  });
  if (all.isPending) return <Panel><Loading /></Panel>;
  if (all.isError) return <Note tone="bad">{explain(all.error)}</Note>;
  const open = (purpose: string) => all.data.assessments.find((one) => one.purpose === purpose && one.state !== "signed" && one.state !== "refused");
  return (
    <div className="stack wide">
      {start.isError && <Note tone="bad">{explain(start.error)}</Note>}
      <Panel title={t("assess.needs")} flush>
        <div className="table-wrap" tabIndex={0}>
          <table className="table cards">
            <thead><tr><th>{t("why.purpose")}</th><th>{t("assess.because")}</th><th>{t("assess.stateLabel")}</th><th className="right" /></tr></thead>
            <tbody>
              {all.data.needs.map((need) => {
                const running = open(need.purpose);
                return (
                  <tr key={need.purpose}>
                    <td className="strong">{purposeName(need.purpose)}</td>
                    <td><div className="row">{need.activities.map((activity) => <Chip key={activity} tone="outline">{t(`assess.activity.${activity}`)}</Chip>)}</div><div className="small soft">{need.rules.join(", ")}</div></td>
                    <td><Chip tone={stateTone(need.state, need.required)}>{t(`assess.state.${need.state}`)}</Chip> {need.required && need.state !== "signed" && <div className="small">{t("assess.stopped")}</div>}</td>
                    <td className="right nowrap">
                      {running !== undefined ? <Link href={`/accountability/${running.id}`}>{t("assess.goOn")}</Link>
                        : can("assessments.write") && need.state !== "signed" ? <Button small onClick={() => start.mutate(need.purpose)} busy={start.isPending}>{t("assess.start")}</Button>
                          : need.current !== null && <Link href={`/accountability/${need.current}`}>{t("assess.read")}</Link>}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      </Panel>
      {all.data.assessments.length > 0 && (
        <Panel title={t("assess.all")} flush>
          {all.data.assessments.map((one) => (
            <div key={one.id} className="line"><span className="small soft">{day(one.created_at)}</span><span className="row between"><Link href={`/accountability/${one.id}`}>{purposeName(one.purpose)}</Link><Chip tone={one.state === "signed" ? "good" : "outline"}>{t(`assess.state.${one.state}`)}</Chip></span></div>
          ))}
        </Panel>
      )}
    </div>
  );
}

function Scale({ label, value, disabled, onChange }: { label: string; value: number; disabled: boolean; onChange: (value: number) => void }) {
  const { t } = useTranslation();
  return <Select label={label} value={value} disabled={disabled} onChange={(event) => onChange(Number(event.target.value))}>{[1, 2, 3, 4].map((one) => <option key={one} value={one}>{one} · {t(`assess.scale.${one}`)}</option>)}</Select>;
}

function whole(risks: Risk[]): Risk[] {
  return kEvents.map((event) => risks.find((risk) => risk.event === event) ?? { event, severity: 3, likelihood: 2, severity_after: 2, likelihood_after: 1, measures: "" });
}

function Draft({ one }: { one: Assessment }) {
  const { t } = useTranslation();
  const { can } = useWork();
  const explain = useProblem();
  const tell = useTell();
  const queries = useQueryClient();
  const [text, setText] = useState({ necessity: one.necessity, proportionality: one.proportionality, measures: one.measures, authority: one.authority });
  const [risks, setRisks] = useState<Risk[]>(() => whole(one.risks));
  const locked = one.state !== "draft" || !can("assessments.write");
  const save = useMutation({
    mutationFn: () => ask(api.PUT("/api/v1/assessments/{id}", { params: { path: { id: one.id } }, body: { ...text, risks } })),
    onSuccess: () => {
      tell(t("assess.saved"));
      return queries.invalidateQueries({ queryKey: ["assessments"] });
    },
  });
  const setRisk = (event: string, more: Partial<Risk>) => setRisks(risks.map((risk) => (risk.event === event ? { ...risk, ...more } : risk)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className="stack wide" onSubmit={submit}>
      {save.isError && <Note tone="bad">{explain(save.error)}</Note>}
      <Panel title={t("assess.text")}>
        <div className="stack">
          {(["necessity", "proportionality", "measures"] as const).map((part) => <Textarea key={part} label={t(`assess.${part}`)} hint={t(`assess.${part}Hint`)} rows={3} maxLength={8000} disabled={locked} value={text[part]} onChange={(event) => setText({ ...text, [part]: event.target.value })} />)}
        </div>
      </Panel>
      {risks.map((risk) => (
        <Panel key={risk.event} title={<span className="row">{t(`assess.event.${risk.event}`)} {risk.severity_after >= 3 && risk.likelihood_after >= 3 ? <Chip tone="bad">{t("assess.high")}</Chip> : null}</span>}>
          <div className="stack">
            <div className="grid slim">
              <Scale label={t("assess.severity")} value={risk.severity} disabled={locked} onChange={(severity) => setRisk(risk.event, { severity })} />
              <Scale label={t("assess.likelihood")} value={risk.likelihood} disabled={locked} onChange={(likelihood) => setRisk(risk.event, { likelihood })} />
              <Scale label={t("assess.severityAfter")} value={risk.severity_after} disabled={locked} onChange={(severity_after) => setRisk(risk.event, { severity_after })} />
              <Scale label={t("assess.likelihoodAfter")} value={risk.likelihood_after} disabled={locked} onChange={(likelihood_after) => setRisk(risk.event, { likelihood_after })} />
            </div>
            <Textarea label={t("assess.against")} rows={2} maxLength={8000} disabled={locked} value={risk.measures} onChange={(event) => setRisk(risk.event, { measures: event.target.value })} />
          </div>
        </Panel>
      ))}
      {risks.some((risk) => risk.severity_after >= 3 && risk.likelihood_after >= 3) && <Panel title={t("assess.authority")}><Textarea label={t("assess.authority")} hint={t("assess.authorityHint")} rows={2} disabled={locked} value={text.authority} onChange={(event) => setText({ ...text, authority: event.target.value })} /></Panel>}
      {!locked && <div><Button type="submit" kind="primary" busy={save.isPending}>{t("common.save")}</Button></div>}
    </form>
  );
}

export function AssessmentPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const { can, me, field } = useWork();
  const explain = useProblem();
  const nameOf = usePeopleNames();
  const purposeName = usePurposeName();
  const queries = useQueryClient();
  const fresh = useFresh();
  const [text, setText] = useState("");
  const read = useQuery({ queryKey: ["assessments", id], queryFn: () => ask(api.GET("/api/v1/assessments/{id}", { params: { path: { id } } })) });
  if (read.isPending) return <Page title={t("assess.title")}><Panel><Loading /></Panel></Page>;
  if (read.isError) return <Page title={t("assess.title")}><Panel><Empty title={t("problem.title")}><p>{explain(read.error)}</p></Empty></Panel></Page>;
  const one = read.data;
  const step = one.state in kSteps ? kSteps[one.state as keyof typeof kSteps] : undefined;
  const writer = one.steps.findLast((done) => done.what === "submit")?.by;
  const mayStep = step !== undefined && (step === "submit" ? can("assessments.write") : can("assessments.sign") && writer !== me.user.id);
  const act = (yes: boolean) => fresh.run(async () => {
    await ask(api.POST("/api/v1/assessments/{id}/steps", { params: { path: { id } }, body: { step: step!, yes, text } }));
    setText("");
    await queries.invalidateQueries({ queryKey: ["assessments"] });
  });
  const snapshot = one.snapshot as { fields?: string[]; bases?: string[]; retention?: string; automated?: boolean; recipients?: { code: string; countries: string[] }[] };
  return (
    <Page title={purposeName(one.purpose)} lead={t("assess.lead")} actions={<>{one.kinds.map((kind) => <Chip key={kind} tone="outline">{t(`assess.kind.${kind}`)}</Chip>)}<Chip tone={one.state === "signed" ? "good" : one.state === "refused" ? "bad" : "warn"}>{t(`assess.state.${one.state}`)}</Chip></>}>
      {fresh.trouble !== undefined && <Note tone="bad">{fresh.trouble}</Note>}
      <ol className="row steps">{kOrder.map((state) => <li key={state}><Chip tone={one.state === state ? "good" : "outline"}>{t(`assess.state.${state}`)}</Chip></li>)}</ol>
      <Panel title={t("assess.snapshot")}>
        <div className="stack tight">
          <p className="small">{(snapshot.fields ?? []).map((name) => both(field(name)?.name) || name).join(", ")}</p>
          <div className="row">{(snapshot.bases ?? []).map((basis) => <Chip key={basis} tone="outline">{t(`basis.${basis}`)}</Chip>)}{snapshot.automated === true && <Chip tone="warn">{t("assess.activity.automated_decision")}</Chip>}{(snapshot.recipients ?? []).map((recipient) => <Chip key={recipient.code} tone="outline">{recipient.code} ({recipient.countries.join(", ")})</Chip>)}</div>
          <p className="small soft">{t("assess.hash")}: <code>{one.snapshot_hash.slice(0, 16)}</code></p>
        </div>
      </Panel>
      <Draft key={one.state} one={one} />
      {step !== undefined && (
        <Panel title={t(`assess.step.${step}`)}>
          <div className="stack">
            <p className="soft">{t(`assess.stepText.${step}`)}</p>
            {!mayStep && <Note>{t(writer === me.user.id ? "assess.notByWriter" : "assess.notYours")}</Note>}
            {mayStep && <>
              {(step === "opinion" || step === "consult" || step === "decide") && <Textarea label={t("assess.words")} rows={3} minLength={10} maxLength={8000} value={text} onChange={(event) => setText(event.target.value)} />}
              <div className="row"><Button kind="primary" onClick={() => act(true)}>{t(`assess.yes.${step}`)}</Button>{(step === "opinion" || step === "decide") && <Button kind="danger" onClick={() => act(false)}>{t(`assess.no.${step}`)}</Button>}</div>
            </>}
          </div>
        </Panel>
      )}
      <Panel title={t("rights.steps")} flush>
        {one.steps.filter((done) => done.what !== "write").map((done, i) => (
          <div key={i} className="line"><span className="small soft">{time(done.at)}</span><span>{t(`assess.done.${done.what}`)} {!done.yes && <Chip tone="bad">{t("assess.against_it")}</Chip>} <span className="small soft">{nameOf(done.by)}</span>{done.text !== "" && <p className="break">“{done.text}”</p>}</span></div>
        ))}
      </Panel>
      {fresh.dialog}
    </Page>
  );
}

function Record() {
  const { t } = useTranslation();
  const explain = useProblem();
  const frozen = useQuery({ queryKey: ["records", "frozen"], queryFn: () => ask(api.GET("/api/v1/records/frozen")) });
  return (
    <div className="stack wide">
      <Panel title={t("records.now")}>
        <div className="stack">
          <p className="soft">{t("records.lead")}</p>
          <div className="row">
            <a className="button primary" href="/api/v1/records?format=csv" download="processing-record.csv">CSV</a>
            <a className="button" href="/api/v1/records" download="processing-record.json">JSON</a>
            <a className="button" href="/api/v1/records?format=dpv" download="processing-record.jsonld">{t("records.dpv")}</a>
          </div>
        </div>
      </Panel>
      <Panel title={t("records.frozen")} flush>
        {frozen.isPending ? <div className="body"><Loading /></div> : frozen.isError ? <div className="body"><Note tone="bad">{explain(frozen.error)}</Note></div>
          : frozen.data.frozen.length === 0 ? <Empty title={t("records.none")} /> : frozen.data.frozen.map((one) => (
            <div key={one.month} className="line"><span className="small soft">{time(one.frozen_at)}</span><span className="row between"><span><a href={`/api/v1/records/frozen/${one.month}`} download={`processing-record-${one.month}.json`}>{one.month}</a> <code className="small soft break">{one.hash}</code></span></span></div>
          ))}
      </Panel>
    </div>
  );
}

function Decisions() {
  const { t } = useTranslation();
  const { field } = useWork();
  const explain = useProblem();
  const purposeName = usePurposeName();
  const known = useQuery({ queryKey: ["decisions"], queryFn: () => ask(api.GET("/api/v1/decisions")), staleTime: Infinity });
  if (known.isPending) return <Panel><Loading /></Panel>;
  if (known.isError) return <Note tone="bad">{explain(known.error)}</Note>;
  if (known.data.decisions.length === 0) return <Panel><Empty title={t("decisions.none")} /></Panel>;
  return (
    <div className="stack wide">
      {known.data.decisions.map((one) => (
        <Panel key={one.id} title={<span className="row">{both(one.name)} {one.solely_automated && <Chip tone="warn">{t("decisions.alone")}</Chip>}{one.significant_effect && <Chip tone="warn">{t("decisions.matters")}</Chip>}</span>}>
          <div className="stack tight">
            <p>{both(one.logic)}</p>
            <p className="small soft">{purposeName(one.purpose)} · {t("decisions.inputs")}: {one.inputs.map((id) => both(field(id)?.name) || id).join(", ")}</p>
            <div className="row">{one.outcomes.map((outcome) => <Chip key={outcome.id} tone={outcome.adverse ? "bad" : "good"}>{both(outcome.text)}</Chip>)}</div>
            <ul className="small">{one.reasons.map((reason) => <li key={reason.id}>{both(reason.text)} <code className="soft">{reason.id}</code></li>)}</ul>
          </div>
        </Panel>
      ))}
    </div>
  );
}

function DutyDialog({ duty, what, onDone, onCancel }: { duty: Duty; what: "assign" | "review"; onDone: () => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const { catalog, can } = useWork();
  const explain = useProblem();
  const people = useQuery({ queryKey: ["people"], queryFn: () => ask(api.GET("/api/v1/people")), enabled: can("people.read") });
  const [owner, setOwner] = useState(duty.owner);
  const [every, setEvery] = useState(duty.every);
  const [note, setNote] = useState("");
  const save = useMutation({
    mutationFn: () => what === "assign" ? ask(api.PUT("/api/v1/duties/{id}", { params: { path: { id: duty.id } }, body: { owner, every } })) : ask(api.POST("/api/v1/duties/{id}/review", { params: { path: { id: duty.id } }, body: { note } })),
    onSuccess: onDone,
  });
  return (
    <form onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
      <h2>{t(`duties.${what}`)}: {duty.ref}</h2>
      {save.isError && <Note tone="bad">{explain(save.error)}</Note>}
      {what === "assign" ? <>
        <Select label={t("duties.owner")} value={owner} onChange={(event) => setOwner(event.target.value)}>
          <optgroup label={t("duties.roles")}>{catalog.roles.filter((role) => role.assignable).map((role) => <option key={role.id} value={role.id}>{both(role.name)}</option>)}</optgroup>
          <optgroup label={t("duties.people")}>{(people.data?.people ?? []).filter((person) => person.state === "active").map((person) => <option key={person.id} value={person.id}>{person.name}</option>)}</optgroup>
        </Select>
        <Select label={t("duties.every")} value={every} onChange={(event) => setEvery(event.target.value)}>{["P1M", "P3M", "P6M", "P12M", "P24M"].map((period) => <option key={period} value={period}>{t(`period.${period}`)}</option>)}</Select>
      </> : <Textarea label={t("duties.note")} hint={t("duties.noteHint")} required minLength={10} maxLength={2000} value={note} onChange={(event) => setNote(event.target.value)} />}
      <div className="row"><Button kind="primary" type="submit" busy={save.isPending}>{t("common.save")}</Button><Button kind="quiet" onClick={onCancel}>{t("common.cancel")}</Button></div>
    </form>
  );
}

// A state of the United States has no word of its own in the locales; the browser knows them not either.
function usePlaceName(): (code: string) => string {
  const { t, i18n } = useTranslation();
  const regions = new Intl.DisplayNames([i18n.language], { type: "region" });
  return (code) => t(`jurisdiction.${code}`, { defaultValue: code.startsWith("US-") ? `${regions.of("US") ?? "US"} · ${code.slice(3)}` : (regions.of(code) ?? code) });
}

function Duties() {
  const { t } = useTranslation();
  const { can, catalog } = useWork();
  const explain = useProblem();
  const nameOf = usePeopleNames();
  const purposeName = usePurposeName();
  const placeName = usePlaceName();
  const queries = useQueryClient();
  const [open, setOpen] = useState<{ duty: Duty; what: "assign" | "review" }>();
  const duties = useDuties();
  if (duties.isPending) return <Panel><Loading /></Panel>;
  if (duties.isError) return <Note tone="bad">{explain(duties.error)}</Note>;
  if (duties.data.duties.length === 0) return <Panel><Empty title={t("duties.none")} /></Panel>;
  const ownerName = (owner: string) => both(catalog.roles.find((role) => role.id === owner)?.name) || nameOf(owner);
  const thing = (duty: Duty) => {
    if (duty.kind === "purpose") return purposeName(duty.ref);
    if (duty.kind === "dataset") return t(`class.${duty.ref}`);
    const [part = "", name = ""] = duty.ref.split(":");
    if (duty.kind !== "policy") return duty.ref;
    return t(`duties.part.${part}`, { name: part === "laws" ? placeName(name) : name, defaultValue: duty.ref });
  };
  const kinds = [...new Set(duties.data.duties.map((duty) => duty.kind))];
  return (
    <Panel flush>
      <div className="table-wrap" tabIndex={0}>
        <table className="table cards">
          <thead><tr><th>{t("duties.what")}</th><th>{t("duties.owner")}</th><th>{t("duties.due")}</th><th>{t("duties.last")}</th><th className="right" /></tr></thead>
          {kinds.map((kind) => <tbody key={kind}>
            <tr className="group"><th scope="rowgroup" colSpan={5}>{t(`duties.kind.${kind}`)}</th></tr>
            {duties.data.duties.filter((duty) => duty.kind === kind).map((duty) => (
              <tr key={duty.id}>
                <td><span className="strong">{thing(duty)}</span></td>
                <td>{ownerName(duty.owner)}</td>
                <td className="nowrap">{duty.due} {duty.overdue && <Chip tone="bad">{t("duties.overdue")}</Chip>}<div className="small soft">{t(`period.${duty.every}`, { defaultValue: duty.every })}</div></td>
                <td className="small">{duty.reviewed_at === null ? <span className="soft">{t("duties.never")}</span> : <>{day(duty.reviewed_at)} · {nameOf(duty.reviewed_by ?? "")}<div className="soft">{duty.note}</div></>}</td>
                <td className="right nowrap"><Button small onClick={() => setOpen({ duty, what: "review" })}>{t("duties.review")}</Button>{can("duties.manage") && <Button small kind="quiet" onClick={() => setOpen({ duty, what: "assign" })}>{t("duties.assign")}</Button>}</td>
              </tr>
            ))}
          </tbody>)}
        </table>
      </div>
      <Dialog open={open !== undefined} onClose={() => setOpen(undefined)} label={t("duties.title")}>
        {open !== undefined && <DutyDialog key={open.duty.id + open.what} duty={open.duty} what={open.what} onDone={() => { setOpen(undefined); void queries.invalidateQueries({ queryKey: ["duties"] }); }} onCancel={() => setOpen(undefined)} />}
      </Dialog>
    </Panel>
  );
}

export function Accountability() {
  const { t } = useTranslation();
  const { can } = useWork();
  const [tab, setTab] = useState<"assessments" | "records" | "decisions" | "duties">(can("records.read") ? "assessments" : "duties");
  const all = [
    { id: "assessments" as const, name: t("assess.title"), needs: "records.read" },
    { id: "records" as const, name: t("records.title"), needs: "records.read" },
    { id: "decisions" as const, name: t("decisions.title"), needs: "records.read" },
    { id: "duties" as const, name: t("duties.title"), needs: "" },
  ];
  return (
    <Page title={t("assure.title")} lead={t("assure.lead")}>
      <Tabs label={t("assure.title")} value={tab} onChange={setTab} tabs={all.filter((one) => one.needs === "" || can(one.needs))} />
      {tab === "assessments" ? <Assessments /> : tab === "records" ? <Record /> : tab === "decisions" ? <Decisions /> : <Duties />}
    </Page>
  );
}
