// From a file to sealed customers: file, columns, lawful basis, rehearsal, import.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { api, ask, type Schemas, upload } from "../../api/client";
import { Button, Check, Chip, Input, Note, Page, Panel, Select } from "../../ui/basics";
import { both } from "../../ui/language";
import { useWork } from "../session";
import { useProblem } from "../toasts";
import { Counts } from "./ImportPage";

type Step = "file" | "columns" | "lawful" | "rehearsal" | "done";
const kSteps: Step[] = ["file", "columns", "lawful", "rehearsal", "done"];

interface Lawful {
  source: string;
  channel: string;
  basis: string;
  purposes: string[];
  jurisdiction: string;
  separate: boolean;
}

// The proposed mapping with the reader's choices: its blocks stand in the order of the columns.
function withChoices(suggestion: Schemas["Suggestion"], choices: Record<string, string>): string {
  const [head = "", ...blocks] = suggestion.mapping.split("[[column]]");
  const quote = (text: string) => JSON.stringify(text);
  const kept = suggestion.columns.flatMap((column, i) => {
    const field = choices[column.columns.join("\u0000")] ?? column.field;
    const block = blocks[i] ?? "";
    return field === "" ? [] : [`[[column]]${block.replace(/^field = .*$/m, `field = ${quote(field)}`)}`];
  });
  const added = suggestion.ignored.flatMap((name) => {
    const field = choices[name] ?? "";
    return field === "" ? [] : [`[[column]]\nname = ${quote(name)}\nfield = ${quote(field)}\n`];
  });
  return [head, ...kept, ...added].join("\n");
}

function formOf(file: File, mapping: string, lawful: Lawful): FormData {
  const form = new FormData();
  form.append("mapping", mapping);
  form.append("source", lawful.source);
  form.append("basis", lawful.basis);
  for (const purpose of lawful.purposes) form.append("purpose", purpose);
  if (lawful.jurisdiction !== "") form.append("jurisdiction", lawful.jurisdiction);
  form.append("separate", lawful.separate ? "true" : "false");
  form.append("file", file, "upload");
  return form;
}

function FileStep({ onFile, busy }: { onFile: (file: File) => void; busy: boolean }) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  return (
    <div
      className={`drop ${over ? "over" : ""}`}
      onDragOver={(e) => { e.preventDefault(); setOver(true); }}
      onDragLeave={() => setOver(false)}
      onDrop={(e) => { e.preventDefault(); setOver(false); const file = e.dataTransfer.files[0]; if (file !== undefined) onFile(file); }}
    >
      <h2>{t("wizard.drop")}</h2>
      <p className="soft">{t("wizard.formats")}</p>
      <label className="button primary" aria-busy={busy}>
        {busy && <span className="spinner" aria-hidden="true" />}
        {t("wizard.choose")}
        <input type="file" className="visually-hidden" accept=".csv,.tsv,.txt,.ndjson,.jsonl,.xlsx" disabled={busy} onChange={(e) => { const file = e.target.files?.[0]; if (file !== undefined) onFile(file); }} />
      </label>
    </div>
  );
}

