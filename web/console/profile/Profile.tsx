// Oneself: how one signs in, where one is signed in, courses, language and look.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, keepCsrf, type Schemas } from "../../api/client";
import { registerPasskey } from "../../api/passkeys";
import { useFresh } from "../fresh";
import { Button, Chip, Dialog, Input, Loading, Note, Page, Panel, Select } from "../../ui/basics";
import { both, day, type Language, languages, setLanguage, time } from "../../ui/language";
import { useWork } from "../session";
import { QrCode } from "../sign-in/QrCode";
import { RecoveryCodes } from "../sign-in/Enroll";
import { useSsoOffer } from "../sign-in/Sso";
import { setTheme, type Theme, theme } from "../../ui/theme";
import { useProblem, useTell } from "../toasts";

function Factors() {
  const { t } = useTranslation();
  const { me } = useWork();
  const fresh = useFresh();
  const tell = useTell();
  const [codes, setCodes] = useState<string[]>();
  const [offer, setOffer] = useState<Schemas["TotpOffer"]>();
  const [code, setCode] = useState("");
  const [label, setLabel] = useState("");
  const [naming, setNaming] = useState(false);
  return (
    <Panel title={t("profile.factors")}>
      <div className="stack wide">
        {fresh.trouble !== undefined && <Note tone="bad">{fresh.trouble}</Note>}
        <div className="stack">
          <div className="row between"><span>{t("profile.totp")}</span>{me.factors.totp ? <Chip tone="good">{t("profile.on")}</Chip> : <Chip>{t("profile.off")}</Chip>}<Button small onClick={() => fresh.run(async () => setOffer(await ask(api.POST("/api/v1/me/totp", { body: {} }))))}>{me.factors.totp ? t("profile.replace") : t("profile.add")}</Button></div>
          {offer !== undefined && (
            <form className="stack" onSubmit={(e) => { e.preventDefault(); fresh.run(async () => { keepCsrf((await ask(api.POST("/api/v1/me/totp/confirm", { body: { code } }))).csrf); setOffer(undefined); setCode(""); tell(t("profile.totpDone")); }); }}>
              <QrCode text={offer.uri} label={t("enroll.qr")} />
              <Input label={t("signIn.code")} inputMode="numeric" maxLength={6} required value={code} onChange={(e) => setCode(e.target.value)} />
              <Button kind="primary" type="submit">{t("enroll.confirm")}</Button>
            </form>
          )}
          <div className="row between"><span>{t("profile.passkeys")}</span><Button small onClick={() => setNaming(true)}>{t("profile.add")}</Button></div>
          {naming && (
            <form className="row" onSubmit={(e) => { e.preventDefault(); fresh.run(async () => { keepCsrf((await registerPasskey(me.user, label)).csrf); setNaming(false); setLabel(""); tell(t("profile.passkeyDone")); }); }}>
              <span className="grow"><Input label={t("profile.passkeyName")} required maxLength={60} value={label} onChange={(e) => setLabel(e.target.value)} /></span>
              <Button kind="primary" type="submit">{t("common.next")}</Button>
            </form>
          )}
          {me.factors.passkeys.map((p) => (
            <div key={p.id} className="row between"><span>{p.label} <span className="small soft">{t("profile.since", { time: day(p.created_at) })}</span></span>
              <Button small kind="danger" onClick={() => fresh.run(() => ask(api.DELETE("/api/v1/me/passkeys/{id}", { params: { path: { id: p.id } } })).then(() => undefined))}>{t("profile.remove")}</Button></div>
          ))}
          <div className="row between"><span>{t("profile.recovery", { count: me.factors.recovery_left })}</span><Button small onClick={() => fresh.run(async () => setCodes((await ask(api.POST("/api/v1/me/recovery-codes", { body: {} }))).recovery_codes))}>{t("profile.newCodes")}</Button></div>
          {codes !== undefined && <><Note tone="warn">{t("recovery.lead")}</Note><RecoveryCodes codes={codes} /></>}
        </div>
      </div>
      {fresh.dialog}
    </Panel>
  );
}

