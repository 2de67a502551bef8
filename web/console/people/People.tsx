// People, departments and grants: who may do what, for what, until when.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "../../api/client";
import { Button, Check, Chip, Dialog, Empty, Input, Loading, Note, Page, Panel, Select, Tabs } from "../../ui/basics";
import { both, day, languages } from "../../ui/language";
import { PurposePicker } from "../pickers";
import { useWork } from "../session";
import { useProblem, useTell } from "../toasts";

type Person = Schemas["People"]["people"][number];
type Department = Schemas["Departments"]["departments"][number];
type Tab = "people" | "grants" | "departments";

const usePeople = () => useQuery({ queryKey: ["people"], queryFn: () => ask(api.GET("/api/v1/people")) });
const useGrants = () => useQuery({ queryKey: ["grants"], queryFn: () => ask(api.GET("/api/v1/grants")) });
const useDepartments = () => useQuery({ queryKey: ["departments"], queryFn: () => ask(api.GET("/api/v1/departments")) });

function departmentName(all: Department[] | undefined, code: string): string {
  return both(all?.find((d) => d.code === code)?.name) || code;
}

function InviteDialog({ open, onClose, onInvited }: { open: boolean; onClose: () => void; onInvited: (link: string) => void }) {
  const { t } = useTranslation();
  const { catalog } = useWork();
  const queries = useQueryClient();
  const explain = useProblem();
  const tell = useTell();
  const departments = useDepartments();
  const [form, setForm] = useState({ login: "", name: "", email: "", locale: "en", department: "", role: "" });
  const set = (part: Partial<typeof form>) => setForm((now) => ({ ...now, ...part }));
  const invite = useMutation({
    mutationFn: async () => {
      const { role, ...person } = form;
      const made = await ask(api.POST("/api/v1/people", { body: { ...person, locale: person.locale as "en" } }));
      const given = role === "" ? undefined : await ask(api.POST("/api/v1/grants", { body: { person: made.id, role, department: form.department } }));
      if (given !== undefined && "state" in given) tell(t("grants.waits"));
      return made;
    },
    onSuccess: (made) => { onInvited(`${window.location.origin}${made.setup_path}`); },
    onSettled: () => { void queries.invalidateQueries({ queryKey: ["people"] }); void queries.invalidateQueries({ queryKey: ["grants"] }); },
  });
  const submit = (event: FormEvent) => { event.preventDefault(); invite.mutate(); };
  return (
    <Dialog open={open} onClose={onClose} label={t("people.invite")}>
      <form onSubmit={submit}>
        <h2>{t("people.invite")}</h2>
        {invite.isError && <Note tone="bad">{explain(invite.error)}</Note>}
        <Input label={t("signIn.login")} required minLength={3} maxLength={80} autoFocus autoComplete="off" value={form.login} onChange={(e) => set({ login: e.target.value })} />
        <Input label={t("people.name")} required maxLength={160} autoComplete="off" value={form.name} onChange={(e) => set({ name: e.target.value })} />
        <Input label={t("people.email")} type="email" autoComplete="off" value={form.email} onChange={(e) => set({ email: e.target.value })} />
        <div className="grid">
          <Select label={t("people.department")} value={form.department} onChange={(e) => set({ department: e.target.value })}>
            <option value="">{t("common.none")}</option>{(departments.data?.departments ?? []).map((d) => <option key={d.code} value={d.code}>{both(d.name)}</option>)}
          </Select>
          <Select label={t("policy.role")} value={form.role} hint={t("people.roleHint")} onChange={(e) => set({ role: e.target.value })}>
            <option value="">{t("common.none")}</option>{catalog.roles.filter((r) => r.assignable).map((r) => <option key={r.id} value={r.id}>{both(r.name)}</option>)}
          </Select>
          <Select label={t("language.label")} value={form.locale} onChange={(e) => set({ locale: e.target.value })}>{languages.map((l) => <option key={l.id} value={l.id}>{l.name}</option>)}</Select>
        </div>
        <div className="row"><Button kind="primary" type="submit" busy={invite.isPending}>{t("people.inviteGo")}</Button><Button kind="quiet" onClick={onClose}>{t("common.cancel")}</Button></div>
      </form>
    </Dialog>
  );
}