function ColumnsStep({ suggestion, choices, setChoices }: { suggestion: Schemas["Suggestion"]; choices: Record<string, string>; setChoices: (next: Record<string, string>) => void }) {
  const { t } = useTranslation();
  const { catalog, field } = useWork();
  const rows = [
    ...suggestion.columns.map((c) => ({ key: c.columns.join("\u0000"), name: c.columns.join(" + "), field: c.field, confidence: c.confidence })),
    ...suggestion.ignored.map((name) => ({ key: name, name, field: "", confidence: 0 })),
  ];
  return (
    <div className="table-wrap" tabIndex={0}>
      <table className="table">
        <thead><tr><th>{t("wizard.column")}</th><th>{t("policy.field")}</th><th>{t("why.level")}</th><th>{t("wizard.confidence")}</th></tr></thead>
        <tbody>
          {rows.map((row) => {
            const chosen = choices[row.key] ?? row.field;
            const level = field(chosen)?.level;
            return (
              <tr key={row.key}>
                <td className="strong">{row.name}{suggestion.key.includes(row.name) && <> <Chip tone="outline">{t("wizard.key")}</Chip></>}</td>
                <td>
                  <select className="select" aria-label={t("wizard.fieldOf", { column: row.name })} value={chosen} onChange={(e) => setChoices({ ...choices, [row.key]: e.target.value })}>
                    <option value="">{t("wizard.leaveOut")}</option>
                    {catalog.fields.map((f) => <option key={f.id} value={f.id}>{both(f.name)}</option>)}
                  </select>
                </td>
                <td>{level !== undefined && <Chip tone={level}>{level}</Chip>}</td>
                <td>{chosen !== row.field ? <Chip tone="outline">{t("wizard.yours")}</Chip> : row.confidence === 0 ? "–" : <Chip tone={row.confidence >= 0.9 ? "good" : "warn"}>{Math.round(row.confidence * 100)} %</Chip>}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function LawfulStep({ lawful, setLawful }: { lawful: Lawful; setLawful: (next: Lawful) => void }) {
  const { t } = useTranslation();
  const { catalog, me } = useWork();
  const sources = useQuery({ queryKey: ["sources"], queryFn: () => ask(api.GET("/api/v1/sources")) });
  const set = (part: Partial<Lawful>) => setLawful({ ...lawful, ...part });
  const fitting = catalog.purposes.filter((p) => me.purposes.includes(p.id) && p.bases.includes(lawful.basis as never));
  return (
    <div className="stack wide">
      <div className="grid">
        <div className="stack">
          <Input label={t("wizard.source")} hint={t("wizard.sourceHint")} list="known-sources" required pattern="[A-Za-z0-9._\-]{1,64}" value={lawful.source} onChange={(e) => set({ source: e.target.value })} />
          <datalist id="known-sources">{(sources.data?.sources ?? []).map((s) => <option key={s.id} value={s.id} />)}</datalist>
        </div>
        <Select label={t("wizard.basis")} hint={t("wizard.basisHint")} value={lawful.basis} onChange={(e) => set({ basis: e.target.value, purposes: [] })}>
          {(["contract", "consent", "legal_obligation", "legitimate_interest", "public_source"] as const).map((b) => <option key={b} value={b}>{t(`basis.${b}`)}</option>)}
        </Select>
        <Select label={t("wizard.jurisdiction")} value={lawful.jurisdiction} onChange={(e) => set({ jurisdiction: e.target.value })}>
          <option value="">{t("wizard.home")}</option>
          {["CN", "EU", "US-CA", "JP", "AU"].map((j) => <option key={j} value={j}>{t(`jurisdiction.${j}`)}</option>)}
        </Select>
      </div>
      <fieldset className="stack plain">
        <legend className="small strong">{t("wizard.purposes")}</legend>
        <p className="small soft">{t("wizard.purposesHint")}</p>
        {fitting.length === 0 && <Note tone="warn">{t("wizard.noPurpose")}</Note>}
        {fitting.map((p) => (
          <Check key={p.id} label={<><span className="strong">{both(p.name)}</span> <span className="soft">{both(p.description)}</span></>} checked={lawful.purposes.includes(p.id)} onChange={(e) => set({ purposes: e.target.checked ? [...lawful.purposes, p.id] : lawful.purposes.filter((x) => x !== p.id) })} />
        ))}
      </fieldset>
      <Check label={t("wizard.separate")} checked={lawful.separate} onChange={(e) => set({ separate: e.target.checked })} />
    </div>
  );
}

export function ImportWizard() {
  const { t } = useTranslation();
  const { can } = useWork();
  const queries = useQueryClient();
  const explain = useProblem();
  const [step, setStep] = useState<Step>("file");
  const [file, setFile] = useState<File>();
  const [suggestion, setSuggestion] = useState<Schemas["Suggestion"]>();
  const [choices, setChoices] = useState<Record<string, string>>({});
  const [lawful, setLawful] = useState<Lawful>({ source: "", channel: "import", basis: "contract", purposes: [], jurisdiction: "", separate: false });

  const suggest = useMutation({
    mutationFn: (chosen: File) => {
      const form = new FormData();
      form.append("file", chosen, "upload");
      return upload<Schemas["Suggestion"]>("/api/v1/imports/suggest", form);
    },
    onSuccess: (answer, chosen) => { setFile(chosen); setSuggestion(answer); setChoices({}); setStep("columns"); },
  });
  const rehearse = useMutation({
    mutationFn: async () => {
      const sources = await ask(api.GET("/api/v1/sources"));
      if (!sources.sources.some((s) => s.id === lawful.source)) {
        await ask(api.POST("/api/v1/sources", { body: { id: lawful.source, channel: "import", owner: "console" } }));
        void queries.invalidateQueries({ queryKey: ["sources"] });
      }
      return upload<Schemas["Import"]>("/api/v1/imports?dry_run=1", formOf(file!, withChoices(suggestion!, choices), lawful));
    },
    onSuccess: () => setStep("rehearsal"),
  });
  const run = useMutation({
    mutationFn: () => upload<Schemas["Import"]>("/api/v1/imports", formOf(file!, withChoices(suggestion!, choices), lawful)),
    onSuccess: () => { setStep("done"); void queries.invalidateQueries(); },
  });
  const running = useQuery({
    queryKey: ["imports"], enabled: run.isPending, refetchInterval: 1000,
    queryFn: () => ask(api.GET("/api/v1/imports", { params: { query: { limit: 5 } } })),
  });
  const progress = running.data?.imports.find((one) => one.state === "running" && one.source === lawful.source);
  const failed = [suggest, rehearse, run].find((m) => m.isError);
  const onward = (event: FormEvent) => { event.preventDefault(); rehearse.mutate(); };

  if (!can("imports.run")) return <Page title={t("wizard.title")}><Note tone="warn">{t("problem.role_refused")}</Note></Page>;
  return (
    <Page title={t("wizard.title")} lead={t("wizard.lead")}>
      <ol className="steps" aria-label={t("wizard.steps")}>{kSteps.map((s) => <li key={s} aria-current={s === step ? "step" : undefined}>{t(`wizard.step.${s}`)}</li>)}</ol>
      {failed !== undefined && <Note tone="bad">{explain(failed.error)}</Note>}
      {step === "file" && <FileStep busy={suggest.isPending} onFile={(chosen) => suggest.mutate(chosen)} />}
      {step === "columns" && suggestion !== undefined && (
        <Panel flush title={t("wizard.columnsTitle")} actions={<div className="row"><Button kind="quiet" onClick={() => setStep("file")}>{t("common.back")}</Button><Button kind="primary" onClick={() => setStep("lawful")}>{t("common.next")}</Button></div>}>
          <ColumnsStep suggestion={suggestion} choices={choices} setChoices={setChoices} />
        </Panel>
      )}
      {step === "lawful" && (
        <form onSubmit={onward}>
          <Panel title={t("wizard.lawfulTitle")} actions={<div className="row"><Button kind="quiet" onClick={() => setStep("columns")}>{t("common.back")}</Button><Button kind="primary" type="submit" busy={rehearse.isPending} disabled={lawful.purposes.length === 0}>{t("wizard.rehearse")}</Button></div>}>
            <LawfulStep lawful={lawful} setLawful={setLawful} />
          </Panel>
        </form>
      )}
      {step === "rehearsal" && rehearse.data !== undefined && (
        <Panel title={t("wizard.rehearsalTitle")} actions={<div className="row"><Button kind="quiet" disabled={run.isPending} onClick={() => setStep("lawful")}>{t("common.back")}</Button><Button kind="primary" busy={run.isPending} onClick={() => run.mutate()}>{t("wizard.import")}</Button></div>}>
          <div className="stack wide">
            <Note tone="good">{t("wizard.nothingYet")}</Note>
            {run.isPending && (
              <div className="stack" role="status">
                <progress className="bar" aria-label={t("imports.state.running")} {...(progress?.bytes !== undefined && (progress.bytes[1] ?? 0) > 0 ? { value: progress.bytes[0], max: progress.bytes[1] } : {})} />
                <p className="soft small">{t("wizard.leave")}</p>
              </div>
            )}
            <Counts counts={rehearse.data.counts} />
          </div>
        </Panel>
      )}
      {step === "done" && run.data !== undefined && (
        <Panel title={t("wizard.doneTitle")}>
          <div className="stack wide">
            <Counts counts={run.data.counts} />
            <div className="row"><Link href={`/imports/${run.data.id}`} className="button primary">{t("wizard.toImport")}</Link><Link href="/customers" className="button">{t("wizard.toCustomers")}</Link></div>
          </div>
        </Panel>
      )}
    </Page>
  );
}
