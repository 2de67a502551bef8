// Two records side by side: why they may be one person, which value is to stand, and what becomes of
// what the person allowed.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { api, ask, purposed, type Schemas } from "../../api/client";
import { Button, Chip, Empty, Loading, Note, Page, Panel, type Tone } from "../../ui/basics";
import { both, time } from "../../ui/language";
import { Cell } from "../customers/cells";
import { useWork } from "../session";
import { useProblem, useTell } from "../toasts";
import { Sure } from "./Matching";

type View = Schemas["PairView"];

// The weights as bars from a middle line: to the right they speak for one person, to the left
// against.
function Reasons({ view }: { view: View }) {
  const { t } = useTranslation();
  const { field } = useWork();
  const most = Math.max(1, ...view.reasons.map((r) => Math.abs(r.weight)));
  if (view.reasons.length === 0) return <p className="soft">{t("matching.byHand")}</p>;
  return (
    <div className="stack">
      <ul className="weights">
        {[...view.reasons].sort((a, b) => b.weight - a.weight).map((reason) => (
          <li key={reason.field}>
            <span>{both(field(reason.field)?.name)}</span>
            <svg viewBox="0 0 200 14" preserveAspectRatio="none" aria-hidden="true">
              <line x1="100" x2="100" y1="0" y2="14" className="middle" />
              <rect className={reason.weight < 0 ? "against" : "for"} y="2" height="10" x={reason.weight < 0 ? 100 + (reason.weight / most) * 100 : 100} width={Math.max(1, (Math.abs(reason.weight) / most) * 100)} />
            </svg>
            <span className="figure">{reason.weight > 0 ? "+" : ""}{reason.weight.toFixed(1)}</span>
            <span className="small soft">{t(`matching.level.${reason.level >= 7 ? "same" : reason.level >= 4 ? "alike" : reason.level >= 2 ? "little" : "other"}`)}</span>
          </li>
        ))}
      </ul>
      <p className="small soft">{t("matching.sum", { weight: view.weight.toFixed(1) })}</p>
    </div>
  );
}

