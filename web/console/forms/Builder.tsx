// Builds a form. What no purpose of it needs cannot be asked: the list does not offer it, and the server
// refuses it.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "../../api/client";
import { Button, Check, Chip, Input, Note, Page, Panel, Select, Textarea } from "../../ui/basics";
import { both } from "../../ui/language";
import { useWork } from "../session";
import { useProblem } from "../toasts";

type Spec = Schemas["FormSpec"];
type Question = Spec["questions"][number];
type Both = Schemas["Both"];
const minors = ["not_asked", "refused", "guardian"] as const;
const kinds = ["form", "capture"] as const;
const empty = (): Both => ({ "zh-CN": "", en: "" });
const blank = (): Required<Spec> => ({ code: "", kind: "form", title: empty(), intro: empty(), thanks: empty(), source: "", purposes: [], questions: [], double_opt_in: true, minors: "not_asked", origins: [] });

// One choice a line: value | 中文 | English
const linesOf = (choices: Question["choices"]) => (choices ?? []).map((one) => [one.value, one.name["zh-CN"], one.name.en].join(" | ")).join("\n");
const choicesOf = (text: string): NonNullable<Question["choices"]> =>
  text.split("\n").map((line) => line.split("|").map((part) => part.trim())).filter(([value]) => value !== undefined && value !== "").map(([value = "", zh = "", en = ""]) => ({ value, name: { "zh-CN": zh, en } }));

function BothInput({ label, value, onChange, required = false, long = false }: { label: string; value: Both; onChange: (value: Both) => void; required?: boolean; long?: boolean }) {
  const Part = long ? Textarea : Input;
  return (
    <>
      <Part label={`${label} · 中文`} required={required} maxLength={long ? 2000 : 66} value={value["zh-CN"]} onChange={(e: { target: { value: string } }) => onChange({ ...value, "zh-CN": e.target.value })} />
      <Part label={`${label} · English`} required={required} maxLength={long ? 2000 : 200} value={value.en} onChange={(e: { target: { value: string } }) => onChange({ ...value, en: e.target.value })} />
    </>
  );
}

function Asked({ question, fields, first, last, onChange, onMove, onRemove }: { question: Question; fields: Schemas["Catalog"]["fields"]; first: boolean; last: boolean; onChange: (question: Question) => void; onMove: (by: number) => void; onRemove: () => void }) {
  const { t } = useTranslation();
  const { field } = useWork();
  const [choices, setChoices] = useState(linesOf(question.choices));
  const known = field(question.field);
  const isFree = known?.type === "word" || known?.type === "text" || known?.type === "city" || known?.type === "country" || known?.type === "sex" || known?.type === "language";
  const isNumber = known?.type === "number" || known?.type === "amount";
  return (
    <li className="panel"><div className="body stack">
      <div className="row between">
        <h3>{both(question.label ?? empty()) || both(known?.name) || question.field} {known !== undefined && <Chip tone={known.level}>{known.level}</Chip>}</h3>
        <div className="row">
          <Button small kind="quiet" disabled={first} onClick={() => onMove(-1)}>{t("forms.up")}</Button>
          <Button small kind="quiet" disabled={last} onClick={() => onMove(1)}>{t("forms.down")}</Button>
          <Button small kind="quiet" onClick={onRemove}>{t("forms.remove")}</Button>
        </div>
      </div>
      <div className="grid">
        <Select label={t("forms.field")} value={question.field} onChange={(e) => onChange({ ...question, field: e.target.value, scale: "" })}>{fields.map((f) => <option key={f.id} value={f.id}>{both(f.name)}</option>)}</Select>
        {isNumber && <Select label={t("forms.scale")} value={question.scale ?? ""} onChange={(e) => onChange({ ...question, scale: e.target.value === "nps" ? "nps" : e.target.value === "csat" ? "csat" : "" })}><option value="">{t("common.none")}</option><option value="nps">{t("forms.nps")}</option><option value="csat">{t("forms.csat")}</option></Select>}
        <BothInput label={t("forms.label")} value={question.label ?? empty()} onChange={(label) => onChange({ ...question, label })} />
      </div>
      {isFree && <Textarea label={t("forms.choices")} hint={t("forms.choicesText")} rows={2} value={choices} onChange={(e) => { setChoices(e.target.value); onChange({ ...question, choices: choicesOf(e.target.value) }); }} />}
      <Check label={t("forms.required")} checked={question.required ?? false} onChange={(e) => onChange({ ...question, required: e.target.checked })} />
    </div></li>
  );
}

