// What waits for me, and how things stand.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { api, ask } from "../../api/client";
import { Chip, Empty, Page, Panel } from "../../ui/basics";
import { both, day, number, time } from "../../ui/language";
import { useAssessments, useDuties } from "../assure/Assure";
import { useRecipients } from "../recipients/Recipients";
import { openItems, useRecertifications } from "../recertification/Recertification";
import { useRequests } from "../requests/Requests";
import { useRights } from "../rights/Rights";
import { useWork } from "../session";

interface Task {
  key: string;
  text: string;
  due?: string;
  path: string;
  tone: "warn" | "";
}

const kSoonMs = 7 * 86_400_000;

function useTasks(): Task[] {
  const { t } = useTranslation();
  const { me, can, catalog } = useWork();
  const courses = useQuery({ queryKey: ["courses"], queryFn: () => ask(api.GET("/api/v1/me/courses")) });
  const people = useQuery({ queryKey: ["people"], queryFn: () => ask(api.GET("/api/v1/people")), enabled: can("people.read") });
  const imports = useQuery({ queryKey: ["imports"], queryFn: () => ask(api.GET("/api/v1/imports", { params: { query: { limit: 20 } } })), enabled: can("imports.run") });
  const requests = useRequests();
  const recertifications = useRecertifications();
  const rights = useRights(can("rights.handle"));
  const opinions = useQuery({ queryKey: ["feedback"], queryFn: () => ask(api.GET("/api/v1/feedback")), enabled: can("feedback.answer") });
  const notices = useQuery({ queryKey: ["notices"], queryFn: () => ask(api.GET("/api/v1/notices")), enabled: can("notices.publish") });
  const retention = useQuery({ queryKey: ["retention"], queryFn: () => ask(api.GET("/api/v1/retention")), enabled: can("retention.run") });
  const assessments = useAssessments(can("assessments.write"));
  const duties = useDuties();
  const recipients = useRecipients(can("recipients.manage"));
  const sources = useQuery({ queryKey: ["sources", "register"], queryFn: () => ask(api.GET("/api/v1/sources/register")), enabled: can("sources.terms") });
  const soon = Date.now() + kSoonMs;
  const tasks: Task[] = [];
  for (const course of courses.data?.courses ?? []) {
    if (course.passed_at === null || new Date(course.due_at).getTime() < soon) {
      tasks.push({ key: course.id, text: t("task.course", { title: both(course.title) }), due: course.due_at, path: "/profile", tone: new Date(course.due_at).getTime() < Date.now() ? "warn" : "" });
    }
  }
  for (const request of requests.data?.requests ?? []) {
    const others = request.requester !== me.user.id;
    if (others && request.kind === "break_glass" && request.reviewed_at === null && can("break_glass.review")) tasks.push({ key: request.id, text: t("task.review"), path: "/requests", tone: "warn" });
    if (others && request.state === "open" && can("requests.approve")) tasks.push({ key: request.id, text: t("task.decide", { kind: t(`requests.kind.${request.kind}`) }), path: "/requests", tone: "" });
    if (!others && request.kind === "export" && request.state === "approved") tasks.push({ key: request.id, text: t("task.export"), path: "/requests", tone: "" });
  }
  for (const one of rights.data?.cases ?? []) {
    const first = one.processes.find((process) => process.due_at !== null);
    if (one.closed_at === null) tasks.push({ key: one.id, text: t("task.rights", { number: one.number }), path: `/rights/${one.id}`, tone: first !== undefined && ["red", "overdue"].includes(first.phase ?? "") ? "warn" : "", ...(first?.due_at == null ? {} : { due: first.due_at }) });
  }
  const open = (opinions.data?.messages ?? []).filter((message) => message.answered_at === null).length;
  if (open > 0) tasks.push({ key: "opinions", text: t("task.opinions", { count: open }), path: "/lawful", tone: "" });
  if (Object.values(notices.data?.pending ?? {}).some((changes) => changes.length > 0)) tasks.push({ key: "notices", text: t("task.notice"), path: "/lawful", tone: "" });
  for (const run of retention.data?.runs ?? []) {
    if (run.state === "waiting") tasks.push({ key: run.id, text: t("task.retention", { count: run.plan.people }), path: "/lawful", tone: "warn" });
  }
  for (const need of assessments.data?.needs ?? []) {
    if (need.required && need.state !== "signed") tasks.push({ key: `assess-${need.purpose}`, text: t("task.assess", { purpose: both(catalog.purposes.find((p) => p.id === need.purpose)?.name) || need.purpose }), path: "/accountability", tone: "warn" });
  }
  const overdue = (duties.data?.duties ?? []).filter((duty) => duty.overdue).length;
  if (overdue > 0) tasks.push({ key: "duties", text: t("task.duties", { count: overdue }), path: "/accountability", tone: "warn" });
  for (const one of recipients.data?.recipients ?? []) {
    if (one.state === "active" && one.obstacles.some((obstacle) => obstacle.blocks)) tasks.push({ key: one.id, text: t("task.recipient", { name: one.name }), path: `/recipients/${one.id}`, tone: "warn" });
  }
  const due = recertifications.data?.recertifications.find((one) => one.items.some((item) => item.may_decide));
  if (due !== undefined) {
    tasks.push({ key: due.id, text: t("task.recertify", { count: openItems([due]).length }), due: due.due_at, path: "/recertification", tone: new Date(due.due_at).getTime() < soon ? "warn" : "" });
  }
  for (const grant of me.roles) {
    if (new Date(grant.until).getTime() < soon) {
      tasks.push({ key: grant.id, text: t("task.grant", { role: both(catalog.roles.find((r) => r.id === grant.role)?.name) }), due: grant.until, path: "/profile", tone: "" });
    }
  }
  if (me.factors.recovery_left < 3) tasks.push({ key: "recovery", text: t("task.recovery", { count: me.factors.recovery_left }), path: "/profile", tone: "warn" });
  for (const person of people.data?.people ?? []) {
    // Whoever answers for others is told whose course is overdue: what they see is masked meanwhile.
    if (person.state === "active" && !person.trained && person.id !== me.user.id) tasks.push({ key: `${person.id}-course`, text: t("task.overdue", { name: person.name }), path: "/people", tone: "warn" });
    if (person.state === "invited" && can("people.manage")) tasks.push({ key: person.id, text: t("task.invited", { name: person.name }), path: "/people", tone: "" });
  }
  for (const one of imports.data?.imports ?? []) {
    const open = one.counts.quarantined - (one.counts.repaired ?? 0);
    if (one.state === "done" && open > 0) tasks.push({ key: one.id, text: t("task.quarantine", { count: open, source: one.source }), path: `/imports/${one.id}`, tone: "" });
  }
  for (const one of sources.data?.sources ?? []) {
    if (one.tell_by !== null) tasks.push({ key: `tell-${one.id}`, text: t("task.tell", { source: one.id }), due: one.tell_by, path: "/sources", tone: new Date(one.tell_by).getTime() < soon ? "warn" : "" });
  }
  return tasks;
}