function GrantDialog({ person, onClose }: { person: Person | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const { catalog } = useWork();
  const queries = useQueryClient();
  const explain = useProblem();
  const tell = useTell();
  const departments = useDepartments();
  const [role, setRole] = useState("agent");
  const [department, setDepartment] = useState("");
  const [purposes, setPurposes] = useState<string[]>([]);
  const [level, setLevel] = useState("L4");
  const [caseId, setCaseId] = useState("");
  const [days, setDays] = useState("30");
  const [reason, setReason] = useState("");
  const give = useMutation({
    mutationFn: () =>
      ask(api.POST("/api/v1/grants", {
        body: {
          person: person!.id, role, department, level_max: level as "L4", case: caseId, reason,
          ...(purposes.length > 0 ? { purposes } : {}),
          until: new Date(Date.now() + Number(days) * 86_400_000).toISOString(),
        },
      })),
    onSuccess: (given) => {
      if ("state" in given) tell(t("grants.waits"));
      void queries.invalidateQueries({ queryKey: ["grants"] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => { event.preventDefault(); give.mutate(); };
  return (
    <Dialog open={person !== undefined} onClose={onClose} label={t("grants.give")}>
      <form onSubmit={submit}>
        <h2>{t("grants.giveTo", { name: person?.name ?? "" })}</h2>
        {give.isError && <Note tone="bad">{explain(give.error)}</Note>}
        <div className="grid">
          <Select label={t("policy.role")} value={role} onChange={(e) => { setRole(e.target.value); setPurposes([]); }}>{catalog.roles.filter((r) => r.assignable).map((r) => <option key={r.id} value={r.id}>{both(r.name)}</option>)}</Select>
          <Select label={t("people.department")} value={department} onChange={(e) => setDepartment(e.target.value)}><option value="">{t("common.none")}</option>{(departments.data?.departments ?? []).map((d) => <option key={d.code} value={d.code}>{both(d.name)}</option>)}</Select>
          <Select label={t("grants.level")} value={level} onChange={(e) => setLevel(e.target.value)}>{["L1", "L2", "L3", "L4"].map((l) => <option key={l} value={l}>{l} · {t(`level.${l}`)}</option>)}</Select>
          <Input label={t("grants.days")} type="number" min={1} max={90} required value={days} onChange={(e) => setDays(e.target.value)} />
          <Input label={t("customers.case")} value={caseId} hint={t("grants.caseHint")} maxLength={64} onChange={(e) => setCaseId(e.target.value)} />
        </div>
        <PurposePicker role={role} chosen={purposes} onChange={setPurposes} />
        <Input label={t("grants.reason")} maxLength={400} value={reason} onChange={(e) => setReason(e.target.value)} />
        <div className="row"><Button kind="primary" type="submit" busy={give.isPending}>{t("grants.go")}</Button><Button kind="quiet" onClick={onClose}>{t("common.cancel")}</Button></div>
      </form>
    </Dialog>
  );
}

function PeopleTable({ onGrant, onLink }: { onGrant: (person: Person) => void; onLink: (link: string) => void }) {
  const { t } = useTranslation();
  const { can, me, catalog } = useWork();
  const queries = useQueryClient();
  const explain = useProblem();
  const tell = useTell();
  const people = usePeople();
  const grants = useGrants();
  const departments = useDepartments();
  const [sure, setSure] = useState<Person>();
  const again = () => { void queries.invalidateQueries({ queryKey: ["people"] }); void queries.invalidateQueries({ queryKey: ["grants"] }); };
  const disable = useMutation({
    mutationFn: (id: string) => ask(api.POST("/api/v1/people/{id}/disable", { params: { path: { id } }, body: {} })),
    onSuccess: () => { setSure(undefined); tell(t("people.disabled")); again(); },
  });
  const enable = useMutation({ mutationFn: (id: string) => ask(api.POST("/api/v1/people/{id}/enable", { params: { path: { id } }, body: {} })), onSuccess: again });
  const invite = useMutation({
    mutationFn: (id: string) => ask(api.POST("/api/v1/people/{id}/invitation", { params: { path: { id } }, body: {} })),
    onSuccess: (made) => { onLink(`${window.location.origin}${made.setup_path}`); },
  });
  if (people.isPending) return <div className="body"><Loading /></div>;
  if (people.isError) return <div className="body"><Note tone="bad">{explain(people.error)}</Note></div>;
  if (people.data.people.length === 0) return <Empty title={t("people.none")}><p>{t("people.noneText")}</p></Empty>;
  const now = Date.now();
  const rolesOf = (id: string) => (grants.data?.grants ?? []).filter((g) => g.person === id && g.revoked_at === null && new Date(g.until).getTime() > now);
  return (
    <>
      <div className="table-wrap" tabIndex={0}>
        <table className="table cards">
          <thead><tr><th>{t("people.name")}</th><th className="wide-only">{t("people.department")}</th><th>{t("grants.roles")}</th><th>{t("people.state")}</th><th /></tr></thead>
          <tbody>
            {people.data.people.map((person) => (
              <tr key={person.id}>
                <td><div className="strong">{person.name}</div><div className="small soft">{person.login}</div></td>
                <td className="wide-only">{departmentName(departments.data?.departments, person.department) || "–"}</td>
                <td><div className="row">{rolesOf(person.id).map((g) => <Chip key={g.id} tone="L2" title={t("home.until", { time: day(g.until) })}>{both(catalog.roles.find((r) => r.id === g.role)?.name)}</Chip>)}</div></td>
                <td>
                  <div className="row">
                    <Chip tone={person.state === "active" ? "good" : person.state === "disabled" ? "bad" : "warn"}>{t(`people.is.${person.state}`)}</Chip>
                    {person.state === "active" && !person.second_factor && <Chip tone="warn">{t("people.noFactor")}</Chip>}
                    {person.state === "active" && !person.signed && <Chip tone="warn">{t("people.unsigned")}</Chip>}
                    {person.state === "active" && !person.trained && <Chip tone="warn">{t("people.untrained")}</Chip>}
                  </div>
                </td>
                <td className="right">
                  {can("people.manage") && person.id !== me.user.id && (
                    <div className="row end">
                      {person.state !== "disabled" && <Button small onClick={() => onGrant(person)}>{t("grants.give")}</Button>}
                      {person.state !== "disabled" && <Button small kind="quiet" onClick={() => invite.mutate(person.id)}>{t("people.newLink")}</Button>}
                      {person.state === "disabled" ? <Button small onClick={() => enable.mutate(person.id)}>{t("people.enable")}</Button> : <Button small kind="danger" onClick={() => setSure(person)}>{t("people.disable")}</Button>}
                    </div>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Dialog open={sure !== undefined} onClose={() => setSure(undefined)} label={t("people.disable")}>
        <div className="inner">
          <h2>{t("people.disableName", { name: sure?.name ?? "" })}</h2>
          <p>{t("people.disableText")}</p>
          {disable.isError && <Note tone="bad">{explain(disable.error)}</Note>}
          <div className="row"><Button kind="danger" busy={disable.isPending} onClick={() => sure !== undefined && disable.mutate(sure.id)}>{t("people.disable")}</Button><Button kind="quiet" onClick={() => setSure(undefined)}>{t("common.cancel")}</Button></div>
        </div>
      </Dialog>
    </>
  );
}

function GrantsTable() {
  const { t } = useTranslation();
  const { can, catalog } = useWork();
  const queries = useQueryClient();
  const explain = useProblem();
  const people = usePeople();
  const grants = useGrants();
  const departments = useDepartments();
  const [old, setOld] = useState(false);
  const revoke = useMutation({
    mutationFn: (id: string) => ask(api.DELETE("/api/v1/grants/{id}", { params: { path: { id } } })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["grants"] }),
  });
  if (grants.isPending) return <div className="body"><Loading /></div>;
  if (grants.isError) return <div className="body"><Note tone="bad">{explain(grants.error)}</Note></div>;
  const now = Date.now();
  const live = (g: Schemas["Grant"]) => g.revoked_at === null && new Date(g.until).getTime() > now;
  const shown = grants.data.grants.filter((g) => old || live(g));
  const nameOf = (id: string) => people.data?.people.find((p) => p.id === id)?.name ?? "–";
  return (
    <>
      <div className="body row between">
        <Check label={t("grants.showOld")} checked={old} onChange={(e) => setOld(e.target.checked)} />
        {revoke.isError && <Note tone="bad">{explain(revoke.error)}</Note>}
      </div>
      {shown.length === 0 ? <Empty title={t("grants.none")} /> : (
        <div className="table-wrap" tabIndex={0}>
          <table className="table cards">
            <thead><tr><th>{t("people.name")}</th><th>{t("policy.role")}</th><th>{t("grants.reach")}</th><th>{t("grants.until")}</th><th /></tr></thead>
            <tbody>
              {shown.map((g) => (
                <tr key={g.id}>
                  <td className="strong">{nameOf(g.person)}</td>
                  <td>{both(catalog.roles.find((r) => r.id === g.role)?.name)}</td>
                  <td>
                    <div className="row">
                      {g.department !== "" && <Chip tone="outline">{departmentName(departments.data?.departments, g.department)}</Chip>}
                      {g.purposes?.map((p) => <Chip key={p} tone="L2">{both(catalog.purposes.find((x) => x.id === p)?.name)}</Chip>)}
                      {g.classes?.map((c) => <Chip key={c}>{t(`class.${c}`)}</Chip>)}
                      {g.level_max !== "L4" && <Chip tone="L3">≤ {g.level_max}</Chip>}
                      {g.case !== "" && <Chip tone="outline">{g.case}</Chip>}
                    </div>
                    {g.reason !== "" && <div className="small soft">{g.reason}</div>}
                  </td>
                  <td className="nowrap">{g.revoked_at !== null ? <Chip tone="bad">{t("grants.revoked")}</Chip> : live(g) ? day(g.until) : <Chip>{t("grants.over")}</Chip>}</td>
                  <td className="right">{can("people.manage") && live(g) && <Button small kind="danger" onClick={() => revoke.mutate(g.id)}>{t("grants.revoke")}</Button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Departments() {
  const { t } = useTranslation();
  const { can, catalog } = useWork();
  const queries = useQueryClient();
  const explain = useProblem();
  const departments = useDepartments();
  const blank = { code: "", name_zh: "", name_en: "", parent: "" };
  const [form, setForm] = useState(blank);
  const [purposes, setPurposes] = useState<string[]>([]);
  const [open, setOpen] = useState(false);
  const put = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/departments", { body: { ...form, purposes: purposes.length > 0 ? purposes : null } })),
    onSuccess: () => { setOpen(false); setForm(blank); setPurposes([]); void queries.invalidateQueries({ queryKey: ["departments"] }); },
  });
  const submit = (event: FormEvent) => { event.preventDefault(); put.mutate(); };
  if (departments.isPending) return <div className="body"><Loading /></div>;
  if (departments.isError) return <div className="body"><Note tone="bad">{explain(departments.error)}</Note></div>;
  const all = departments.data.departments;
  const tree = (parent: string | null, depth: number): { d: Department; depth: number }[] =>
    all.filter((d) => (d.parent ?? null) === parent).flatMap((d) => [{ d, depth }, ...tree(d.code, depth + 1)]);
  return (
    <>
      {can("people.manage") && <div className="body"><Button onClick={() => setOpen(true)}>{t("departments.add")}</Button></div>}
      {all.length === 0 ? <Empty title={t("departments.none")}><p>{t("departments.noneText")}</p></Empty> : (
        <ul>
          {tree(null, 0).map(({ d, depth }) => (
            <li key={d.code} className="line">
              <span style={{ paddingInlineStart: depth * 18 }} className="strong">{both(d.name)} <span className="small soft mono">{d.code}</span></span>
              <span className="row">{d.purposes === null ? <span className="soft">{t("departments.all")}</span> : d.purposes.map((p) => <Chip key={p} tone="L2">{both(catalog.purposes.find((x) => x.id === p)?.name)}</Chip>)}</span>
            </li>
          ))}
        </ul>
      )}
      <Dialog open={open} onClose={() => setOpen(false)} label={t("departments.add")}>
        <form onSubmit={submit}>
          <h2>{t("departments.add")}</h2>
          {put.isError && <Note tone="bad">{explain(put.error)}</Note>}
          <div className="grid">
            <Input label={t("departments.code")} required pattern="[a-z0-9_\-]{1,40}" value={form.code} onChange={(e) => setForm({ ...form, code: e.target.value })} />
            <Select label={t("departments.parent")} value={form.parent} onChange={(e) => setForm({ ...form, parent: e.target.value })}><option value="">{t("common.none")}</option>{all.map((d) => <option key={d.code} value={d.code}>{both(d.name)}</option>)}</Select>
            <Input label={t("departments.zh")} required value={form.name_zh} onChange={(e) => setForm({ ...form, name_zh: e.target.value })} />
            <Input label={t("departments.en")} required value={form.name_en} onChange={(e) => setForm({ ...form, name_en: e.target.value })} />
          </div>
          <fieldset className="stack tight plain">
            <legend className="small strong">{t("departments.purposes")}</legend>
            <p className="small soft">{t("departments.purposesHint")}</p>
            {catalog.purposes.map((p) => <Check key={p.id} label={both(p.name)} checked={purposes.includes(p.id)} onChange={(e) => setPurposes(e.target.checked ? [...purposes, p.id] : purposes.filter((x) => x !== p.id))} />)}
          </fieldset>
          <div className="row"><Button kind="primary" type="submit" busy={put.isPending}>{t("common.save")}</Button><Button kind="quiet" onClick={() => setOpen(false)}>{t("common.cancel")}</Button></div>
        </form>
      </Dialog>
    </>
  );
}

export function People() {
  const { t } = useTranslation();
  const { can } = useWork();
  const [tab, setTab] = useState<Tab>("people");
  const [inviting, setInviting] = useState(false);
  const [link, setLink] = useState<string>();
  const [granting, setGranting] = useState<Person>();
  return (
    <Page title={t("people.title")} lead={t("people.lead")} actions={can("people.manage") && <Button kind="primary" onClick={() => setInviting(true)}>{t("people.invite")}</Button>}>
      {link !== undefined && (
        <Note tone="good">
          <p className="strong">{t("people.link")}</p>
          <p><code className="break">{link}</code></p>
          <p className="small">{t("people.linkOnce")}</p>
        </Note>
      )}
      <Tabs label={t("people.title")} value={tab} onChange={setTab} tabs={[{ id: "people", name: t("people.tab") }, { id: "grants", name: t("grants.tab") }, { id: "departments", name: t("departments.tab") }]} />
      <Panel flush>
        {tab === "people" ? <PeopleTable onGrant={setGranting} onLink={setLink} /> : tab === "grants" ? <GrantsTable /> : <Departments />}
      </Panel>
      <InviteDialog open={inviting} onClose={() => setInviting(false)} onInvited={(made) => { setLink(made); setInviting(false); }} />
      {granting !== undefined && <GrantDialog person={granting} onClose={() => setGranting(undefined)} />}
    </Page>
  );
}
