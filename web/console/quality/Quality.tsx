// How good the data held is: the score and what drags it down, by field and by source, month by
// month, and whom to ask again.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { api, ask, purposed, type Schemas } from "../../api/client";
import { Button, Dialog, Empty, Loading, Note, Page, Panel, Tabs } from "../../ui/basics";
import { both, day, number } from "../../ui/language";
import { useWork } from "../session";
import { useProblem } from "../toasts";
import { Campaigns } from "./Campaigns";
import { Findings } from "./Findings";

type Report = Schemas["QualityReport"];
type QualityPart = Schemas["QualityPart"];

// A count of fewer than five may point to somebody and does not come.
const counted = (count: number | null) => (count === null ? "< 5" : number(count));

const percent = (share: number) => `${number(Math.round(share * 1000) / 10)} %`;

// How the values of a source look, counted.
function Profile({ source, onClose }: { source: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { field } = useWork();
  const explain = useProblem();
  const profile = useQuery({ queryKey: ["quality", "source", source], gcTime: 0, queryFn: () => ask(api.GET("/api/v1/quality/sources/{id}", { params: { path: { id: source }, header: purposed() } })) });
  return (
    <Dialog open onClose={onClose} label={source} className="broad">
      <div className="inner stack">
        <h2>{source}</h2>
        {profile.isPending ? <Loading /> : profile.isError ? <Note tone="bad">{explain(profile.error)}</Note> : <>
          <p className="soft">{t("quality.profiled", { number: number(profile.data.customers) })}</p>
          <div className="table-wrap" tabIndex={0}>
            <table className="table">
              <thead><tr><th>{t("quality.field")}</th><th>{t("quality.type")}</th><th className="right">{t("quality.filled")}</th><th className="right">{t("quality.distinct")}</th><th>{t("quality.faults")}</th></tr></thead>
              <tbody>
                {profile.data.fields.map((one) => (
                  <tr key={one.field}>
                    <th scope="row">{both(field(one.field)?.name) || one.field}</th>
                    <td>{t(`quality.types.${one.type}`)}</td>
                    <td className="right">{one.filled === null ? "< 5" : percent(profile.data.customers === 0 ? 0 : one.filled / profile.data.customers)}</td>
                    <td className="right">{number(one.distinct)}</td>
                    <td>{Object.entries(one.faults).map(([fault, count]) => `${t(`quality.fault.${fault}`)} ${counted(count)}`).join(", ") || "–"}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>}
        <div className="row"><Button onClick={onClose}>{t("common.close")}</Button></div>
      </div>
    </Dialog>
  );
}

function Parts({ title, name, parts, nameOf, onOpen }: { title: string; name: string; parts: QualityPart[]; nameOf: (id: string) => string; onOpen?: (id: string) => void }) {
  const { t } = useTranslation();
  return (
    <Panel title={title} flush>
      <div className="table-wrap" tabIndex={0}>
        <table className="table">
          <thead><tr><th>{name}</th><th>{t("quality.score")}</th><th className="right">{t("quality.fresh")}</th><th className="right">{t("quality.confidence")}</th><th className="right">{t("quality.values")}</th><th>{t("quality.oldest")}</th></tr></thead>
          <tbody>
            {parts.map((part) => (
              <tr key={part.id}>
                <th scope="row">{onOpen === undefined ? nameOf(part.id) : <Button small className="as-link" kind="quiet" onClick={() => onOpen(part.id)}>{nameOf(part.id)}</Button>}</th>
                <td><div className="scored"><progress className="bar" max={1} value={part.score} aria-label={`${nameOf(part.id)}: ${percent(part.score)}`} /><span className="figure">{percent(part.score)}</span></div></td>
                <td className="right">{part.values === null || part.stale === null ? "–" : percent(part.values === 0 ? 1 : 1 - part.stale / part.values)}</td>
                <td className="right">{percent(part.confidence)}</td>
                <td className="right">{part.values === null ? "–" : number(part.values)}</td>
                <td className="nowrap">{part.oldest_at === null ? "–" : day(part.oldest_at)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

// One point a month.
function Months({ reports }: { reports: Report[] }) {
  const { t } = useTranslation();
  const points = [...reports].reverse().slice(-24);
  if (points.length < 2) return null;
  const x = (i: number) => 10 + (i / (points.length - 1)) * 480;
  const y = (score: number) => 90 - score * 80;
  return (
    <Panel title={t("quality.over")}>
      <svg className="months" viewBox="0 0 500 100" role="img" aria-label={points.map((p) => `${day(p.at)}: ${percent(p.score)}`).join("; ")}>
        <polyline points={points.map((p, i) => `${x(i)},${y(p.score)}`).join(" ")} />
        {points.map((p, i) => <circle key={p.at} cx={x(i)} cy={y(p.score)} r="3"><title>{day(p.at)}: {percent(p.score)}</title></circle>)}
      </svg>
    </Panel>
  );
}

function ToVerify() {
  const { t } = useTranslation();
  const { field, purpose, can } = useWork();
  const explain = useProblem();
  const stale = useQuery({ queryKey: ["customers", purpose, "stale"], gcTime: 0, queryFn: () => ask(api.GET("/api/v1/quality/stale", { params: { header: purposed() } })) });
  return (
    <Panel title={t("quality.toVerify")}>
      {stale.isPending ? <Loading lines={2} /> : stale.isError ? <Note tone="bad">{explain(stale.error)}</Note> : stale.data.customers.length === 0 ? <p className="soft">{t("quality.nothingStale")}</p> : (
        <div className="stack">
          <p className="soft">{t("quality.toVerifyText")}</p>
          <ul className="stack tight">
            {stale.data.customers.map((one) => (
              <li key={one.id} className="row between">
                <span><span className="nowrap">{day(one.oldest_at)}</span> <span className="soft">{one.fields.map((f) => both(field(f)?.name)).join(", ")}</span></span>
                {can("customers.read") && <Link href={`/customers/${one.id}`}>{t("quality.open")}</Link>}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Panel>
  );
}

type Part = "overview" | "findings" | "ask";
const parts: Part[] = ["overview", "findings", "ask"];

export function Quality({ part = "" }: { part?: string }) {
  const { t } = useTranslation();
  const { field } = useWork();
  const explain = useProblem();
  const queries = useQueryClient();
  const reports = useQuery({ queryKey: ["quality"], queryFn: () => ask(api.GET("/api/v1/quality")) });
  const run = useMutation({ mutationFn: () => ask(api.POST("/api/v1/quality", { params: { header: purposed() }, body: {} })), onSuccess: () => queries.invalidateQueries({ queryKey: ["quality"] }) });
  const now = reports.data?.reports[0];
  const [, go] = useLocation();
  const [source, setSource] = useState("");
  const { can } = useWork();
  const shown = parts.find((one) => one === part) ?? "overview";
  const tabs = <Tabs label={t("quality.title")} value={shown} onChange={(id) => go(id === "overview" ? "/quality" : `/quality/${id}`)} tabs={parts.filter((id) => id !== "ask" || can("quality.ask")).map((id) => ({ id, name: t(`quality.part.${id}`) }))} />;
  if (shown !== "overview") {
    return <Page title={t("quality.title")} lead={t("quality.lead")}>{tabs}{shown === "findings" ? <Findings /> : <><Campaigns /><ToVerify /></>}</Page>;
  }
  return (
    <Page title={t("quality.title")} lead={t("quality.lead")} actions={<Button kind="primary" busy={run.isPending} onClick={() => run.mutate()}>{t("quality.run")}</Button>}>
      {tabs}
      {run.isError && <Note tone="bad">{explain(run.error)}</Note>}
      {reports.isPending ? <Panel><Loading /></Panel> : reports.isError ? <Panel><Note tone="bad">{explain(reports.error)}</Note></Panel> : now === undefined ? <Panel><Empty title={t("quality.none")}><p>{t("quality.noneText")}</p></Empty></Panel> : <>
        <Panel>
          <div className="figures">
            <div><span className="big">{percent(now.score)}</span><span className="soft">{t("quality.score")} · {day(now.at)}</span></div>
            <div><span className="big">{number(now.customers)}</span><span className="soft">{t("quality.customers")}</span></div>
            <div><span className="big">{percent(now.customers === 0 ? 1 : now.reachable / now.customers)}</span><span className="soft">{t("quality.reachable")}</span></div>
            <div><span className="big">{number(now.stale)}</span><span className="soft">{t("quality.stale")} / {number(now.values)}</span></div>
          </div>
          <p className="small soft">{t("quality.kinds")}</p>
        </Panel>
        <Months reports={reports.data.reports} />
        <Parts title={t("quality.bySource")} name={t("quality.source")} parts={now.sources} nameOf={(id) => id} onOpen={setSource} />
        {source !== "" && <Profile source={source} onClose={() => setSource("")} />}
        <Parts title={t("quality.byOwner")} name={t("quality.owner")} parts={now.owners} nameOf={(id) => id || "–"} />
        <Parts title={t("quality.byField")} name={t("quality.field")} parts={now.fields} nameOf={(id) => both(field(id)?.name) || id} />
      </>}
    </Page>
  );
}
