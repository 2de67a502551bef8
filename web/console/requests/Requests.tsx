// Asking for more than one's grants, deciding what others ask, break-glass, and the register of exports.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "../../api/client";
import { Button, Check, Chip, Dialog, Empty, Input, Loading, Note, Page, Panel, Select, Tabs, Textarea, type Tone } from "../../ui/basics";
import { both, number, time } from "../../ui/language";
import { useFresh } from "../fresh";
import { usePeopleNames } from "../names";
import { PurposePicker } from "../pickers";
import { useRecipients } from "../recipients/Recipients";
import { useWork } from "../session";
import { useProblem, useTell } from "../toasts";

type Request = Schemas["Request"];
type Tab = "mine" | "others" | "exports";

export const useRequests = () => useQuery({ queryKey: ["requests"], queryFn: () => ask(api.GET("/api/v1/requests")) });

const tones: Record<Request["state"], Tone> = { open: "warn", approved: "good", used: "", rejected: "bad", expired: "" };

function What({ request }: { request: Request }) {
  const { t } = useTranslation();
  const { catalog, field } = useWork();
  const purposeName = (id: string) => both(catalog.purposes.find((p) => p.id === id)?.name);
  if (request.kind === "key") {
    return <div className="row"><span className="strong">{both(catalog.roles.find((r) => r.id === request.role)?.name)}</span><span className="small soft">{t("requests.hours", { hours: request.hours })}</span></div>;
  }
  if (request.kind === "export") {
    return (
      <div className="stack tight">
        <div className="row"><Chip tone="L2">{purposeName(request.purpose)}</Chip><span>{t("requests.rows", { rows: number(request.rows) })}</span></div>
        <div className="small soft">{request.fields.map((f) => both(field(f)?.name)).join(", ")}</div>
      </div>
    );
  }
  return (
    <div className="row">
      <span className="strong">{both(catalog.roles.find((r) => r.id === request.role)?.name)}</span>
      {request.purposes?.map((p) => <Chip key={p} tone="L2">{purposeName(p)}</Chip>)}
      <Chip tone={request.level_max as Tone}>≤ {request.level_max}</Chip>
      {request.case !== undefined && request.case !== "" && <Chip tone="outline">{request.case}</Chip>}
      <span className="small soft">{request.kind === "access" ? t("requests.hours", { hours: request.hours }) : request.until === null ? "" : t("requests.glassUntil", { time: time(request.until) })}</span>
    </div>
  );
}

function RequestRow({ request, act }: { request: Request; act?: React.ReactNode }) {
  const { t } = useTranslation();
  const nameOf = usePeopleNames();
  return (
    <li className="line">
      <div className="stack tight"><span className="small soft">{time(request.created_at)}</span><span><Chip tone={tones[request.state]}>{t(`requests.state.${request.state}`)}</Chip></span></div>
      <div className="stack tight">
        <div className="row between top">
          <div className="stack tight grow">
            <span className="small soft">{t(`requests.kind.${request.kind}`)} · {nameOf(request.requester)}{request.beneficiary !== request.requester && <> → {nameOf(request.beneficiary)}</>}</span>
            <What request={request} />
            {request.reason !== "" && <span>“{request.reason}”</span>}
            {request.approvals.map((a) => <span key={a.at} className="small soft">{t(a.officer ? "requests.approvedOfficer" : "requests.approved", { name: nameOf(a.by), time: time(a.at) })}</span>)}
            {request.note !== "" && <span className="small soft">{t("requests.note")}: {request.note}</span>}
            {request.kind === "break_glass" && <span className="small">{request.reviewed_at === null ? <Chip tone="warn">{t("requests.toReview")}</Chip> : <Chip tone={request.justified === true ? "good" : "bad"}>{t(request.justified === true ? "requests.justified" : "requests.notJustified")}</Chip>} <span className="soft">{t("requests.told", { count: request.told })}</span></span>}
          </div>
          {act}
        </div>
      </div>
    </li>
  );
}

