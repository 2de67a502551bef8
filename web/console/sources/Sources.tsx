// The register of sources: terms, figures, who answers; and what to do about one.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "../../api/client";
import { Button, Chip, Dialog, Empty, Figures, Input, Loading, Note, Page, Panel, Select } from "../../ui/basics";
import { day, number, time } from "../../ui/language";
import { useWork } from "../session";
import { useProblem, useTell } from "../toasts";

type Source = Schemas["RegisteredSource"];
const kinds = ["own", "third_party", "public"] as const;
const percent = (share: number) => number(Math.round(share * 100));

function Terms({ source, onClose }: { source: Source; onClose: () => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const queries = useQueryClient();
  const { terms } = source;
  const [kind, setKind] = useState(terms.kind);
  const [form, setForm] = useState({ supplier: terms.supplier, agreement: terms.agreement, agreement_until: terms.agreement_until ?? "", evidence: terms.evidence, evidence_on: terms.evidence_on ?? "", citation: terms.citation, observed_on: terms.observed_on ?? "" });
  const save = useMutation({
    mutationFn: () => ask(api.PUT("/api/v1/sources/{id}/terms", { params: { path: { id: source.id } }, body: { kind, ...form } })),
    onSuccess: () => { void queries.invalidateQueries({ queryKey: ["sources"] }); onClose(); },
  });
  const field = (name: keyof typeof form, label: string, type = "text") => <Input label={t(`sources.${label}`)} type={type} maxLength={400} value={form[name]} onChange={(e) => setForm({ ...form, [name]: e.target.value })} />;
  return (
    <Dialog open onClose={onClose} label={t("sources.terms")}>
      <form onSubmit={(e: FormEvent) => { e.preventDefault(); save.mutate(); }}>
        <h2>{t("sources.terms")} · {source.id}</h2>
        <p className="soft small">{t("sources.termsText")}</p>
        {save.isError && <Note tone="bad">{explain(save.error)}</Note>}
        <div className="grid">
          <Select label={t("sources.kindLabel")} value={kind} onChange={(e) => setKind(kinds.find((one) => one === e.target.value) ?? "own")}>{kinds.map((one) => <option key={one} value={one}>{t(`sources.kind.${one}`)}</option>)}</Select>
          {kind === "third_party" && <>{field("supplier", "supplier")}{field("agreement", "agreement")}{field("agreement_until", "agreementUntil", "date")}{field("evidence", "evidence")}{field("evidence_on", "evidenceOn", "date")}</>}
          {kind === "public" && <>{field("citation", "citation")}{field("observed_on", "observedOn", "date")}</>}
        </div>
        <div className="row"><Button kind="primary" type="submit" busy={save.isPending}>{t("sources.save")}</Button><Button kind="quiet" onClick={onClose}>{t("common.cancel")}</Button></div>
      </form>
    </Dialog>
  );
}

function Say({ source, what, onClose }: { source: Source; what: "cut" | "told"; onClose: () => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const path = { path: { id: source.id } };
  const act = useMutation({
    mutationFn: async () => { await (what === "cut" ? ask(api.POST("/api/v1/sources/{id}/cut", { params: path, body: { reason: text } })) : ask(api.POST("/api/v1/sources/{id}/told", { params: path, body: { how: text } }))); },
    onSuccess: () => { void queries.invalidateQueries({ queryKey: ["sources"] }); onClose(); },
  });
  return (
    <Dialog open onClose={onClose} label={t(`sources.${what}`)}>
      <form onSubmit={(e: FormEvent) => { e.preventDefault(); act.mutate(); }}>
        <h2>{t(`sources.${what}`)} · {source.id}</h2>
        {what === "cut" && <p>{t("sources.cutText")}</p>}
        {act.isError && <Note tone="bad">{explain(act.error)}</Note>}
        <Input label={t(what === "cut" ? "sources.cutWhy" : "sources.toldHow")} required maxLength={400} value={text} onChange={(e) => setText(e.target.value)} />
        <div className="row"><Button kind={what === "cut" ? "danger" : "primary"} type="submit" busy={act.isPending}>{t(what === "cut" ? "sources.cutGo" : "sources.told")}</Button><Button kind="quiet" onClick={onClose}>{t("common.cancel")}</Button></div>
      </form>
    </Dialog>
  );
}

// Looked at first, then done.
function Withdraw({ source, onClose }: { source: Source; onClose: () => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const tell = useTell();
  const queries = useQueryClient();
  const path = { path: { id: source.id } };
  const found = useQuery({ queryKey: ["sources", source.id, "withdrawal"], gcTime: 0, queryFn: () => ask(api.POST("/api/v1/sources/{id}/withdrawal", { params: path, body: { dry_run: true } })) });
  const go = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/sources/{id}/withdrawal", { params: path, body: { dry_run: false } })),
    onSuccess: () => { tell(t("sources.withdrawn")); void queries.invalidateQueries({ queryKey: ["sources"] }); onClose(); },
  });
  return (
    <Dialog open onClose={onClose} label={t("sources.withdraw")}>
      <div className="inner stack">
        <h2>{t("sources.withdraw")} · {source.id}</h2>
        {go.isError && <Note tone="bad">{explain(go.error)}</Note>}
        {found.isPending ? <Loading lines={2} /> : found.isError ? <Note tone="bad">{explain(found.error)}</Note> : <p>{found.data.values + found.data.entries === 0 ? t("sources.withdrawNone") : t("sources.withdrawText", { only: number(found.data.only), some: number(found.data.some), values: number(found.data.values), entries: number(found.data.entries) })}</p>}
        {found.isSuccess && found.data.held > 0 && <Note tone="warn">{t("sources.withdrawHeld", { held: number(found.data.held) })}</Note>}
        <div className="row">{(found.data?.values ?? 0) + (found.data?.entries ?? 0) > 0 && <Button kind="danger" busy={go.isPending} onClick={() => go.mutate()}>{t("sources.withdrawGo")}</Button>}<Button kind="quiet" onClick={onClose}>{t("common.close")}</Button></div>
      </div>
    </Dialog>
  );
}

function One({ source }: { source: Source }) {
  const { t } = useTranslation();
  const { can } = useWork();
  const [open, setOpen] = useState<"terms" | "cut" | "told" | "withdraw">();
  const { terms } = source;
  const figures = [["taken", source.taken], ["refused", source.refused], ["left_out", source.left_out], ["not_allowed", source.not_allowed]] as const;
  const actions = can("sources.terms") && terms.cut_at === null ? <div className="row"><Button small onClick={() => setOpen("terms")}>{t("sources.terms")}</Button><Button small kind="danger" onClick={() => setOpen("cut")}>{t("sources.cut")}</Button></div> : undefined;
  return (
    <Panel title={<>{source.id} <Chip tone={terms.kind === "own" ? "" : "outline"}>{t(`sources.kind.${terms.kind}`)}</Chip> {source.obstacle !== null && <Chip tone="bad">{t(`sources.obstacle.${source.obstacle}`)}</Chip>}</>} actions={actions}>
      <div className="stack wide">
        <Figures figures={figures.map(([name, count]) => [t(`sources.count.${name}`), count])} />
        <div className="row">
          {source.reliability !== null && <Chip tone={source.reliability >= 0.8 ? "good" : source.reliability >= 0.5 ? "warn" : "bad"}>{t("sources.reliability", { percent: percent(source.reliability) })}</Chip>}
          {source.quality !== null && <Chip>{t("sources.score", { percent: percent(source.quality.score) })}</Chip>}
        </div>
        <p className="small soft">{source.channel} · {t("sources.owner", { owner: source.owner })} · {source.last_at === null ? t("sources.never") : t("sources.last", { time: time(source.last_at) })}</p>
        {terms.kind === "third_party" && terms.supplier !== "" && <p className="small">{terms.supplier} · {terms.agreement}{terms.agreement_until !== null && ` (${day(terms.agreement_until)})`} · {terms.evidence}{terms.evidence_on !== null && ` (${day(terms.evidence_on)})`}</p>}
        {terms.kind === "public" && terms.citation !== "" && <p className="small break">{terms.citation}{terms.observed_on !== null && ` (${day(terms.observed_on)})`}</p>}
        {terms.cut_at !== null && <div className="row between"><p className="small">{t("sources.isCut", { day: day(terms.cut_at), why: terms.cut_why })}</p>{can("sources.terms") && <Button small onClick={() => setOpen("withdraw")}>{t("sources.withdraw")}</Button>}</div>}
        {source.tell_by !== null && <Note tone="warn"><div className="row between"><span>{t("sources.tell", { day: day(source.tell_by) })}</span>{can("sources.terms") && <Button small onClick={() => setOpen("told")}>{t("sources.told")}</Button>}</div></Note>}
        {source.tell_by === null && terms.told_at !== null && <p className="small soft">{t("sources.toldAt", { day: day(terms.told_at), how: terms.told_how })}</p>}
      </div>
      {open === "withdraw" && <Withdraw source={source} onClose={() => setOpen(undefined)} />}
      {open === "terms" && <Terms source={source} onClose={() => setOpen(undefined)} />}
      {(open === "cut" || open === "told") && <Say source={source} what={open} onClose={() => setOpen(undefined)} />}
    </Panel>
  );
}

export function Sources() {
  const { t } = useTranslation();
  const explain = useProblem();
  const all = useQuery({ queryKey: ["sources", "register"], queryFn: () => ask(api.GET("/api/v1/sources/register")) });
  return (
    <Page title={t("sources.title")} lead={t("sources.lead")}>
      {all.isPending ? <Panel><Loading /></Panel> : all.isError ? <Panel><Note tone="bad">{explain(all.error)}</Note></Panel> : all.data.sources.length === 0 ? <Panel><Empty title={t("sources.none")} /></Panel> : all.data.sources.map((one) => <One key={one.id} source={one} />)}
    </Page>
  );
}
