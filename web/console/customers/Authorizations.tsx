// What the customer allows, what carries use beside that, and every answer in order.
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, purposed, type Schemas } from "../../api/client";
import { Button, Chip, Dialog, Empty, Input, Loading, Note, Reason, Select } from "../../ui/basics";
import { both, day, time } from "../../ui/language";
import { useWork } from "../session";
import { useProblem, useTell } from "../toasts";
import { Guardians } from "./Guardians";

type Action = Schemas["NewBasis"]["action"];
const kActions: Action[] = ["given", "withdrawn", "refused", "objected"];
const kChannels = ["desk", "phone", "paper", "mail"] as const;

// An answer that was given to a member of staff.
function Record({ id, onDone, onCancel }: { id: string; onDone: () => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const { catalog } = useWork();
  const explain = useProblem();
  const tell = useTell();
  const sources = useQuery({ queryKey: ["sources"], queryFn: () => ask(api.GET("/api/v1/sources")) });
  const [action, setAction] = useState<Action>("withdrawn");
  const [purpose, setPurpose] = useState("marketing_email");
  const [source, setSource] = useState("");
  const [channel, setChannel] = useState<(typeof kChannels)[number]>("phone");
  const [reference, setReference] = useState("");
  const from = source === "" ? (sources.data?.sources?.[0]?.id ?? "") : source;
  const put = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/customers/{id}/basis", {
      params: { path: { id }, header: purposed() },
      body: { action, purpose, basis: "consent", source: from, consent: action === "given" ? "express" : "none", evidence: { channel, method: "staff", reference } },
    })),
    onSuccess: (recorded) => {
      tell(recorded.advice.length > 0 ? t("authorizations.advice", { rules: recorded.advice.map((one) => both(one.text)).join("; ") }) : t("authorizations.recorded"));
      onDone();
    },
  });
  return (
    <form onSubmit={(event) => { event.preventDefault(); put.mutate(); }}>
      <h2>{t("authorizations.record")}</h2>
      <p className="soft">{t("authorizations.recordText")}</p>
      {put.isError && <Note tone="bad">{explain(put.error)}</Note>}
      <Select label={t("lineage.action")} value={action} onChange={(event) => setAction(event.target.value as Action)}>
        {kActions.map((one) => <option key={one} value={one}>{t(`action.${one}`)}</option>)}
      </Select>
      <Select label={t("why.purpose")} value={purpose} onChange={(event) => setPurpose(event.target.value)}>
        {catalog.purposes.filter((one) => one.bases.includes("consent")).map((one) => <option key={one.id} value={one.id}>{both(one.name)}</option>)}
      </Select>
      <Select label={t("authorizations.channel")} value={channel} onChange={(event) => setChannel(event.target.value as (typeof kChannels)[number])}>
        {kChannels.map((one) => <option key={one} value={one}>{t(`authorizations.by.${one}`)}</option>)}
      </Select>
      <Select label={t("why.source")} value={from} onChange={(event) => setSource(event.target.value)}>
        {(sources.data?.sources ?? []).map((one) => <option key={one.id} value={one.id}>{one.id}</option>)}
      </Select>
      <Input label={t("authorizations.reference")} hint={t("authorizations.referenceHint")} value={reference} maxLength={80} pattern="[A-Za-z0-9._:/\-]*" onChange={(event) => setReference(event.target.value)} />
      <div className="row"><Button kind="primary" type="submit" busy={put.isPending}>{t("authorizations.go")}</Button><Button kind="quiet" onClick={onCancel}>{t("common.cancel")}</Button></div>
    </form>
  );
}

// A link for a customer who stands at the desk.
function HandLink({ id, onCancel }: { id: string; onCancel: () => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const [reason, setReason] = useState("");
  const hand = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/customers/{id}/portal-link", { params: { path: { id }, header: purposed() }, body: { reason } })),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    hand.mutate();
  };
  return (
    <form onSubmit={submit}>
      <h2>{t("authorizations.hand")}</h2>
      <p className="soft">{t("authorizations.handText")}</p>
      {hand.isError && <Note tone="bad">{explain(hand.error)}</Note>}
      {hand.data !== undefined ? (
        <Note tone="good"><code className="break">{hand.data.url}</code><p className="small">{t("authorizations.handUntil", { time: time(hand.data.until) })}</p></Note>
      ) : (
        <Reason label={t("authorizations.recognized")} value={reason} onReason={setReason} />
      )}
      <div className="row">
        {hand.data === undefined && <Button kind="primary" type="submit" busy={hand.isPending}>{t("authorizations.handGo")}</Button>}
        <Button kind="quiet" onClick={onCancel}>{t("common.close")}</Button>
      </div>
    </form>
  );
}