function AskAccess({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const { catalog } = useWork();
  const queries = useQueryClient();
  const explain = useProblem();
  const [role, setRole] = useState("manager");
  const [purposes, setPurposes] = useState<string[]>([]);
  const [level, setLevel] = useState("L3");
  const [hours, setHours] = useState("8");
  const [caseId, setCaseId] = useState("");
  const [reason, setReason] = useState("");
  const [trouble, setTrouble] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await ask(api.POST("/api/v1/requests/access", { body: { role, level_max: level as "L3", hours: Number(hours), case: caseId, reason, ...(purposes.length > 0 ? { purposes } : {}) } }));
      void queries.invalidateQueries({ queryKey: ["requests"] });
      onClose();
    } catch (error) {
      setTrouble(explain(error));
    }
  };
  return (
    <Dialog open={open} onClose={onClose} label={t("requests.askAccess")}>
      <form onSubmit={(e) => void submit(e)}>
        <h2>{t("requests.askAccess")}</h2>
        {trouble !== undefined && <Note tone="bad">{trouble}</Note>}
        <div className="grid">
          <Select label={t("policy.role")} value={role} onChange={(e) => { setRole(e.target.value); setPurposes([]); }}>{catalog.roles.filter((r) => r.assignable).map((r) => <option key={r.id} value={r.id}>{both(r.name)}</option>)}</Select>
          <Select label={t("grants.level")} value={level} hint={level === "L4" ? t("requests.officerToo") : undefined} onChange={(e) => setLevel(e.target.value)}>{["L1", "L2", "L3", "L4"].map((l) => <option key={l} value={l}>{l} · {t(`level.${l}`)}</option>)}</Select>
          <Input label={t("requests.howLong")} type="number" min={1} max={2160} required value={hours} onChange={(e) => setHours(e.target.value)} />
          <Input label={t("customers.case")} hint={t("grants.caseHint")} maxLength={64} value={caseId} onChange={(e) => setCaseId(e.target.value)} />
        </div>
        <PurposePicker role={role} chosen={purposes} onChange={setPurposes} />
        <Textarea label={t("requests.why")} required minLength={10} maxLength={1000} value={reason} onChange={(e) => setReason(e.target.value)} />
        <div className="row"><Button kind="primary" type="submit">{t("requests.send")}</Button><Button kind="quiet" onClick={onClose}>{t("common.cancel")}</Button></div>
      </form>
    </Dialog>
  );
}

const forms = ["values", "pseudonymous", "anonymous"] as const;

function AskExport({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const { can, catalog, me, purpose: now } = useWork();
  const queries = useQueryClient();
  const explain = useProblem();
  const [purpose, setPurpose] = useState(now);
  const [fields, setFields] = useState<string[]>(["name_full"]);
  const [rows, setRows] = useState("500");
  const [reason, setReason] = useState("");
  const [recipient, setRecipient] = useState("");
  const [form, setForm] = useState<(typeof forms)[number]>("values");
  const [k, setK] = useState("5");
  const [l, setL] = useState("");
  const [tMost, setTMost] = useState("");
  const recipients = useRecipients(can("recipients.read"));
  const [trouble, setTrouble] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await ask(api.POST("/api/v1/requests/export", { body: { purpose, fields, rows: Number(rows), reason, ...(recipient === "" ? {} : { recipient }), ...(form === "values" ? {} : { form }), ...(form === "anonymous" ? { k: Number(k), ...(l === "" ? {} : { l: Number(l) }), ...(tMost === "" ? {} : { t: Number(tMost) }) } : {}) } }));
      void queries.invalidateQueries({ queryKey: ["requests"] });
      onClose();
    } catch (error) {
      setTrouble(explain(error));
    }
  };
  return (
    <Dialog open={open} onClose={onClose} label={t("requests.askExport")}>
      <form onSubmit={(e) => void submit(e)}>
        <h2>{t("requests.askExport")}</h2>
        <p className="soft small">{t("requests.exportText")}</p>
        {trouble !== undefined && <Note tone="bad">{trouble}</Note>}
        <div className="grid">
          <Select label={t("why.purpose")} value={purpose} onChange={(e) => setPurpose(e.target.value)}>{me.purposes.map((id) => <option key={id} value={id}>{both(catalog.purposes.find((p) => p.id === id)?.name)}</option>)}</Select>
          <Input label={t("requests.rowsMost")} type="number" min={1} max={50000} required value={rows} hint={Number(rows) > 500 ? t("requests.officerToo") : undefined} onChange={(e) => setRows(e.target.value)} />
          {(recipients.data?.recipients.length ?? 0) > 0 && <Select label={t("requests.recipient")} hint={recipient === "" ? undefined : t("requests.officerToo")} value={recipient} onChange={(e) => setRecipient(e.target.value)}><option value="">{t("requests.inHouse")}</option>{recipients.data?.recipients.filter((one) => one.state === "active").map((one) => <option key={one.id} value={one.code}>{one.name}</option>)}</Select>}
          <Select label={t("requests.form")} hint={t(`requests.formText.${form}`)} value={form} onChange={(e) => setForm(forms.find((one) => one === e.target.value) ?? "values")}>{forms.map((one) => <option key={one} value={one}>{t(`requests.formName.${one}`)}</option>)}</Select>
          {form === "anonymous" && <Input label={t("requests.k")} hint={t("requests.kText")} type="number" min={2} max={1000} required value={k} onChange={(e) => setK(e.target.value)} />}
          {form === "anonymous" && <Input label={t("requests.l")} hint={t("requests.lText")} type="number" min={2} max={Number(k)} value={l} onChange={(e) => setL(e.target.value)} />}
          {form === "anonymous" && <Input label={t("requests.t")} hint={t("requests.tText")} type="number" min={0.01} max={1} step={0.01} value={tMost} onChange={(e) => setTMost(e.target.value)} />}
        </div>
        <fieldset className="stack tight" style={{ border: 0, margin: 0, padding: 0, maxHeight: 220, overflowY: "auto" }}>
          <legend className="small strong">{t("requests.fields")}</legend>
          {catalog.fields.map((f) => <Check key={f.id} label={<>{both(f.name)} <Chip tone={f.level}>{f.level}</Chip></>} checked={fields.includes(f.id)} onChange={(e) => setFields(e.target.checked ? [...fields, f.id] : fields.filter((x) => x !== f.id))} />)}
        </fieldset>
        <Textarea label={t("requests.why")} required minLength={10} maxLength={1000} value={reason} onChange={(e) => setReason(e.target.value)} />
        <div className="row"><Button kind="primary" type="submit" disabled={fields.length === 0}>{t("requests.send")}</Button><Button kind="quiet" onClick={onClose}>{t("common.cancel")}</Button></div>
      </form>
    </Dialog>
  );
}

