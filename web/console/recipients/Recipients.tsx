// Who outside of the house is given data: what is in order, what is not, and the cut-off.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { api, ask, type Schemas } from "../../api/client";
import { Button, Check, Chip, Dialog, Empty, Input, Loading, Note, Page, Panel, Select, Textarea } from "../../ui/basics";
import { both, day, number } from "../../ui/language";
import { usePeopleNames } from "../names";
import { useWork } from "../session";
import { useProblem, useTell } from "../toasts";

type Recipient = Schemas["Recipient"];
type NewRecipient = Schemas["NewRecipient"];

const kClauses = ["purpose", "term", "method", "kinds", "measures", "duties", "subprocessors", "return", "audit", "confidentiality", "breach", "rights", "instructions", "no_sale"] as const;
const kWays = ["none_needed", "adequacy", "standard_contract", "certification", "state_assessment", "bcr", "derogation", "consent", "equivalent_system", "reasonable_steps"] as const;

export function useRecipients(enabled = true) {
  return useQuery({ queryKey: ["recipients"], queryFn: () => ask(api.GET("/api/v1/recipients")), enabled });
}

const scoreTone = (score: number) => (score >= 85 ? "good" : score >= 60 ? "warn" : "bad");

function State({ one }: { one: Recipient }) {
  const { t } = useTranslation();
  if (one.state !== "active") return <Chip tone="bad">{t(`recipients.state.${one.state}`)}</Chip>;
  return one.obstacles.some((obstacle) => obstacle.blocks) ? <Chip tone="warn">{t("recipients.stopped")}</Chip> : <Chip tone="good">{t("recipients.inOrder")}</Chip>;
}

function Obstacles({ one }: { one: Recipient }) {
  const { t } = useTranslation();
  if (one.obstacles.length === 0) return <p className="soft">{t("recipients.noObstacle")}</p>;
  return (
    <ul className="stack tight">
      {one.obstacles.map((obstacle) => (
        <li key={obstacle.code + obstacle.rule} className="row">
          <Chip tone={obstacle.blocks ? "bad" : "warn"}>{t(obstacle.blocks ? "recipients.blocks" : "recipients.advises")}</Chip>
          <span>{t(`recipients.obstacle.${obstacle.code}`)}</span>
          <span className="small soft">{obstacle.code === "clauses_missing" ? obstacle.ids.map((id) => t(`recipients.clause.${id}`)).join(", ") : obstacle.ids.join(", ")}{obstacle.rule !== "" && ` · ${obstacle.rule}`}</span>
        </li>
      ))}
    </ul>
  );
}

// A choice of several, in a box that scrolls.
function Several({ legend, all, chosen, onChange }: { legend: string; all: { id: string; name: string }[]; chosen: string[]; onChange: (ids: string[]) => void }) {
  return (
    <fieldset className="stack tight plain choices">
      <legend className="small strong">{legend}</legend>
      {all.map((one) => <Check key={one.id} label={one.name} checked={chosen.includes(one.id)} onChange={(event) => onChange(event.target.checked ? [...chosen, one.id] : chosen.filter((id) => id !== one.id))} />)}
    </fieldset>
  );
}

const kNew: NewRecipient = { code: "", name: "", kind: "processor", services: "", contact: "", owner: "privacy_officer", countries: [], fields: [], purposes: [], agreement: "", signed_on: null, ends_on: null, clauses: [], way: "", subprocessors: [], audit_every: "P12M", keys: [] };