// The account of the company's identity provider, in the place of the password.
function CompanyAccount() {
  const { t } = useTranslation();
  const { me } = useWork();
  const fresh = useFresh();
  const tell = useTell();
  const offer = useSsoOffer();
  if (offer.data?.available !== true) return null;
  const link = () => fresh.run(async () => window.location.assign((await ask(api.POST("/api/v1/me/sso/start", { body: {} }))).location));
  const unlink = () => fresh.run(async () => {
    await ask(api.DELETE("/api/v1/me/sso"));
    tell(t("sso.unlinked"));
  });
  return (
    <Panel title={t("sso.account", { name: offer.data.name })}>
      {fresh.trouble !== undefined && <Note tone="bad">{fresh.trouble}</Note>}
      <div className="row between">
        <span>{me.factors.sso ? <Chip tone="good">{t("sso.isLinked")}</Chip> : <span className="soft">{t("sso.offer")}</span>}</span>
        {me.factors.sso ? <Button small kind="danger" onClick={unlink}>{t("sso.unlink")}</Button> : <Button small onClick={link}>{t("sso.link")}</Button>}
      </div>
      {fresh.dialog}
    </Panel>
  );
}

function Password() {
  const { t } = useTranslation();
  const fresh = useFresh();
  const tell = useTell();
  const [before, setBefore] = useState("");
  const [after, setAfter] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    fresh.run(async () => {
      keepCsrf((await ask(api.POST("/api/v1/me/password", { body: { before, after } }))).csrf);
      setBefore("");
      setAfter("");
      tell(t("profile.passwordDone"));
    });
  };
  return (
    <Panel title={t("profile.password")}>
      <form className="stack" onSubmit={submit}>
        {fresh.trouble !== undefined && <Note tone="bad">{fresh.trouble}</Note>}
        <Input label={t("profile.passwordNow")} type="password" required autoComplete="current-password" value={before} onChange={(e) => setBefore(e.target.value)} />
        <Input label={t("profile.passwordNew")} hint={t("setUp.hint")} type="password" required minLength={12} autoComplete="new-password" value={after} onChange={(e) => setAfter(e.target.value)} />
        <div><Button type="submit">{t("profile.passwordGo")}</Button></div>
      </form>
      {fresh.dialog}
    </Panel>
  );
}

function Courses() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const explain = useProblem();
  const courses = useQuery({ queryKey: ["courses"], queryFn: () => ask(api.GET("/api/v1/me/courses")) });
  const [open, setOpen] = useState<string>();
  const [answers, setAnswers] = useState<Record<number, number>>({});
  const take = useMutation({
    mutationFn: (course: Schemas["Courses"]["courses"][number]) =>
      ask(api.POST("/api/v1/me/courses/{id}", { params: { path: { id: course.id } }, body: { answers: course.questions.map((_, i) => answers[i] ?? 0) } })),
    onSuccess: (graded) => { if (graded.passed) void queries.invalidateQueries(); },
  });
  const course = courses.data?.courses.find((c) => c.id === open);
  const done = course !== undefined && course.questions.every((_, i) => answers[i] !== undefined);
  return (
    <Panel flush title={t("profile.courses")}>
      {courses.isPending ? <div className="body"><Loading /></div> : (courses.data?.courses ?? []).map((c) => (
        <div key={c.id} className="line">
          <span className="small soft">{c.passed_at === null ? t("profile.due", { time: day(c.due_at) }) : t("profile.passed", { time: day(c.passed_at) })}</span>
          <span className="row between"><span className="strong">{both(c.title)}</span><Button small onClick={() => { setAnswers({}); take.reset(); setOpen(c.id); }}>{c.passed_at === null ? t("profile.take") : t("profile.again")}</Button></span>
        </div>
      ))}
      <Dialog open={course !== undefined} onClose={() => setOpen(undefined)} label={both(course?.title)}>
        {course !== undefined && (
          <form onSubmit={(e) => { e.preventDefault(); take.mutate(course); }}>
            <h2>{both(course.title)}</h2>
            <p className="soft">{both(course.summary)}</p>
            {take.isError && <Note tone="bad">{explain(take.error)}</Note>}
            {take.data !== undefined && <Note tone={take.data.passed ? "good" : "warn"}>{t(take.data.passed ? "profile.youPassed" : "profile.tryAgain", { right: take.data.right, needed: take.data.needed })}</Note>}
            {course.questions.map((q, i) => (
              <fieldset key={i} className="stack tight plain">
                <legend className="strong">{i + 1}. {both(q.text)}</legend>
                {q.choices.map((choice, j) => (
                  <label key={j} className="check"><input type="radio" name={`q${i}`} checked={answers[i] === j} onChange={() => setAnswers((now) => ({ ...now, [i]: j }))} /><span>{both(choice)}</span></label>
                ))}
              </fieldset>
            ))}
            <div className="row"><Button kind="primary" type="submit" disabled={!done} busy={take.isPending}>{t("profile.answer")}</Button><Button kind="quiet" onClick={() => setOpen(undefined)}>{t("common.close")}</Button></div>
          </form>
        )}
      </Dialog>
    </Panel>
  );
}

