// One import: its counts, its quarantine with repair, and taking it out again.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "../../api/client";
import { Button, Chip, Dialog, Empty, Loading, Note, Page, Panel } from "../../ui/basics";
import { both, cleaningKey, number, time } from "../../ui/language";
import { useWork } from "../session";
import { useProblem, useTell } from "../toasts";
import { ImportState } from "./Imports";

export function Counts({ counts }: { counts: Schemas["ImportCounts"] }) {
  const { t } = useTranslation();
  const { field } = useWork();
  const shown = ["rows", "created", "matched", "quarantined"] as const;
  const reasons = Object.entries(counts.reasons).sort((a, b) => b[1] - a[1]);
  const dropped = Object.entries(counts.dropped);
  return (
    <div className="stack wide">
      <div className="grid slim">
        {shown.map((name) => <div key={name} className="figure"><div className="number">{number(counts[name])}</div><div className="soft small">{t(`imports.count.${name}`)}</div></div>)}
      </div>
      {reasons.length > 0 && (
        <div><h3>{t("imports.reasons")}</h3><ul className="stack tight">{reasons.map(([reason, count]) => <li key={reason} className="row"><Chip tone="warn">{number(count)}</Chip><span>{t(cleaningKey(reason), { defaultValue: reason })}</span></li>)}</ul></div>
      )}
      {dropped.length > 0 && (
        <div><h3>{t("imports.dropped")}</h3><p className="soft small">{t("imports.droppedText")}</p><div className="row">{dropped.map(([id, count]) => <Chip key={id}>{both(field(id)?.name) || id} · {number(count)}</Chip>)}</div></div>
      )}
    </div>
  );
}

type Reject = Schemas["Rejects"]["rejects"][number];

// The same repair for all rows that were refused for the same reason.
function ForAll({ id, rejects }: { id: string; rejects: Reject[] }) {
  const { t } = useTranslation();
  const { field } = useWork();
  const queries = useQueryClient();
  const explain = useProblem();
  const tell = useTell();
  const open = rejects.filter((r) => r.state === "open");
  const groups = [...new Map(open.map((r) => [`${r.field}\n${r.reason}`, r])).values()].map((r) => ({ ...r, count: open.filter((o) => o.field === r.field && o.reason === r.reason).length })).filter((g) => g.count > 1);
  const leaveOut = useMutation({
    mutationFn: (group: Reject) => ask(api.POST("/api/v1/imports/{id}/repairs", { params: { path: { id } }, body: { all: { field: group.field, reason: group.reason, set: { [group.field]: null } } } })),
    onSuccess: () => { tell(t("imports.repaired")); void queries.invalidateQueries({ queryKey: ["imports"] }); },
  });
  if (groups.length === 0) return null;
  return (
    <div className="body stack tight">
      {groups.map((group) => (
        <div key={`${group.field} ${group.reason}`} className="row between">
          <span>{both(field(group.field)?.name) || group.field}<span className="soft"> · {t(cleaningKey(group.reason), { defaultValue: group.reason })}</span></span>
          <Button small busy={leaveOut.isPending && leaveOut.variables.reason === group.reason} onClick={() => leaveOut.mutate(group)}>{t("imports.leaveOut")}</Button>
        </div>
      ))}
      {leaveOut.isError && <Note tone="bad">{explain(leaveOut.error)}</Note>}
    </div>
  );
}

function Undo({ id, row }: { id: string; row: number }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const explain = useProblem();
  const undo = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/imports/{id}/repairs/undo", { params: { path: { id } }, body: { rows: [row] } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["imports"] }),
  });
  return <>{undo.isError && <Note tone="bad">{explain(undo.error)}</Note>}<Button small kind="quiet" busy={undo.isPending} onClick={() => undo.mutate()}>{t("imports.undo")}</Button></>;
}