export function Builder({ form, onDone }: { form: Schemas["Form"] | undefined; onDone: () => void }) {
  const { t } = useTranslation();
  const { catalog, field } = useWork();
  const explain = useProblem();
  const queries = useQueryClient();
  const [spec, setSpec] = useState<Required<Spec>>(() => {
    if (form === undefined) return blank();
    const { code, kind, title, intro, thanks, source, purposes, questions, double_opt_in, minors: young, origins } = form;
    return { ...blank(), code, source, title, purposes, questions, ...(kind === undefined ? {} : { kind }), ...(intro === undefined ? {} : { intro }), ...(thanks === undefined ? {} : { thanks }), ...(double_opt_in === undefined ? {} : { double_opt_in }), ...(young === undefined ? {} : { minors: young }), ...(origins === undefined ? {} : { origins }) };
  });
  const set = (change: Partial<Spec>) => setSpec((before) => ({ ...before, ...change }));
  const later = useDeferredValue(spec);
  const checked = useQuery({ queryKey: ["forms", "check", later], gcTime: 0, enabled: later.code !== "" && later.purposes.length > 0, queryFn: () => ask(api.POST("/api/v1/forms/check", { body: later })) });
  const problems = checked.data?.problems ?? [];
  const needed = new Set(spec.purposes.flatMap((p) => catalog.purposes.find((x) => x.id === p.id)?.fields ?? []));
  const fields = catalog.fields.filter((f) => needed.has(f.id) && f.level !== "L4" && !f.flags.includes("derived"));
  const save = useMutation({
    mutationFn: () => ask(form === undefined ? api.POST("/api/v1/forms", { body: spec }) : api.PUT("/api/v1/forms/{id}", { params: { path: { id: form.id } }, body: spec })),
    onSuccess: () => { void queries.invalidateQueries({ queryKey: ["forms"] }); onDone(); },
  });
  const submit = (event: FormEvent) => { event.preventDefault(); save.mutate(); };
  const change = (at: number, question: Question) => set({ questions: spec.questions.map((one, i) => (i === at ? question : one)) });
  const move = (at: number, by: number) => {
    const questions = [...spec.questions];
    const [one] = questions.splice(at, 1);
    if (one !== undefined) questions.splice(at + by, 0, one);
    set({ questions });
  };
  const nameOf = (where: string) => both(field(where)?.name) || both(catalog.purposes.find((p) => p.id === where)?.name) || where;
  return (
    <Page title={form === undefined ? t("forms.add") : both(form.title)} lead={t("forms.buildLead")} actions={<Button kind="quiet" onClick={onDone}>{t("common.cancel")}</Button>}>
      <form className="stack wide" onSubmit={submit}>
        <Panel title={t("forms.about")}>
          <div className="grid">
            <Input label={t("forms.code")} hint={t("forms.codeText")} required pattern="[a-z0-9\-]{1,40}" disabled={form !== undefined} value={spec.code} onChange={(e) => set({ code: e.target.value })} />
            <Select label={t("forms.kindLabel")} hint={t(`forms.kindText.${spec.kind}`)} value={spec.kind} onChange={(e) => { const kind = e.target.value === "capture" ? "capture" : "form"; set({ kind, double_opt_in: kind === "form" && spec.double_opt_in }); }}>{kinds.map((one) => <option key={one} value={one}>{t(`forms.kind.${one}`)}</option>)}</Select>
            <Input label={t("forms.source")} hint={t("forms.sourceText")} required maxLength={80} value={spec.source} onChange={(e) => set({ source: e.target.value })} />
            <Select label={t("forms.minors")} value={spec.minors} onChange={(e) => set({ minors: minors.find((one) => one === e.target.value) ?? "not_asked" })}>{minors.filter((one) => one !== "guardian" || spec.kind === "form").map((one) => <option key={one} value={one}>{t(`forms.minorsName.${one}`)}</option>)}</Select>
            <BothInput label={t("forms.titleOf")} required value={spec.title} onChange={(title) => set({ title })} />
            <BothInput label={t("forms.intro")} long value={spec.intro} onChange={(intro) => set({ intro })} />
            <BothInput label={t("forms.thanks")} long value={spec.thanks} onChange={(thanks) => set({ thanks })} />
          </div>
        </Panel>
        <Panel title={t("forms.purposes")}>
          <div className="stack">
            <p className="soft small">{t("forms.purposesText")}</p>
            {catalog.purposes.filter((p) => p.bases.length > 0).map((p) => {
              const chosen = spec.purposes.find((one) => one.id === p.id);
              return (
                <div key={p.id} className="row between">
                  <Check label={both(p.name)} checked={chosen !== undefined} onChange={(e) => set({ purposes: e.target.checked ? [...spec.purposes, { id: p.id, basis: p.bases.includes("consent") ? "consent" : (p.bases[0] ?? "consent") }] : spec.purposes.filter((one) => one.id !== p.id) })} />
                  {chosen !== undefined && <select className="select" style={{ width: "auto" }} aria-label={`${both(p.name)}: ${t("streams.basis")}`} value={chosen.basis} onChange={(e) => set({ purposes: spec.purposes.map((one) => (one.id === p.id ? { ...one, basis: p.bases.find((b) => b === e.target.value) ?? one.basis } : one)) })}>{p.bases.map((b) => <option key={b} value={b}>{t(`basis.${b}`)}</option>)}</select>}
                </div>
              );
            })}
          </div>
        </Panel>
        <Panel title={t("forms.questions")} actions={<Button small disabled={fields.length === 0} onClick={() => { const next = fields.find((f) => !spec.questions.some((q) => q.field === f.id)) ?? fields[0]; if (next !== undefined) set({ questions: [...spec.questions, { field: next.id, label: empty(), scale: "", required: false, choices: [] }] }); }}>{t("forms.ask")}</Button>}>
          {spec.questions.length === 0 ? <p className="soft">{t(fields.length === 0 ? "forms.choosePurpose" : "forms.noQuestions")}</p> : (
            <ol className="stack plain-list">
              {spec.questions.map((question, i) => <Asked key={question.field} question={question} fields={fields.filter((f) => f.id === question.field || !spec.questions.some((q) => q.field === f.id))} first={i === 0} last={i === spec.questions.length - 1} onChange={(one) => change(i, one)} onMove={(by) => move(i, by)} onRemove={() => set({ questions: spec.questions.filter((_, at) => at !== i) })} />)}
            </ol>
          )}
        </Panel>
        <Panel title={t("forms.sure")}>
          <div className="stack">
            {spec.kind === "form" && <Check label={t("forms.optInText")} checked={spec.double_opt_in} onChange={(e) => set({ double_opt_in: e.target.checked })} />}
            {spec.kind === "form" && <Input label={t("forms.origins")} hint={t("forms.originsText")} value={spec.origins.join(" ")} onChange={(e) => set({ origins: e.target.value === "" ? [] : e.target.value.split(" ") })} />}
            {problems.length > 0 && <Note tone="warn"><p className="strong">{t("forms.problems")}</p><ul>{problems.map((p) => <li key={p.code + p.where}>{p.where !== "" && `${nameOf(p.where)}: `}{t(`forms.problem.${p.code}`)}</li>)}</ul></Note>}
            {save.isError && <Note tone="bad">{explain(save.error)}</Note>}
            <div className="row"><Button kind="primary" type="submit" busy={save.isPending} disabled={checked.data === undefined || problems.length > 0}>{t("forms.save")}</Button><Button kind="quiet" onClick={onDone}>{t("common.cancel")}</Button></div>
          </div>
        </Panel>
      </form>
    </Page>
  );
}
