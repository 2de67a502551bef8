// The log: every decision and change, newest first; each entry can be checked in the browser itself.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearch } from "wouter";
import { api, ask, readText, type Schemas } from "../../api/client";
import { Button, Chip, Dialog, Empty, Input, Loading, Note, Page, Panel, Select } from "../../ui/basics";
import { both, number, time } from "../../ui/language";
import { useRoleNames, useWork } from "../session";
import { useProblem } from "../toasts";
import { verifyLeaf } from "./verify";

const kPage = 100;
type Entry = Schemas["Leaves"]["leaves"][number];

function Detail({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  const { field, catalog } = useWork();
  const verify = useMutation({ mutationFn: () => verifyLeaf(entry.place) });
  const leaf = entry.leaf;
  const names = (ids: string[] | undefined) => (ids ?? []).map((one) => both(field(one)?.name)).join(", ");
  const facts: [string, string][] = [
    [t("audit.time"), time(leaf.time)], [t("audit.actor"), leaf.actor ?? ""], [t("policy.role"), leaf.role ?? ""],
    [t("audit.what"), leaf.operation ?? ""], [t("audit.decision"), t(`decision.${leaf.decision ?? "done"}`)], [t("policy.why"), leaf.reason ?? ""],
    [t("why.purpose"), both(catalog.purposes.find((p) => p.id === leaf.purpose)?.name)], [t("lineage.basis"), leaf.basis == null ? "" : t(`basis.${leaf.basis}`)],
    [t("customers.case"), leaf.case ?? ""], [t("access.clear"), names(leaf.clear)], [t("access.masked"), names(leaf.masked)],
    [t("audit.count"), leaf.count === undefined || leaf.count === 0 ? "" : number(leaf.count)], [t("audit.detail"), leaf.detail ?? ""],
  ];
  return (
    <div className="inner">
      <h2>{t("audit.entry", { place: entry.place })}</h2>
      <div className="stack tight">{facts.filter(([, value]) => value !== "").map(([name, value]) => <div key={name} className="row top"><span className="soft small" style={{ width: 120 }}>{name}</span><span className="grow break">{value}</span></div>)}</div>
      <p className="small soft">{t("audit.noPersonal")}</p>
      <Button busy={verify.isPending} onClick={() => verify.mutate()}>{t("audit.verify")}</Button>
      {verify.isSuccess && <Note tone="good">{t("audit.verified", { place: verify.data.place, size: number(verify.data.checkpoint.size), origin: verify.data.checkpoint.origin })}</Note>}
      {verify.isError && <Note tone="bad">{t("audit.broken")}</Note>}
    </div>
  );
}

export function Audit() {
  const { t } = useTranslation();
  const { catalog } = useWork();
  const roleNames = useRoleNames();
  const explain = useProblem();
  const asked = new URLSearchParams(useSearch()).get("leaf");
  const [end, setEnd] = useState<number>();
  const [op, setOp] = useState("");
  const [decision, setDecision] = useState("");
  const [open, setOpen] = useState<number | undefined>(asked === null ? undefined : Number(asked));
  const size = useQuery({ queryKey: ["audit", "size"], gcTime: 0, queryFn: async () => Number((await readText("/api/v1/audit/checkpoint")).split("\n")[1] ?? 0) });
  const to = end ?? size.data ?? 0;
  const from = Math.max(0, to - kPage);
  const page = useQuery({
    queryKey: ["audit", from, to], gcTime: 0, enabled: to > 0,
    queryFn: () => ask(api.GET("/api/v1/audit/leaves", { params: { query: { from, to } } })),
  });
  const single = useQuery({
    queryKey: ["audit", "one", open], gcTime: 0, enabled: open !== undefined,
    queryFn: async () => (await ask(api.GET("/api/v1/audit/leaves", { params: { query: { from: open!, to: open! + 1 } } }))).leaves[0] ?? null,
  });
  const leaves = [...(page.data?.leaves ?? [])].reverse();
  const ops = [...new Set(leaves.map((l) => l.leaf.operation ?? ""))].sort();
  const shown = leaves.filter((l) => (op === "" || l.leaf.operation === op) && (decision === "" || l.leaf.decision === decision));
  return (
    <Page title={t("audit.title")} lead={t("audit.lead")} actions={<Chip tone="outline">{t("audit.size", { count: size.data ?? 0 })}</Chip>}>
      <Panel>
        <div className="grid">
          <Select label={t("audit.what")} value={op} onChange={(e) => setOp(e.target.value)}><option value="">{t("audit.all")}</option>{ops.map((o) => <option key={o} value={o}>{o}</option>)}</Select>
          <Select label={t("audit.decision")} value={decision} onChange={(e) => setDecision(e.target.value)}><option value="">{t("audit.all")}</option>{["allowed", "refused", "done"].map((d) => <option key={d} value={d}>{t(`decision.${d}`)}</option>)}</Select>
          <Input label={t("audit.goto")} type="number" min={0} max={Math.max(0, (size.data ?? 1) - 1)} onKeyDown={(e) => { if (e.key === "Enter" && e.currentTarget.value !== "") setOpen(Number(e.currentTarget.value)); }} />
        </div>
      </Panel>
      {(size.isError || page.isError) && <Note tone="bad">{explain(size.error ?? page.error)}</Note>}
      <Panel flush title={t("audit.range", { from: number(from), to: number(Math.max(from, to - 1)) })} actions={
        <div className="row">
          <Button small disabled={to >= (size.data ?? 0)} onClick={() => setEnd(Math.min(size.data ?? 0, to + kPage))}>{t("audit.newer")}</Button>
          <Button small disabled={from === 0} onClick={() => setEnd(from)}>{t("audit.older")}</Button>
        </div>
      }>
        {page.isPending && to > 0 ? <div className="body"><Loading lines={8} /></div> : shown.length === 0 ? <Empty title={t("audit.none")} /> : (
          <div className="table-wrap" tabIndex={0}>
            <table className="table">
              <thead><tr><th className="right">{t("audit.leaf")}</th><th>{t("audit.time")}</th><th>{t("audit.who")}</th><th>{t("audit.what")}</th><th>{t("why.purpose")}</th><th>{t("audit.decision")}</th><th /></tr></thead>
              <tbody>
                {shown.map((entry) => (
                  <tr key={entry.place}>
                    <td className="right">{entry.place}</td><td className="nowrap">{time(entry.leaf.time)}</td>
                    <td>{roleNames(entry.leaf.role ?? "")}</td>
                    <td className="mono">{entry.leaf.operation}</td>
                    <td>{both(catalog.purposes.find((p) => p.id === entry.leaf.purpose)?.name) || "–"}</td>
                    <td><Chip tone={entry.leaf.decision === "refused" ? "bad" : entry.leaf.decision === "allowed" ? "good" : ""}>{t(`decision.${entry.leaf.decision ?? "done"}`)}</Chip></td>
                    <td className="right"><Button small kind="quiet" onClick={() => setOpen(entry.place)}>{t("audit.look")}</Button></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Panel>
      <Dialog open={open !== undefined} onClose={() => setOpen(undefined)} label={t("audit.title")}>
        {single.data != null ? <Detail key={open} entry={single.data} /> : <div className="inner">{single.isError || single.data === null ? <Note tone="bad">{t("audit.noLeaf")}</Note> : <Loading />}</div>}
      </Dialog>
    </Page>
  );
}