function Values({ view, chosen, choose }: { view: View; chosen: Set<string>; choose: (field: string, second: boolean) => void }) {
  const { t } = useTranslation();
  const { catalog } = useWork();
  const fields = catalog.fields.filter((f) => view.first.fields[f.id] !== undefined || view.second.fields[f.id] !== undefined);
  const text = (values: Schemas["Value"][] | undefined) => (values ?? []).map((v) => v.value).join("\u0000");
  return (
    <div className="table-wrap" tabIndex={0}>
      <table className="table pair">
        <thead><tr><th>{t("matching.field")}</th><th>{t("matching.first")}</th><th>{t("matching.second")}</th><th>{t("matching.stands")}</th></tr></thead>
        <tbody>
          {fields.map((f) => {
            const a = view.first.fields[f.id];
            const b = view.second.fields[f.id];
            const conflict = a !== undefined && b !== undefined && !f.many && text(a) !== text(b);
            const second = chosen.has(f.id);
            return (
              <tr key={f.id}>
                <th scope="row">{both(f.name)}</th>
                <td className={conflict && second ? "gives-way" : ""}><Cell values={a} /></td>
                <td className={conflict && !second ? "gives-way" : ""}><Cell values={b} /></td>
                <td>
                  {conflict
                    ? <div className="row" role="radiogroup" aria-label={both(f.name)}>
                      <Button small kind={second ? "plain" : "primary"} aria-pressed={!second} onClick={() => choose(f.id, false)}>{t("matching.first")}</Button>
                      <Button small kind={second ? "primary" : "plain"} aria-pressed={second} onClick={() => choose(f.id, true)}>{t("matching.second")}</Button>
                    </div>
                    : <span className="small soft">{a === undefined ? t("matching.added") : b === undefined || text(a) === text(b) ? t("matching.kept1") : t("matching.both")}</span>}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const kTones: Record<"none" | "yes" | "no", Tone> = { none: "", yes: "good", no: "bad" };

function Outcomes({ view }: { view: View }) {
  const { t } = useTranslation();
  const { catalog } = useWork();
  if (view.outcomes.length === 0) return <p className="soft">{t("matching.noOutcome")}</p>;
  return (
    <div className="stack">
      <div className="table-wrap" tabIndex={0}>
        <table className="table">
          <thead><tr><th>{t("matching.purpose")}</th><th>{t("matching.first")}</th><th>{t("matching.second")}</th><th>{t("matching.after")}</th></tr></thead>
          <tbody>
            {view.outcomes.map((outcome) => (
              <tr key={outcome.purpose}>
                <th scope="row">{both(catalog.purposes.find((p) => p.id === outcome.purpose)?.name) || outcome.purpose}</th>
                {([outcome.first, outcome.second, outcome.merged] as const).map((answer, i) => <td key={i}><Chip tone={kTones[answer]}>{t(`matching.answer.${answer}`)}</Chip></td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="small soft pad">{t("matching.outcomeText")}</p>
    </div>
  );
}

export function Pair({ first, second }: { first: string; second: string }) {
  const { t } = useTranslation();
  const { purpose, catalog } = useWork();
  const explain = useProblem();
  const tell = useTell();
  const queries = useQueryClient();
  const [, go] = useLocation();
  const [picked, setPicked] = useState<Record<string, boolean>>({});
  const view = useQuery({
    queryKey: ["customers", purpose, "pair", first, second], gcTime: 0,
    queryFn: () => ask(api.GET("/api/v1/matching/pairs/{id}/{other}", { params: { path: { id: first, other: second }, header: purposed() } })),
  });
  const decide = useMutation({
    mutationFn: (body: { decision: "merge"; from_second: string[] } | { decision: "reject" }) => ask(api.POST("/api/v1/matching/pairs/{id}/{other}", { params: { path: { id: first, other: second }, header: purposed() }, body })),
    onSuccess: (_, body) => {
      tell(t(body.decision === "merge" ? "matching.merged" : "matching.rejected"));
      void queries.invalidateQueries({ queryKey: ["matching"] });
      go(body.decision === "merge" ? `/customers/${first}` : "/matching");
    },
  });
  if (view.isPending) return <Page title={t("matching.pair")}><Panel><Loading lines={6} /></Panel></Page>;
  if (view.isError) return <Page title={t("matching.pair")}><Panel><Empty title={t("customer.refused")}><p>{explain(view.error)}</p><Link href="/matching">{t("matching.back")}</Link></Empty></Panel></Page>;
  const data = view.data;
  const many = new Set(catalog.fields.filter((f) => f.many).map((f) => f.id));
  const chosen = new Set([...data.better_second, ...Object.keys(picked)].filter((id) => picked[id] ?? data.better_second.includes(id)).filter((id) => !many.has(id)));
  return (
    <Page title={t("matching.pair")} lead={t("matching.pairLead")} actions={<>
      {data.reasons.length > 0 && <Sure weight={data.weight} />}
      <Link href={`/matching/${second}/${first}`}>{t("matching.swap")}</Link>
    </>}>
      {data.state !== "open" && <Note>{t(`matching.was.${data.state}`)}</Note>}
      <Panel title={t("matching.why")}><Reasons view={data} /></Panel>
      <Panel title={t("matching.values")} flush><Values view={data} chosen={chosen} choose={(id, other) => setPicked((now) => ({ ...now, [id]: other }))} /></Panel>
      <Panel title={t("matching.outcomes")} flush={data.outcomes.length > 0}><Outcomes view={data} /></Panel>
      {decide.isError && <Note tone="bad">{explain(decide.error)}</Note>}
      <div className="row">
        <Button kind="primary" busy={decide.isPending} onClick={() => decide.mutate({ decision: "merge", from_second: [...chosen] })}>{t("matching.mergeThese")}</Button>
        <Button disabled={decide.isPending} onClick={() => decide.mutate({ decision: "reject" })}>{t("matching.twoPeople")}</Button>
        <span className="small soft">{t("matching.undoHint")}</span>
      </div>
    </Page>
  );
}

// On a customer's page: the records it stands for, and the way back.
export function Merges({ id }: { id: string }) {
  const { t } = useTranslation();
  const { purpose } = useWork();
  const explain = useProblem();
  const tell = useTell();
  const queries = useQueryClient();
  const merges = useQuery({ queryKey: ["customers", purpose, "merges", id], gcTime: 0, queryFn: () => ask(api.GET("/api/v1/customers/{id}/merges", { params: { path: { id }, header: purposed() } })) });
  const part = useMutation({
    mutationFn: (merge: string) => ask(api.DELETE("/api/v1/customers/{id}/merges/{merge}", { params: { path: { id, merge }, header: purposed() } })),
    onSuccess: () => {
      tell(t("matching.parted"));
      void queries.invalidateQueries({ queryKey: ["customers"] });
      void queries.invalidateQueries({ queryKey: ["matching"] });
    },
  });
  if (merges.data === undefined || merges.data.merges.length === 0) return null;
  return (
    <Panel title={t("matching.standsFor")}>
      <ul className="stack tight">
        {merges.data.merges.map((one) => (
          <li key={one.id} className="row between">
            <span><span className="mono small">{one.joined}</span> <span className="small soft">{time(one.at)}</span></span>
            <Button small busy={part.isPending} onClick={() => part.mutate(one.id)}>{t("matching.part")}</Button>
          </li>
        ))}
      </ul>
      {part.isError && <Note tone="bad">{explain(part.error)}</Note>}
    </Panel>
  );
}