function Form({ one, onDone, onCancel }: { one: Recipient | undefined; onDone: () => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const { catalog } = useWork();
  const explain = useProblem();
  const [body, setBody] = useState<NewRecipient>(() => {
    if (one === undefined) return kNew;
    const { code, name, kind, services, contact, owner, countries, fields, purposes, agreement, signed_on, ends_on, clauses, way, subprocessors, audit_every, keys } = one;
    return { code, name, kind, services, contact, owner, countries, fields, purposes, agreement, signed_on, ends_on, clauses, way, subprocessors, audit_every, keys };
  });
  const [countries, setCountries] = useState((one?.countries ?? []).join(", "));
  const set = (more: Partial<NewRecipient>) => setBody({ ...body, ...more });
  const subs = body.subprocessors ?? [];
  const setSub = (at: number, more: Partial<Schemas["NewSubprocessor"]>) => set({ subprocessors: subs.map((sub, i) => (i === at ? { ...sub, ...more } : sub)) });
  const save = useMutation({
    mutationFn: () => {
      const whole = { ...body, countries: countries.split(/[\s,,]+/).filter((code) => code !== "").map((code) => code.toUpperCase()), signed_on: body.signed_on === "" ? null : body.signed_on ?? null, ends_on: body.ends_on === "" ? null : body.ends_on ?? null };
      return one === undefined ? ask(api.POST("/api/v1/recipients", { body: whole })) : ask(api.PUT("/api/v1/recipients/{id}", { params: { path: { id: one.id } }, body: whole }));
    },
    onSuccess: onDone,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <h2>{one === undefined ? t("recipients.add") : t("recipients.edit")}</h2>
      {save.isError && <Note tone="bad">{explain(save.error)}</Note>}
      <div className="grid">
        <Input label={t("recipients.name")} required maxLength={400} value={body.name} onChange={(event) => set({ name: event.target.value })} />
        <Input label={t("recipients.code")} hint={t("recipients.codeHint")} required pattern="[a-z0-9_]{2,40}" value={body.code} onChange={(event) => set({ code: event.target.value })} />
        <Select label={t("recipients.kindLabel")} hint={t(`recipients.kindHint.${body.kind}`)} value={body.kind} onChange={(event) => set({ kind: event.target.value as NewRecipient["kind"] })}>
          {(["processor", "controller"] as const).map((kind) => <option key={kind} value={kind}>{t(`recipients.kind.${kind}`)}</option>)}
        </Select>
        <Input label={t("recipients.countries")} hint={t("recipients.countriesHint")} required value={countries} onChange={(event) => setCountries(event.target.value)} />
        <Input label={t("recipients.services")} maxLength={400} value={body.services} onChange={(event) => set({ services: event.target.value })} />
        <Input label={t("recipients.contact")} maxLength={400} value={body.contact} onChange={(event) => set({ contact: event.target.value })} />
        <Select label={t("duties.owner")} value={body.owner} onChange={(event) => set({ owner: event.target.value })}>{catalog.roles.filter((role) => role.assignable).map((role) => <option key={role.id} value={role.id}>{both(role.name)}</option>)}</Select>
        <Select label={t("recipients.way")} value={body.way} onChange={(event) => set({ way: event.target.value })}><option value="">{t("recipients.noWay")}</option>{kWays.map((way) => <option key={way} value={way}>{t(`recipients.ways.${way}`)}</option>)}</Select>
        <Input label={t("recipients.agreement")} maxLength={400} value={body.agreement} onChange={(event) => set({ agreement: event.target.value })} />
        <Input label={t("recipients.signed")} type="date" value={body.signed_on ?? ""} onChange={(event) => set({ signed_on: event.target.value })} />
        <Input label={t("recipients.ends")} type="date" value={body.ends_on ?? ""} onChange={(event) => set({ ends_on: event.target.value })} />
        <Select label={t("recipients.every")} value={body.audit_every} onChange={(event) => set({ audit_every: event.target.value })}>{["P3M", "P6M", "P12M", "P24M"].map((period) => <option key={period} value={period}>{t(`period.${period}`)}</option>)}</Select>
      </div>
      <div className="grid">
        <Several legend={t("recipients.purposes")} all={catalog.purposes.map((purpose) => ({ id: purpose.id, name: both(purpose.name) }))} chosen={body.purposes ?? []} onChange={(purposes) => set({ purposes })} />
        <Several legend={t("recipients.fields")} all={catalog.fields.map((field) => ({ id: field.id, name: `${both(field.name)} · ${field.level}` }))} chosen={body.fields ?? []} onChange={(fields) => set({ fields })} />
        <Several legend={t("recipients.clauses")} all={kClauses.map((clause) => ({ id: clause, name: t(`recipients.clause.${clause}`) }))} chosen={body.clauses ?? []} onChange={(clauses) => set({ clauses })} />
      </div>
      <fieldset className="stack tight plain">
        <legend className="small strong">{t("recipients.subprocessors")}</legend>
        {subs.map((sub, i) => (
          <div key={i} className="row">
            <input className="input slim" aria-label={t("recipients.name")} required value={sub.name} onChange={(event) => setSub(i, { name: event.target.value })} placeholder={t("recipients.name")} />
            <input className="input tiny" aria-label={t("recipients.country")} required pattern="[A-Z]{2}" value={sub.country} onChange={(event) => setSub(i, { country: event.target.value.toUpperCase() })} placeholder="CN" />
            <Check label={t("recipients.approved")} checked={sub.approved ?? false} onChange={(event) => setSub(i, { approved: event.target.checked })} />
            <Button small kind="quiet" onClick={() => set({ subprocessors: subs.filter((_, at) => at !== i) })}>{t("recipients.removeSub")}</Button>
          </div>
        ))}
        <div><Button small onClick={() => set({ subprocessors: [...subs, { name: "", country: "", service: "", approved: false }] })}>{t("recipients.addSub")}</Button></div>
      </fieldset>
      <div className="row"><Button kind="primary" type="submit" busy={save.isPending}>{t("common.save")}</Button><Button kind="quiet" onClick={onCancel}>{t("common.cancel")}</Button></div>
    </form>
  );
}

function Audit({ one, onDone, onCancel }: { one: Recipient; onDone: () => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const [result, setResult] = useState<"pass" | "minor" | "major" | "fail">("pass");
  const [note, setNote] = useState("");
  const save = useMutation({ mutationFn: () => ask(api.POST("/api/v1/recipients/{id}/audits", { params: { path: { id: one.id } }, body: { result, note } })), onSuccess: onDone });
  return (
    <form onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
      <h2>{t("recipients.audit")}: {one.name}</h2>
      {save.isError && <Note tone="bad">{explain(save.error)}</Note>}
      <Select label={t("recipients.result")} value={result} onChange={(event) => setResult(event.target.value as typeof result)}>{(["pass", "minor", "major", "fail"] as const).map((word) => <option key={word} value={word}>{t(`recipients.results.${word}`)}</option>)}</Select>
      <Textarea label={t("recipients.note")} maxLength={2000} value={note} onChange={(event) => setNote(event.target.value)} />
      <div className="row"><Button kind="primary" type="submit" busy={save.isPending}>{t("common.save")}</Button><Button kind="quiet" onClick={onCancel}>{t("common.cancel")}</Button></div>
    </form>
  );
}

function Turn({ one, state, onDone, onCancel }: { one: Recipient; state: "active" | "suspended" | "ended"; onDone: () => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const [reason, setReason] = useState("");
  const turn = useMutation({ mutationFn: () => ask(api.POST("/api/v1/recipients/{id}/state", { params: { path: { id: one.id } }, body: { state, reason } })), onSuccess: onDone });
  return (
    <form onSubmit={(event) => { event.preventDefault(); turn.mutate(); }}>
      <h2>{t(`recipients.turn.${state}`)}: {one.name}</h2>
      <p className="soft">{t(`recipients.turnText.${state}`)}</p>
      {turn.isError && <Note tone="bad">{explain(turn.error)}</Note>}
      <Textarea label={t("requests.why")} required minLength={10} maxLength={2000} value={reason} onChange={(event) => setReason(event.target.value)} />
      <div className="row"><Button kind={state === "active" ? "primary" : "danger"} type="submit" busy={turn.isPending}>{t(`recipients.turn.${state}`)}</Button><Button kind="quiet" onClick={onCancel}>{t("common.cancel")}</Button></div>
    </form>
  );
}

export function RecipientPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const { can, catalog, field } = useWork();
  const explain = useProblem();
  const tell = useTell();
  const nameOf = usePeopleNames();
  const queries = useQueryClient();
  const [open, setOpen] = useState<"edit" | "audit" | "active" | "suspended" | "ended">();
  const read = useQuery({ queryKey: ["recipients", id], queryFn: () => ask(api.GET("/api/v1/recipients/{id}", { params: { path: { id } } })) });
  if (read.isPending) return <Page title={t("recipients.title")}><Panel><Loading /></Panel></Page>;
  if (read.isError) return <Page title={t("recipients.title")}><Panel><Empty title={t("problem.title")}><p>{explain(read.error)}</p></Empty></Panel></Page>;
  const one = read.data;
  const manage = can("recipients.manage");
  const again = () => {
    setOpen(undefined);
    tell(t("recipients.saved"));
    void queries.invalidateQueries({ queryKey: ["recipients"] });
    void queries.invalidateQueries({ queryKey: ["assessments"] });
  };
  const purposeName = (purpose: string) => both(catalog.purposes.find((p) => p.id === purpose)?.name) || purpose;
  return (
    <Page title={one.name} lead={one.services} actions={<>
      <State one={one} /><Chip tone={scoreTone(one.score)} title={t("recipients.scoreHint")}>{t("recipients.score", { score: one.score })}</Chip>
      {manage && one.state !== "ended" && <>
        <Button small onClick={() => setOpen("edit")}>{t("recipients.edit")}</Button>
        {one.state === "suspended" ? <Button small onClick={() => setOpen("active")}>{t("recipients.turn.active")}</Button> : <Button small onClick={() => setOpen("suspended")}>{t("recipients.turn.suspended")}</Button>}
        <Button small kind="danger" onClick={() => setOpen("ended")}>{t("recipients.turn.ended")}</Button>
      </>}
    </>}>
      {one.state_reason !== "" && <Note tone={one.state === "active" ? "" : "bad"}>{one.state_reason}{one.state_at !== null && ` · ${day(one.state_at)}`}</Note>}
      <Panel title={t("recipients.obstacles")}><Obstacles one={one} /></Panel>
      <div className="grid">
        <Panel title={t("recipients.scope")}>
          <div className="stack tight">
            <p>{t(`recipients.kind.${one.kind}`)} · {one.countries.join(", ")}{one.way !== "" && ` · ${t(`recipients.ways.${one.way}`)}`}</p>
            <div className="row">{one.purposes.map((purpose) => <Chip key={purpose} tone="outline">{purposeName(purpose)}</Chip>)}</div>
            <p className="small soft">{one.fields.map((id) => both(field(id)?.name) || id).join(", ") || t("recipients.noFields")}</p>
            <p>{t("recipients.people", { count: one.people ?? 0, people: number(one.people ?? 0) })}</p>
          </div>
        </Panel>
        <Panel title={t("recipients.agreement")}>
          <div className="stack tight">
            <p>{one.agreement || t("common.none")}</p>
            <p className="small soft">{one.signed_on !== null && t("recipients.since", { day: one.signed_on })} {one.ends_on !== null && t("recipients.until", { day: one.ends_on })}</p>
            <div className="row">{one.clauses.map((clause) => <Chip key={clause} tone="outline">{t(`recipients.clause.${clause}`)}</Chip>)}</div>
            {one.subprocessors.map((sub) => <p key={sub.name} className="small">{sub.name} ({sub.country}) {sub.approved ? <Chip tone="good">{t("recipients.approved")}</Chip> : <Chip tone="bad">{t("recipients.notApproved")}</Chip>}</p>)}
          </div>
        </Panel>
      </div>
      <Panel title={t("recipients.audits")} flush actions={manage ? <Button small onClick={() => setOpen("audit")}>{t("recipients.audit")}</Button> : undefined}>
        {one.audit_due !== null && <p className="body small soft">{t("recipients.auditDue", { day: one.audit_due })}</p>}
        {one.audits.length === 0 ? <Empty title={t("recipients.noAudit")} /> : [...one.audits].reverse().map((audit, i) => (
          <div key={i} className="line"><span className="small soft">{audit.day}</span><span><Chip tone={audit.result === "pass" ? "good" : audit.result === "fail" ? "bad" : "warn"}>{t(`recipients.results.${audit.result}`)}</Chip> {audit.note} <span className="small soft">{nameOf(audit.by)}</span></span></div>
        ))}
      </Panel>
      <Dialog open={open === "edit"} onClose={() => setOpen(undefined)} label={t("recipients.edit")} className="broad">{open === "edit" && <Form one={one} onDone={again} onCancel={() => setOpen(undefined)} />}</Dialog>
      <Dialog open={open === "audit"} onClose={() => setOpen(undefined)} label={t("recipients.audit")}>{open === "audit" && <Audit one={one} onDone={again} onCancel={() => setOpen(undefined)} />}</Dialog>
      <Dialog open={open === "active" || open === "suspended" || open === "ended"} onClose={() => setOpen(undefined)} label={t("recipients.title")}>
        {(open === "active" || open === "suspended" || open === "ended") && <Turn one={one} state={open} onDone={again} onCancel={() => setOpen(undefined)} />}
      </Dialog>
    </Page>
  );
}

function Thresholds() {
  const { t } = useTranslation();
  const explain = useProblem();
  const counts = useQuery({ queryKey: ["thresholds"], queryFn: () => ask(api.GET("/api/v1/thresholds")) });
  if (counts.isPending) return <Panel title={t("thresholds.title")}><Loading /></Panel>;
  if (counts.isError) return <Panel title={t("thresholds.title")}><Note tone="bad">{explain(counts.error)}</Note></Panel>;
  return (
    <Panel title={t("thresholds.title")}>
      <div className="stack">
        <p className="soft">{t("thresholds.lead")}</p>
        {counts.data.thresholds.map((one) => (
          <div key={one.rule} className="stack tight">
            <div className="row between"><span>{both(one.text)}</span>{one.alarmed && <Chip tone="bad">{t("thresholds.alarm")}</Chip>}</div>
            <progress className={one.alarmed ? "meter bad" : "meter"} max={100} value={Math.min(100, one.percent)} aria-label={both(one.text)} />
            <p className="small soft">{t(`thresholds.measure.${one.measure}`)}: {number(one.now)} / {number(one.threshold)} · {one.cite}</p>
          </div>
        ))}
      </div>
    </Panel>
  );
}

export function Recipients() {
  const { t } = useTranslation();
  const { can } = useWork();
  const explain = useProblem();
  const queries = useQueryClient();
  const [adding, setAdding] = useState(false);
  const all = useRecipients();
  return (
    <Page title={t("recipients.title")} lead={t("recipients.lead")} actions={can("recipients.manage") ? <Button kind="primary" onClick={() => setAdding(true)}>{t("recipients.add")}</Button> : undefined}>
      <Panel flush>
        {all.isPending ? <div className="body"><Loading /></div> : all.isError ? <div className="body"><Note tone="bad">{explain(all.error)}</Note></div>
          : all.data.recipients.length === 0 ? <Empty title={t("recipients.none")}><p>{t("recipients.noneText")}</p></Empty> : (
            <div className="table-wrap" tabIndex={0}>
              <table className="table cards">
                <thead><tr><th>{t("recipients.name")}</th><th>{t("recipients.kindLabel")}</th><th>{t("recipients.countries")}</th><th>{t("recipients.stateLabel")}</th><th className="right">{t("recipients.scoreLabel")}</th></tr></thead>
                <tbody>
                  {all.data.recipients.map((one) => (
                    <tr key={one.id}>
                      <td><Link href={`/recipients/${one.id}`} className="strong">{one.name}</Link><div className="small soft">{one.services}</div></td>
                      <td>{t(`recipients.kind.${one.kind}`)}</td>
                      <td>{one.countries.join(", ")}</td>
                      <td><State one={one} /></td>
                      <td className="right"><Chip tone={scoreTone(one.score)}>{one.score}</Chip></td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
      </Panel>
      {can("records.read") && <Thresholds />}
      <Dialog open={adding} onClose={() => setAdding(false)} label={t("recipients.add")} className="broad">
        {adding && <Form one={undefined} onDone={() => { setAdding(false); void queries.invalidateQueries({ queryKey: ["recipients"] }); }} onCancel={() => setAdding(false)} />}
      </Dialog>
    </Page>
  );
}
