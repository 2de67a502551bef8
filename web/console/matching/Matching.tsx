// Records that may be of one person: the run that looks for them, and the pairs that wait.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { api, ask, purposed, type Schemas } from "../../api/client";
import { Button, Chip, Dialog, Empty, Loading, Note, Page, Panel, Select } from "../../ui/basics";
import { both, number, time } from "../../ui/language";
import { useWork } from "../session";
import { useProblem, useTell } from "../toasts";

type Now = Schemas["Matching"];

const kRunning = ["reading", "comparing", "writing"];

// How sure, in words that need no logarithm: one in so many such pairs is two people.
export function Sure({ weight }: { weight: number }) {
  const { t } = useTranslation();
  const wrong = 1 / (1 + 2 ** weight);
  const tone = wrong < 0.001 ? "good" : wrong < 0.1 ? "warn" : "bad";
  // More digits than two say nothing: the model is not that good.
  const odds = Number((1 / wrong).toPrecision(2));
  return <Chip tone={tone}>{wrong < 1e-6 ? t("matching.certain") : wrong < 0.45 ? t("matching.oneIn", { formatted: number(odds) }) : t("matching.even")}</Chip>;
}

function Run({ now }: { now: Now }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const explain = useProblem();
  const again = () => queries.invalidateQueries({ queryKey: ["matching"] });
  const start = useMutation({ mutationFn: () => ask(api.POST("/api/v1/matching/run", { params: { header: purposed() }, body: {} })), onSettled: again });
  const stop = useMutation({ mutationFn: () => ask(api.DELETE("/api/v1/matching/run", { params: { header: purposed() } })), onSettled: again });
  const running = kRunning.includes(now.state);
  return (
    <Panel title={t("matching.run")} actions={running
      ? <Button small busy={stop.isPending} onClick={() => stop.mutate()}>{t("matching.stop")}</Button>
      : <Button small kind="primary" busy={start.isPending} onClick={() => start.mutate()}>{t("matching.start")}</Button>}>
      <div className="stack">
        <div className="row">
          <Chip tone={now.state === "done" ? "good" : now.state === "failed" ? "bad" : running ? "warn" : ""}>{t(`matching.state.${now.state}`)}</Chip>
          {now.started_at !== null && <span className="small soft">{time(now.finished_at ?? now.started_at)}</span>}
          {now.records > 0 && <span className="small soft">{t("matching.read", { records: number(now.records), of: number(Math.max(now.of, now.records)) })}</span>}
          {now.state === "done" && <span className="small soft">{t("matching.kept", { pairs: number(now.pairs) })}</span>}
        </div>
        {running && <progress className="bar" aria-label={t("matching.run")} {...(now.state === "reading" ? { max: Math.max(now.of, 1), value: now.records } : {})} />}
        <p className="small soft">{t("matching.text")}</p>
        {start.isError && <Note tone="bad">{explain(start.error)}</Note>}
      </div>
    </Panel>
  );
}