function Quarantine({ id }: { id: string }) {
  const { t } = useTranslation();
  const { field, can } = useWork();
  const queries = useQueryClient();
  const explain = useProblem();
  const tell = useTell();
  const [fixes, setFixes] = useState<Record<number, string>>({});
  const page = useInfiniteQuery({
    queryKey: ["imports", id, "rejects"],
    initialPageParam: "",
    queryFn: ({ pageParam }) => ask(api.GET("/api/v1/imports/{id}/rejects", { params: { path: { id }, query: { limit: 50, ...(pageParam === "" ? {} : { cursor: pageParam }) } } })),
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const rejects = page.data?.pages.flatMap((p) => p.rejects) ?? [];
  const repair = useMutation({
    mutationFn: () => {
      const rows = rejects.filter((r) => (fixes[r.row] ?? "") !== "").map((r) => ({ row: r.row, set: { [r.field]: fixes[r.row] ?? "" } }));
      return ask(api.POST("/api/v1/imports/{id}/repairs", { params: { path: { id } }, body: { rows } }));
    },
    onSuccess: () => { setFixes({}); tell(t("imports.repaired")); void queries.invalidateQueries({ queryKey: ["imports"] }); },
  });
  if (page.isPending) return <div className="body"><Loading /></div>;
  if (page.isError) return <div className="body"><Note tone="bad">{explain(page.error)}</Note></div>;
  if (rejects.length === 0) return <Empty title={t("imports.noQuarantine")} />;
  const count = Object.values(fixes).filter((v) => v !== "").length;
  return (
    <>
      {can("imports.run") && <ForAll id={id} rejects={rejects} />}
      {repair.isError && <div className="body"><Note tone="bad">{explain(repair.error)}</Note></div>}
      <div className="table-wrap" tabIndex={0}>
        <table className="table">
          <thead><tr><th>{t("imports.row")}</th><th>{t("policy.field")}</th><th>{t("imports.reason")}</th><th>{t("imports.correct")}</th></tr></thead>
          <tbody>
            {rejects.map((reject) => (
              <tr key={reject.row}>
                <td>{number(reject.row)}</td><td>{both(field(reject.field)?.name) || reject.field}</td><td className="soft">{t(cleaningKey(reject.reason), { defaultValue: reject.reason })}</td>
                <td>{reject.state === "repaired" ? <span className="row"><Chip tone="good">{t("imports.isRepaired")}</Chip>{can("imports.revert") && <Undo id={id} row={reject.row} />}</span> : reject.state === "undone" ? <Chip>{t("imports.isUndone")}</Chip> : can("imports.run") && (
                  <input className="input" aria-label={t("imports.correctRow", { row: reject.row })} autoComplete="off" value={fixes[reject.row] ?? ""} onChange={(e) => setFixes((now) => ({ ...now, [reject.row]: e.target.value }))} />
                )}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="body row">
        {can("imports.run") && <Button kind="primary" disabled={count === 0} busy={repair.isPending} onClick={() => repair.mutate()}>{t("imports.repair", { count })}</Button>}
        {page.hasNextPage && <Button busy={page.isFetchingNextPage} onClick={() => void page.fetchNextPage()}>{t("customers.more")}</Button>}
      </div>
    </>
  );
}

export function ImportPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const { can, catalog } = useWork();
  const queries = useQueryClient();
  const explain = useProblem();
  const tell = useTell();
  const [sure, setSure] = useState(false);
  const one = useQuery({ queryKey: ["imports", id], queryFn: () => ask(api.GET("/api/v1/imports/{id}", { params: { path: { id } } })) });
  const revert = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/imports/{id}/revert", { params: { path: { id } } })),
    onSuccess: (done) => { setSure(false); tell(done.customers_held === 0 ? t("imports.reverted") : t("imports.revertHeld", { count: done.customers_held })); void queries.invalidateQueries(); },
  });
  if (one.isPending) return <Page title={t("imports.one")}><Panel><Loading /></Panel></Page>;
  if (one.isError) return <Page title={t("imports.one")}><Note tone="bad">{explain(one.error)}</Note></Page>;
  const data = one.data;
  return (
    <Page title={t("imports.from", { source: data.source })} actions={<>
      <ImportState state={data.state} />
      {can("imports.revert") && data.state === "done" && <Button kind="danger" onClick={() => setSure(true)}>{t("imports.revert")}</Button>}
    </>}>
      <Panel>
        <div className="stack wide">
          <div className="row">
            <Chip tone="outline">{t(`basis.${data.basis}`)}</Chip>
            {data.purposes.map((p) => <Chip key={p} tone="L2">{both(catalog.purposes.find((x) => x.id === p)?.name)}</Chip>)}
            <span className="soft small">{time(data.updated_at)}</span>
          </div>
          <Counts counts={data.counts} />
        </div>
      </Panel>
      <Panel flush title={t("imports.quarantine")}><Quarantine id={id} /></Panel>
      <Dialog open={sure} onClose={() => setSure(false)} label={t("imports.revert")}>
        <div className="inner">
          <h2>{t("imports.revert")}</h2>
          <p>{t("imports.revertText", { count: data.counts.created })}</p>
          {revert.isError && <Note tone="bad">{explain(revert.error)}</Note>}
          <div className="row"><Button kind="danger" busy={revert.isPending} onClick={() => revert.mutate()}>{t("imports.revertGo")}</Button><Button kind="quiet" onClick={() => setSure(false)}>{t("common.cancel")}</Button></div>
        </div>
      </Dialog>
    </Page>
  );
}