function Glass({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const fresh = useFresh();
  const tell = useTell();
  const [reason, setReason] = useState("");
  const [caseId, setCaseId] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    fresh.run(async () => {
      await ask(api.POST("/api/v1/break-glass", { body: { reason, case: caseId } }));
      tell(t("glass.open"));
      onClose();
      void queries.invalidateQueries();
    });
  };
  return (
    <>
      <Dialog open={open} onClose={onClose} label={t("glass.title")}>
        <form onSubmit={submit}>
          <h2>{t("glass.title")}</h2>
          <Note tone="warn">{t("glass.text")}</Note>
          {fresh.trouble !== undefined && <Note tone="bad">{fresh.trouble}</Note>}
          <Textarea label={t("requests.why")} required minLength={10} maxLength={1000} autoFocus value={reason} onChange={(e) => setReason(e.target.value)} />
          <Input label={t("customers.case")} maxLength={64} value={caseId} onChange={(e) => setCaseId(e.target.value)} />
          <div className="row"><Button kind="danger" type="submit">{t("glass.go")}</Button><Button kind="quiet" onClick={onClose}>{t("common.cancel")}</Button></div>
        </form>
      </Dialog>
      {fresh.dialog}
    </>
  );
}

function Others({ requests }: { requests: Request[] }) {
  const { t } = useTranslation();
  const { can, me } = useWork();
  const queries = useQueryClient();
  const fresh = useFresh();
  const [open, setOpen] = useState<Request>();
  const [note, setNote] = useState("");
  const list = requests.filter((r) => r.requester !== me.user.id);
  const decide = (approve: boolean) => {
    const request = open;
    if (request === undefined) return;
    fresh.run(async () => {
      if (request.kind === "break_glass") await ask(api.POST("/api/v1/requests/{id}/review", { params: { path: { id: request.id } }, body: { justified: approve, note } }));
      else await ask(api.POST("/api/v1/requests/{id}/decision", { params: { path: { id: request.id } }, body: { approve, hash: request.hash, note } }));
      setOpen(undefined);
      setNote("");
      void queries.invalidateQueries();
    });
  };
  const mayAct = (r: Request) => (r.kind === "break_glass" ? r.reviewed_at === null && can("break_glass.review") : r.state === "open" && can("requests.approve"));
  if (list.length === 0) return <Empty title={t("requests.noneOthers")} />;
  return (
    <>
      <ul>{list.map((r) => <RequestRow key={r.id} request={r} act={mayAct(r) && <Button small onClick={() => setOpen(r)}>{t(r.kind === "break_glass" ? "requests.review" : "requests.decide")}</Button>} />)}</ul>
      <Dialog open={open !== undefined} onClose={() => setOpen(undefined)} label={t("requests.decide")}>
        {open !== undefined && (
          <div className="inner">
            <h2>{t(`requests.kind.${open.kind}`)}</h2>
            <ul><RequestRow request={open} /></ul>
            {open.needs_officer && open.kind !== "break_glass" && <Note>{t("requests.two")}</Note>}
            {fresh.trouble !== undefined && <Note tone="bad">{fresh.trouble}</Note>}
            <Textarea label={t("requests.note")} maxLength={1000} value={note} onChange={(e) => setNote(e.target.value)} />
            <div className="row">
              <Button kind="primary" onClick={() => decide(true)}>{t(open.kind === "break_glass" ? "requests.wasJustified" : "requests.approve")}</Button>
              <Button kind="danger" onClick={() => decide(false)}>{t(open.kind === "break_glass" ? "requests.wasNot" : "requests.reject")}</Button>
            </div>
          </div>
        )}
      </Dialog>
      {fresh.dialog}
    </>
  );
}