export function Authorizations({ id }: { id: string }) {
  const { t } = useTranslation();
  const { purpose, caseId, can, catalog, field } = useWork();
  const explain = useProblem();
  const [open, setOpen] = useState<"record" | "hand" | "guardians">();
  const ledger = useQuery({
    queryKey: ["customers", purpose, caseId, id, "authorizations"], gcTime: 0,
    queryFn: () => ask(api.GET("/api/v1/customers/{id}/authorizations", { params: { path: { id }, header: purposed() } })),
  });
  if (ledger.isPending) return <div className="body"><Loading /></div>;
  if (ledger.isError) return <div className="body"><Note tone="bad">{explain(ledger.error)}</Note></div>;
  const nameOf = (purposeId: string) => both(catalog.purposes.find((one) => one.id === purposeId)?.name) || purposeId;
  const fieldNames = (ids: string[] | null) => (ids ?? []).map((one) => both(field(one)?.name)).join(", ");
  const { authorizations, exclusions, events } = ledger.data;
  return (
    <div>
      <div className="body row">
        {can("basis.write") && <Button small onClick={() => setOpen("record")}>{t("authorizations.record")}</Button>}
        {can("portal.link") && <Button small onClick={() => setOpen("hand")}>{t("authorizations.hand")}</Button>}
        {can("guardians.record") && <Button small onClick={() => setOpen("guardians")}>{t("guardians.title")}</Button>}
      </div>
      {authorizations.length === 0 ? <Empty title={t("authorizations.none")} /> : (
        <div className="table-wrap" tabIndex={0}>
          <table className="table cards">
            <thead><tr><th>{t("why.purpose")}</th><th>{t("authorizations.state")}</th><th>{t("lineage.basis")}</th><th>{t("authorizations.reach")}</th><th>{t("authorizations.until")}</th></tr></thead>
            <tbody>
              {authorizations.map((one) => (
                <tr key={`${one.authorization}-${one.basis}`}>
                  <td className="strong">{nameOf(one.purpose)}</td>
                  <td>{one.in_force === true ? <Chip tone="good">{t("authorizations.inForce")}</Chip> : <Chip tone="bad">{t(`action.${one.ended_by ?? "ended"}`)}</Chip>}</td>
                  <td>{t(`basis.${one.basis}`)} <Chip tone="outline">{t(`authorizations.kind.${one.kind}`)}</Chip> {one.separate && <Chip tone="L4">{t("lineage.separate")}</Chip>}</td>
                  <td className="small">{fieldNames(one.fields) || t("authorizations.all")}{one.departments.length > 0 && ` · ${one.departments.join(", ")}`}</td>
                  <td className="nowrap">{one.until !== null ? day(one.until) : one.until_event !== "" ? one.until_event : one.max_uses > 0 ? `${one.uses}/${one.max_uses}` : "–"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {exclusions.length > 0 && (
        <div className="body stack tight">
          <h3>{t("authorizations.takenOut")}</h3>
          {exclusions.map((one, i) => (
            <p key={i} className="small">
              <Chip tone="bad">{t(one.objection ? "action.objected" : "action.withdrawn")}</Chip> {nameOf(one.purpose)}
              {one.department !== "" && ` · ${one.department}`} · {fieldNames(one.fields) || t("authorizations.all")}
            </p>
          ))}
        </div>
      )}
      <div className="table-wrap" tabIndex={0}>
        <table className="table cards">
          <thead><tr><th>#</th><th>{t("audit.time")}</th><th>{t("lineage.action")}</th><th>{t("why.purpose")}</th><th>{t("authorizations.how")}</th><th>{t("authorizations.notice")}</th></tr></thead>
          <tbody>
            {[...events].reverse().map((event) => {
              const evidence = event.evidence as { channel?: string; method?: string; reference?: string } | undefined;
              return (
                <tr key={event.seq}>
                  <td>{event.seq}</td>
                  <td className="nowrap">{time(event.at)}</td>
                  <td>{t(`action.${event.action}`)}</td>
                  <td>{event.purpose === "" ? "–" : nameOf(event.purpose)}{(event.cause ?? 0) > 0 && <span className="small soft"> ← {event.cause}</span>}</td>
                  <td className="small">{[evidence?.channel, evidence?.method, evidence?.reference].filter((part) => part !== undefined && part !== "").join(" · ") || "–"}</td>
                  <td className="small">{event.notice === "" ? "–" : event.notice}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <Dialog open={open === "record"} onClose={() => setOpen(undefined)} label={t("authorizations.record")}>
        {open === "record" && <Record id={id} onDone={() => { setOpen(undefined); void ledger.refetch(); }} onCancel={() => setOpen(undefined)} />}
      </Dialog>
      <Dialog open={open === "hand"} onClose={() => setOpen(undefined)} label={t("authorizations.hand")}>
        {open === "hand" && <HandLink id={id} onCancel={() => setOpen(undefined)} />}
      </Dialog>
      <Dialog open={open === "guardians"} onClose={() => setOpen(undefined)} label={t("guardians.title")}>
        {open === "guardians" && <Guardians id={id} onClose={() => setOpen(undefined)} />}
      </Dialog>
    </div>
  );
}