function Devices() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const sessions = useQuery({ queryKey: ["my-sessions"], queryFn: () => ask(api.GET("/api/v1/me/sessions")) });
  const end = useMutation({
    mutationFn: (id: string) => ask(api.DELETE("/api/v1/me/sessions/{id}", { params: { path: { id } } })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["my-sessions"] }),
  });
  return (
    <Panel flush title={t("profile.devices")}>
      {sessions.isPending ? <div className="body"><Loading lines={2} /></div> : (sessions.data?.sessions ?? []).map((s) => (
        <div key={s.id} className="line"><span className="small soft">{time(s.created_at)}</span>
          <span className="row between"><span>{s.device || t("profile.unknownDevice")} {s.current && <Chip tone="good">{t("profile.thisOne")}</Chip>}</span>{!s.current && <Button small kind="danger" onClick={() => end.mutate(s.id)}>{t("profile.signOutThere")}</Button>}</span></div>
      ))}
    </Panel>
  );
}

export function Profile() {
  const { t, i18n } = useTranslation();
  const { me, catalog } = useWork();
  const queries = useQueryClient();
  const [look, setLook] = useState<Theme>(theme());
  const signOut = async () => {
    await ask(api.DELETE("/api/v1/session")).catch(() => undefined);
    queries.clear();
    window.location.assign("/console/");
  };
  return (
    <Page title={me.user.name} lead={`${me.user.login}${me.user.email === "" ? "" : ` · ${me.user.email}`}`} actions={<Button onClick={() => void signOut()}>{t("profile.signOut")}</Button>}>
      <Panel title={t("profile.look")}>
        <div className="grid">
          <Select label={t("language.label")} value={i18n.language} onChange={(e) => void setLanguage(e.target.value as Language)}>{languages.map((l) => <option key={l.id} value={l.id}>{l.name}</option>)}</Select>
          <Select label={t("profile.theme")} value={look} onChange={(e) => { setLook(e.target.value as Theme); setTheme(e.target.value as Theme); }}>{(["system", "light", "dark"] as const).map((x) => <option key={x} value={x}>{t(`profile.themes.${x}`)}</option>)}</Select>
        </div>
      </Panel>
      <Courses />
      <Factors />
      <CompanyAccount />
      <Password />
      <Devices />
      <Panel flush title={t("profile.grants")}>
        {me.roles.map((g) => (
          <div key={g.id} className="line"><span className="small soft">{t("home.until", { time: day(g.until) })}</span><span className="row"><span className="strong">{both(catalog.roles.find((r) => r.id === g.role)?.name)}</span>{g.case !== "" && <Chip tone="outline">{g.case}</Chip>}</span></div>
        ))}
      </Panel>
    </Page>
  );
}