function Mine({ requests }: { requests: Request[] }) {
  const { t } = useTranslation();
  const { me } = useWork();
  const queries = useQueryClient();
  const fresh = useFresh();
  const tell = useTell();
  const list = requests.filter((r) => r.requester === me.user.id);
  const [key, setKey] = useState<string>();
  const make = (id: string) =>
    fresh.run(async () => {
      const made = await ask(api.POST("/api/v1/requests/{id}/export", { params: { path: { id } }, body: {} }));
      tell(t("exports.made", { rows: number(made.rows) }));
      void queries.invalidateQueries();
    });
  const makeKey = (id: string) =>
    fresh.run(async () => {
      setKey((await ask(api.POST("/api/v1/requests/{id}/key", { params: { path: { id } }, body: {} }))).key);
      void queries.invalidateQueries({ queryKey: ["requests"] });
    });
  if (list.length === 0) return <Empty title={t("requests.noneMine")}><p>{t("requests.noneMineText")}</p></Empty>;
  return (
    <>
      {fresh.trouble !== undefined && <div className="body"><Note tone="bad">{fresh.trouble}</Note></div>}
      {key !== undefined && <div className="body"><Note tone="good"><p className="strong">{t("keys.once")}</p><code className="break">{key}</code></Note></div>}
      <ul>{list.map((r) => <RequestRow key={r.id} request={r} act={r.state === "approved" && (r.kind === "export" ? <Button small kind="primary" onClick={() => make(r.id)}>{t("exports.make")}</Button> : r.kind === "key" && <Button small kind="primary" onClick={() => makeKey(r.id)}>{t("keys.make")}</Button>)} />)}</ul>
      {fresh.dialog}
    </>
  );
}

// What somebody who gets hold of the file could tell from it: looked at before it leaves.
function Risk({ one }: { one: Schemas["Export"] }) {
  const { t } = useTranslation();
  const { field } = useWork();
  const { risk, rows } = one;
  if (risk.direct.length > 0) return <Note tone="bad">{t("exports.risk.direct", { fields: risk.direct.map((f) => both(field(f)?.name)).join(", "), rows: number(rows) })}</Note>;
  const tone = risk.unique > 0 ? "bad" : risk.under_five > 0 ? "warn" : "good";
  return (
    <div className="stack">
      <Note tone={tone}>{t(risk.unique > 0 ? "exports.risk.unique" : risk.under_five > 0 ? "exports.risk.few" : "exports.risk.low", { rows: number(risk.unique > 0 ? risk.unique : risk.under_five), of: number(rows), smallest: number(risk.smallest) })}</Note>
      <dl className="facts">
        <dt>{t("exports.risk.smallest")}</dt><dd>{number(risk.smallest)}</dd>
        <dt>{t("exports.risk.alone")}</dt><dd>{number(risk.unique)}</dd>
        <dt>{t("exports.risk.underFive")}</dt><dd>{number(risk.under_five)}</dd>
        <dt>{t("exports.risk.average")}</dt><dd>{number(Math.round(risk.average * 1000) / 10)} %</dd>
      </dl>
    </div>
  );
}