// Accepting all above a weight: what that would come to stands beside the choice.
function Accept({ now }: { now: Now }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const explain = useProblem();
  const tell = useTell();
  const [from, setFrom] = useState(10);
  const [asking, setAsking] = useState(false);
  const sum = (least: number) => now.bands.filter((b) => b.from >= least).reduce((a, b) => ({ pairs: a.pairs + b.pairs, wrong: a.wrong + b.expected_wrong }), { pairs: 0, wrong: 0 });
  const choices = [30, 20, 15, 10, 7, 5, 3];
  const chosen = sum(from);
  const accept = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/matching/accept", { params: { header: purposed() }, body: { from, most: 10000 } })),
    onSuccess: (result) => {
      tell(t("matching.accepted", { merged: number(result.merged), left: number(result.left) }));
      setAsking(false);
      void queries.invalidateQueries({ queryKey: ["matching"] });
    },
  });
  if (now.bands.length === 0) return null;
  return (
    <Panel title={t("matching.bulk")}>
      <div className="stack">
        <Select label={t("matching.from")} value={String(from)} onChange={(event) => setFrom(Number(event.target.value))}>
          {choices.map((least) => <option key={least} value={least}>{t("matching.band", { pairs: number(sum(least).pairs), count: 2 ** least, odds: number(2 ** least) })}</option>)}
        </Select>
        <p>{t("matching.expect", { pairs: number(chosen.pairs), wrong: chosen.wrong < 0.005 ? "< 0.01" : number(Math.round(chosen.wrong * 100) / 100) })}</p>
        <div><Button disabled={chosen.pairs === 0} onClick={() => setAsking(true)}>{t("matching.acceptAll", { pairs: number(chosen.pairs) })}</Button></div>
      </div>
      <Dialog open={asking} onClose={() => setAsking(false)} label={t("matching.bulk")}>
        <h2>{t("matching.sureTitle", { pairs: number(chosen.pairs) })}</h2>
        <p className="soft">{t("matching.sureText")}</p>
        {accept.isError && <Note tone="bad">{explain(accept.error)}</Note>}
        <div className="row"><Button kind="primary" busy={accept.isPending} onClick={() => accept.mutate()}>{t("matching.merge")}</Button><Button kind="quiet" onClick={() => setAsking(false)}>{t("common.cancel")}</Button></div>
      </Dialog>
    </Panel>
  );
}

function Waiting() {
  const { t } = useTranslation();
  const { field, purpose } = useWork();
  const explain = useProblem();
  const pairs = useQuery({ queryKey: ["matching", "pairs", purpose], gcTime: 0, queryFn: () => ask(api.GET("/api/v1/matching/pairs", { params: { header: purposed() } })) });
  if (pairs.isPending) return <Panel><Loading /></Panel>;
  if (pairs.isError) return <Panel><Note tone="bad">{explain(pairs.error)}</Note></Panel>;
  if (pairs.data.pairs.length === 0) return <Panel><Empty title={t("matching.none")}><p>{t("matching.noneText")}</p></Empty></Panel>;
  return (
    <Panel title={t("matching.waiting")} flush>
      <div className="table-wrap" tabIndex={0}>
        <table className="table">
          <thead><tr><th>{t("matching.sure")}</th><th>{t("matching.agree")}</th><th>{t("matching.differ")}</th><th /></tr></thead>
          <tbody>
            {pairs.data.pairs.map((pair) => {
              const names = (test: (weight: number) => boolean) => pair.reasons.filter((r) => test(r.weight)).map((r) => both(field(r.field)?.name)).join(", ");
              return (
                <tr key={pair.first + pair.second}>
                  <td><Sure weight={pair.weight} /></td>
                  <td>{names((w) => w > 0) || <span className="soft">–</span>}</td>
                  <td>{names((w) => w <= 0) || <span className="soft">–</span>}</td>
                  <td><Link href={`/matching/${pair.first}/${pair.second}`}>{t("matching.look")}</Link></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

export function Matching() {
  const { t } = useTranslation();
  const { purpose } = useWork();
  const explain = useProblem();
  const queries = useQueryClient();
  const now = useQuery({
    queryKey: ["matching", "now", purpose],
    queryFn: async () => {
      const seen = await ask(api.GET("/api/v1/matching", { params: { header: purposed() } }));
      if (!kRunning.includes(seen.state)) void queries.invalidateQueries({ queryKey: ["matching", "pairs"] });
      return seen;
    },
    refetchInterval: (query) => (kRunning.includes(query.state.data?.state ?? "") ? 1000 : false),
  });
  return (
    <Page title={t("matching.title")} lead={t("matching.lead")}>
      {now.isPending ? <Panel><Loading /></Panel> : now.isError ? <Panel><Note tone="bad">{explain(now.error)}</Note></Panel> : <>
        <Run now={now.data} />
        <Accept now={now.data} />
      </>}
      <Waiting />
    </Page>
  );
}