// How many there are, of what this person may count.
function useFigures(): { key: string; text: string; count: number }[] {
  const { t } = useTranslation();
  const { can } = useWork();
  const now = Date.now();
  const people = useQuery({ queryKey: ["people"], queryFn: () => ask(api.GET("/api/v1/people")), enabled: can("people.read") });
  const grants = useQuery({ queryKey: ["grants"], queryFn: () => ask(api.GET("/api/v1/grants")), enabled: can("people.read") });
  const exports = useQuery({ queryKey: ["exports"], queryFn: () => ask(api.GET("/api/v1/exports")), enabled: can("exports.read") });
  const requests = useRequests();
  const figures: { key: string; text: string; count: number }[] = [];
  const add = (key: string, count: number | undefined) => { if (count !== undefined) figures.push({ key, text: t(`home.figure.${key}`), count }); };
  add("people", people.data?.people.filter((p) => p.state === "active").length);
  add("grants", grants.data?.grants.filter((g) => g.revoked_at === null && new Date(g.until).getTime() > now).length);
  if (can("requests.approve")) add("requests", requests.data?.requests.filter((r) => r.state === "open").length);
  add("exports", exports.data?.exports.filter((e) => e.recalled_at === null && new Date(e.until).getTime() > now).length);
  return figures;
}

export function Home() {
  const { t } = useTranslation();
  const { me, catalog } = useWork();
  const tasks = useTasks();
  const figures = useFigures();
  const roles = me.roles.filter((g) => new Date(g.until).getTime() > Date.now());
  return (
    <Page title={t("home.hello", { name: me.user.name })} lead={t("home.lead")}>
      <Panel flush title={t("home.tasks")}>
        {tasks.length === 0 ? <Empty title={t("home.noTasks")} /> : (
          <ul>
            {tasks.map((task) => (
              <li key={task.key} className="line">
                <span className="small soft">{task.due === undefined ? "" : day(task.due)}</span>
                <span className="row between"><span>{task.text} {task.tone === "warn" && <Chip tone="warn">{t("home.now")}</Chip>}</span><Link href={task.path}>{t("home.do")}</Link></span>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <div className="grid">
        <Panel title={t("home.roles")}>
          {roles.length === 0 ? <p className="soft">{t("home.noRoles")}</p> : (
            <ul className="stack">
              {roles.map((grant) => (
                <li key={grant.id} className="row between"><span className="strong">{both(catalog.roles.find((r) => r.id === grant.role)?.name)}</span><span className="small soft">{t("home.until", { time: day(grant.until) })}</span></li>
              ))}
            </ul>
          )}
        </Panel>
        <Panel title={t("home.purposes")}>
          {me.purposes.length === 0 ? <p className="soft">{t("home.noPurposes")}</p> : (
            <ul className="stack">
              {me.purposes.map((id) => {
                const purpose = catalog.purposes.find((p) => p.id === id);
                return <li key={id}><div className="strong">{both(purpose?.name)}</div><div className="small soft">{both(purpose?.description)}</div></li>;
              })}
            </ul>
          )}
        </Panel>
        {figures.length > 0 && (
          <Panel title={t("home.figures")}>
            <div className="stack tight">
              {figures.map((one) => <div key={one.key} className="row between"><span className="soft">{one.text}</span><span className="strong">{number(one.count)}</span></div>)}
            </div>
          </Panel>
        )}
        <Panel title={t("home.safety")}>
          <div className="stack tight">
            <div className="row between"><span className="soft">{t("home.factors")}</span><span>{number(me.factors.passkeys.length + (me.factors.totp ? 1 : 0))}</span></div>
            <div className="row between"><span className="soft">{t("home.codes")}</span><span>{number(me.factors.recovery_left)}</span></div>
            <div className="row between"><span className="soft">{t("home.ends")}</span><span>{time(me.session.ends_at)}</span></div>
          </div>
        </Panel>
      </div>
    </Page>
  );
}