function Exports() {
  const { t } = useTranslation();
  const { me, can, catalog, field } = useWork();
  const queries = useQueryClient();
  const explain = useProblem();
  const nameOf = usePeopleNames();
  const fresh = useFresh();
  const exports = useQuery({ queryKey: ["exports"], queryFn: () => ask(api.GET("/api/v1/exports")) });
  const recall = (id: string) =>
    fresh.run(async () => {
      await ask(api.POST("/api/v1/exports/{id}/recall", { params: { path: { id } }, body: {} }));
      void queries.invalidateQueries({ queryKey: ["exports"] });
    });
  const [leaving, setLeaving] = useState<Schemas["Export"]>();
  const download = (id: string) =>
    fresh.run(async () => {
      const text = await ask(api.GET("/api/v1/exports/{id}/file", { params: { path: { id } }, parseAs: "text" }));
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
      link.download = `export-${id}.csv`;
      link.click();
      URL.revokeObjectURL(link.href);
      void queries.invalidateQueries({ queryKey: ["exports"] });
    });
  if (exports.isPending) return <div className="body"><Loading /></div>;
  if (exports.isError) return <div className="body"><Note tone="bad">{explain(exports.error)}</Note></div>;
  if (exports.data.exports.length === 0) return <Empty title={t("exports.none")} />;
  const live = (e: Schemas["Export"]) => e.recalled_at === null && new Date(e.until).getTime() > Date.now();
  return (
    <>
      <Dialog open={leaving !== undefined} onClose={() => setLeaving(undefined)} label={t("exports.risk.title")}>
        {leaving !== undefined && <>
          <h2>{t("exports.risk.title")}</h2>
          <Risk one={leaving} />
          <div className="row"><Button kind="primary" onClick={() => { void download(leaving.id); setLeaving(undefined); }}>{t("exports.risk.take")}</Button><Button kind="quiet" onClick={() => setLeaving(undefined)}>{t("common.cancel")}</Button></div>
        </>}
      </Dialog>
      {fresh.trouble !== undefined && <div className="body"><Note tone="bad">{fresh.trouble}</Note></div>}
      <div className="table-wrap" tabIndex={0}>
        <table className="table">
          <thead><tr><th>{t("exports.when")}</th><th>{t("audit.who")}</th><th>{t("why.purpose")}</th><th>{t("requests.fields")}</th><th className="right">{t("exports.rows")}</th><th>{t("people.state")}</th><th /></tr></thead>
          <tbody>
            {exports.data.exports.map((e) => (
              <tr key={e.id}>
                <td className="nowrap">{time(e.made_at)}</td><td>{nameOf(e.requester)}</td><td>{both(catalog.purposes.find((p) => p.id === e.purpose)?.name)}</td>
                <td className="small">{e.fields.map((f) => both(field(f)?.name)).join(", ")}{e.canary != null && <div className="soft mono">{t("exports.canary")}: {e.canary}</div>}</td>
                <td className="right">{number(e.rows)}</td>
                <td>{e.recalled_at !== null ? <Chip tone="bad">{t("exports.recalled")}</Chip> : live(e) ? <Chip tone="good">{t("home.until", { time: time(e.until) })}</Chip> : <Chip>{t("exports.over")}</Chip>} <div className="small soft">{t("exports.downloads", { count: e.downloads })}</div></td>
                <td className="right">{live(e) && (
                  <div className="row end">
                    {e.requester === me.user.id && <Button small onClick={() => setLeaving(e)}>{t("exports.download")}</Button>}
                    {(e.requester === me.user.id || can("exports.recall")) && <Button small kind="danger" onClick={() => recall(e.id)}>{t("exports.recall")}</Button>}
                  </div>
                )}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {fresh.dialog}
    </>
  );
}

export function Requests() {
  const { t } = useTranslation();
  const { can } = useWork();
  const explain = useProblem();
  const requests = useRequests();
  const decides = can("requests.approve") || can("requests.read");
  const [tab, setTab] = useState<Tab>(can("requests.approve") ? "others" : "mine");
  const [asking, setAsking] = useState<"access" | "export" | "glass">();
  const close = () => setAsking(undefined);
  return (
    <Page title={t("requests.title")} lead={t("requests.lead")} actions={<>
      {can("requests.create") && <Button kind="primary" onClick={() => setAsking("access")}>{t("requests.askAccess")}</Button>}
      {can("requests.create") && <Button onClick={() => setAsking("export")}>{t("requests.askExport")}</Button>}
      {can("break_glass.use") && <Button kind="danger" onClick={() => setAsking("glass")}>{t("glass.title")}</Button>}
    </>}>
      <Tabs label={t("requests.title")} value={tab} onChange={setTab} tabs={[...(decides ? [{ id: "others" as const, name: t("requests.tabOthers") }] : []), { id: "mine", name: t("requests.tabMine") }, { id: "exports", name: t("exports.tab") }]} />
      <Panel flush>
        {tab === "exports" ? <Exports /> : requests.isPending ? <div className="body"><Loading /></div> : requests.isError ? <div className="body"><Note tone="bad">{explain(requests.error)}</Note></div>
          : tab === "others" ? <Others requests={requests.data.requests} /> : <Mine requests={requests.data.requests} />}
      </Panel>
      {asking === "access" && <AskAccess open onClose={close} />}
      {asking === "export" && <AskExport open onClose={close} />}
      {asking === "glass" && <Glass open onClose={close} />}
    </Page>
  );
}
