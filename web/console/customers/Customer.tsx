// One customer: values by class, timeline, where everything came from, who has looked.
import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { api, ask, purposed, type Schemas } from "../../api/client";
import { Button, Chip, Dialog, Empty, Loading, Note, Page, Panel, Reason, Tabs } from "../../ui/basics";
import { both, time } from "../../ui/language";
import { useRoleNames, useWork } from "../session";
import { useProblem, useTell } from "../toasts";
import { Merges } from "../matching/Pair";
import { CustomerTickets } from "../desk/Tickets";
import { Authorizations } from "./Authorizations";
import { Entry } from "./Entry";
import { RevealDialog } from "./RevealDialog";
import { Cell, LevelChip, type Value, ValueText, Why } from "./cells";

const kClasses = ["identity", "contact", "preference", "credit", "social"] as const;
type Tab = (typeof kClasses)[number] | "timeline" | "tickets" | "authorizations" | "lineage" | "accesses";

function Facts({ customer, revealed, dataClass, onReveal }: { customer: Schemas["Customer"]; revealed: Record<string, Value[]>; dataClass: string; onReveal?: (field: string) => void }) {
  const { t } = useTranslation();
  const { catalog } = useWork();
  const fields = catalog.fields.filter((f) => f.class === dataClass);
  const held = fields.filter((f) => customer.fields[f.id] !== undefined);
  const withheld = fields.flatMap((f) => customer.withheld.filter((w) => w.field === f.id).map((w) => ({ ...f, reason: w.reason })));
  if (held.length + withheld.length === 0) return <Empty title={t("customer.nothing")}><p>{t("customer.nothingText")}</p></Empty>;
  return (
    <dl className="facts">
      {held.map((f) => {
        const values = revealed[f.id] ?? customer.fields[f.id] ?? [];
        return [
          <dt key={`${f.id}-name`}>{both(f.name)}</dt>,
          <dd key={f.id} className="stack tight">
            {values.map((value, i) => (
              <div key={i} className="value">
                <span className="row">
                  <ValueText value={value} />
                  {onReveal !== undefined && i === 0 && revealed[f.id] === undefined && values.some((v) => v.access === "masked") && (
                    <Button small onClick={() => onReveal(f.id)}>{t("reveal.open")}</Button>
                  )}
                </span>
                <span className="row">
                  <LevelChip level={value.level} />
                  <Chip tone="outline" title={t("why.source")}>{value.source}</Chip>
                  <Why field={f.id} value={value} />
                </span>
              </div>
            ))}
          </dd>,
        ];
      })}
      {withheld.map((f) => [
        <dt key={`${f.id}-name`}>{both(f.name)}</dt>,
        <dd key={f.id} className="row"><span className="soft grow">{t("customer.withheld")}: {t(`reason.${f.reason}`)}</span><LevelChip level={f.level} /></dd>,
      ])}
    </dl>
  );
}

function Timeline({ id }: { id: string }) {
  const { t } = useTranslation();
  const { purpose, caseId, field } = useWork();
  const explain = useProblem();
  const page = useInfiniteQuery({
    queryKey: ["customers", purpose, caseId, id, "timeline"],
    initialPageParam: "",
    gcTime: 0,
    queryFn: ({ pageParam }) =>
      ask(api.GET("/api/v1/customers/{id}/timeline", { params: { path: { id }, header: purposed(), query: { limit: 30, ...(pageParam === "" ? {} : { cursor: pageParam }) } } })),
    getNextPageParam: (last) => last.next ?? undefined,
  });
  if (page.isPending) return <div className="body"><Loading /></div>;
  if (page.isError) return <div className="body"><Note tone="bad">{explain(page.error)}</Note></div>;
  const events = page.data.pages.flatMap((p) => p.events);
  if (events.length === 0) return <Empty title={t("timeline.none")} />;
  return (
    <>
      {events.map((event) => (
        <div key={event.id} className="line">
          <div className="stack tight"><span className="small soft">{time(event.occurred_at)}</span><span><Chip>{t(`class.${event.kind}`)}</Chip></span></div>
          <div className="stack tight">
            <Entry customer={id} entry={event}>{(shown) => Object.entries(shown.fields).map(([name, values]) => (
              <div key={name} className="row top"><span className="soft small" style={{ minWidth: 90 }}>{both(field(name)?.name)}</span><span className="grow"><Cell values={values} /></span></div>
            ))}</Entry>
          </div>
        </div>
      ))}
      {page.hasNextPage && <div className="body"><Button busy={page.isFetchingNextPage} onClick={() => void page.fetchNextPage()}>{t("customers.more")}</Button></div>}
    </>
  );
}

function Lineage({ id }: { id: string }) {
  const { t } = useTranslation();
  const { purpose, caseId, field, catalog } = useWork();
  const explain = useProblem();
  const lineage = useQuery({
    queryKey: ["customers", purpose, caseId, id, "lineage"], gcTime: 0,
    queryFn: () => ask(api.GET("/api/v1/customers/{id}/lineage", { params: { path: { id }, header: purposed() } })),
  });
  const [at, setAt] = useState("");
  if (lineage.isPending) return <div className="body"><Loading /></div>;
  if (lineage.isError) return <div className="body"><Note tone="bad">{explain(lineage.error)}</Note></div>;
  const { values, bases, score } = lineage.data;
  const chosen = values.find((v) => v.field === at) ?? values[0];
  if (chosen === undefined) return <Empty title={t("customer.nothing")} />;
  const purposes = bases.filter((b) => b.action === "given").map((b) => both(catalog.purposes.find((p) => p.id === b.purpose)?.name)).join(", ");
  return (
    <div className="body stack">
      <p className="soft small">{t("quality.ofCustomer", { score: Math.round(score * 100) })}</p>
      <label className="row"><span className="soft small">{t("lineage.of")}</span>
        <select className="select slim" value={chosen.field} onChange={(event) => setAt(event.target.value)}>
          {values.map((v, i) => <option key={i} value={v.field}>{both(field(v.field)?.name)}</option>)}
        </select>
      </label>
      <ol className="trail">
        <li><div><h3>{t("lineage.collected")}</h3><p className="small soft">{t("lineage.collectedText", { source: chosen.source, channel: chosen.channel, time: time(chosen.collected_at) })}</p></div></li>
        <li><div><h3>{t("lineage.cleaned")}</h3><p className="small soft">{t("lineage.cleanedText", { confidence: chosen.confidence ?? 100 })}</p></div></li>
        <li><div><h3>{t("lineage.sealed")}</h3><p className="small soft">{t("lineage.sealedText", { level: field(chosen.field)?.level ?? "", version: chosen.since_version })}</p></div></li>
        <li><div><h3>{t("lineage.used")}</h3><p className="small soft">{t("lineage.usedText", { basis: t(`basis.${chosen.basis}`), purposes })}</p></div></li>
        <li><div><h3>{t("lineage.proven")}</h3><p className="small soft">{t("lineage.provenText")}</p></div></li>
      </ol>
      <h2>{t("lineage.ledger")}</h2>
      <div className="table-wrap" tabIndex={0}>
        <table className="table">
          <thead><tr><th>#</th><th>{t("lineage.action")}</th><th>{t("why.purpose")}</th><th>{t("lineage.basis")}</th><th>{t("lineage.where")}</th></tr></thead>
          <tbody>
            {bases.map((b) => (
              <tr key={b.seq}>
                <td>{b.seq}</td><td>{t(`action.${b.action}`)}</td><td>{both(catalog.purposes.find((p) => p.id === b.purpose)?.name)}</td>
                <td>{t(`basis.${b.basis}`)} {b.separate === true && <Chip tone="L4">{t("lineage.separate")}</Chip>}</td><td>{b.jurisdiction}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Accesses({ id }: { id: string }) {
  const { t } = useTranslation();
  const { purpose, caseId, field, catalog } = useWork();
  const roleNames = useRoleNames();
  const explain = useProblem();
  const page = useInfiniteQuery({
    queryKey: ["customers", purpose, caseId, id, "accesses"],
    initialPageParam: "",
    gcTime: 0,
    queryFn: ({ pageParam }) =>
      ask(api.GET("/api/v1/customers/{id}/accesses", { params: { path: { id }, header: purposed(), query: { limit: 30, ...(pageParam === "" ? {} : { cursor: pageParam }) } } })),
    getNextPageParam: (last) => last.next ?? undefined,
  });
  if (page.isPending) return <div className="body"><Loading /></div>;
  if (page.isError) return <div className="body"><Note tone="bad">{explain(page.error)}</Note></div>;
  const names = (ids: string[]) => ids.map((one) => both(field(one)?.name)).join(", ");
  return (
    <div className="table-wrap" tabIndex={0}>
      <table className="table">
        <thead><tr><th>{t("audit.time")}</th><th>{t("audit.who")}</th><th>{t("audit.what")}</th><th>{t("why.purpose")}</th><th>{t("audit.fields")}</th><th className="right">{t("audit.leaf")}</th></tr></thead>
        <tbody>
          {page.data.pages.flatMap((p) => p.accesses).map((access) => (
            <tr key={access.leaf}>
              <td className="nowrap">{time(access.time)}</td>
              <td>{roleNames(access.role)}</td>
              <td>{t(`operation.${access.operation.replaceAll(".", "_")}`, { defaultValue: access.operation })} {access.decision === "refused" && <Chip tone="bad">{t("audit.refused")}</Chip>}</td>
              <td>{both(catalog.purposes.find((p) => p.id === access.purpose)?.name) || "–"}</td>
              <td className="small">{names(access.clear)}{access.masked.length > 0 && <span className="soft"> · {t("access.masked")}: {names(access.masked)}</span>}</td>
              <td className="right"><Link href={`/audit?leaf=${access.leaf}`}>{access.leaf}</Link></td>
            </tr>
          ))}
        </tbody>
      </table>
      {page.hasNextPage && <div className="body"><Button busy={page.isFetchingNextPage} onClick={() => void page.fetchNextPage()}>{t("customers.more")}</Button></div>}
    </div>
  );
}

const kRestrictions = ["subject", "dispute", "minor", "hold"] as const;

// One restriction at a time, on or off, with its reason.
function Restrict({ customer, onDone, onCancel }: { customer: Schemas["Customer"]; onDone: () => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const tell = useTell();
  const [kind, setKind] = useState<(typeof kRestrictions)[number]>(customer.restrictions[0] ?? "subject");
  const [reason, setReason] = useState("");
  const on = customer.restrictions.includes(kind);
  const change = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/customers/{id}/restriction", { params: { path: { id: customer.id }, header: purposed() }, body: { kind, restricted: !on, reason } })),
    onSuccess: () => { tell(t(on ? "restriction.lifted" : "restriction.done")); onDone(); },
  });
  return (
    <form onSubmit={(event) => { event.preventDefault(); change.mutate(); }}>
      <h2>{t("restriction.title")}</h2>
      <p className="soft">{t("restriction.text")}</p>
      {change.isError && <Note tone="bad">{explain(change.error)}</Note>}
      <fieldset className="stack tight plain">
        <legend className="small strong">{t("restriction.why")}</legend>
        {kRestrictions.map((one) => (
          <label key={one} className="check"><input type="radio" name="restriction" checked={kind === one} onChange={() => setKind(one)} /><span>{t(`restriction.kind.${one}`)} {customer.restrictions.includes(one) && <Chip tone="warn">{t("restriction.on")}</Chip>}</span></label>
        ))}
      </fieldset>
      <Reason label={t("restriction.reason")} value={reason} onReason={setReason} />
      <div className="row"><Button kind={on ? "primary" : "danger"} type="submit" busy={change.isPending}>{t(on ? "restriction.lift" : "restriction.go")}</Button><Button kind="quiet" onClick={onCancel}>{t("common.cancel")}</Button></div>
    </form>
  );
}

export function Customer({ id }: { id: string }) {
  const { t } = useTranslation();
  const { purpose, caseId, can, field } = useWork();
  const explain = useProblem();
  const [tab, setTab] = useState<Tab>("identity");
  const [restricting, setRestricting] = useState(false);
  const [asking, setAsking] = useState<string>();
  // Values shown against a reason live as long as this screen.
  const [revealed, setRevealed] = useState<Record<string, Value[]>>({});
  const customer = useQuery({
    queryKey: ["customers", purpose, caseId, id], gcTime: 0,
    queryFn: () => ask(api.GET("/api/v1/customers/{id}", { params: { path: { id }, header: purposed() } })),
  });
  const reveal = useMutation({
    mutationFn: ({ one, reason }: { one: string; reason: string }) => ask(api.POST("/api/v1/customers/{id}/reveal", { params: { path: { id }, header: purposed() }, body: { fields: [one], reason } })),
    onSuccess: (shown, { one }) => {
      setRevealed((now) => ({ ...now, [one]: shown.fields[one] ?? [] }));
      setAsking(undefined);
    },
  });
  if (customer.isPending) return <Page title={t("customer.title")}><Panel><Loading lines={6} /></Panel></Page>;
  if (customer.isError) {
    return <Page title={t("customer.title")}><Panel><Empty title={t("customer.refused")}><p>{explain(customer.error)}</p><Link href="/customers">{t("customer.back")}</Link></Empty></Panel></Page>;
  }
  const data = customer.data;
  const name = data.fields["name_full"]?.[0];
  const tabs: { id: Tab; name: string }[] = [
    ...kClasses.map((c) => ({ id: c, name: t(`class.${c}`) })),
    ...(can("timeline.read") ? [{ id: "timeline" as const, name: t("timeline.title") }] : []),
    ...(can("tickets.read") ? [{ id: "tickets" as const, name: t("desk.tickets") }] : []),
    ...(can("accesses.read") ? [{ id: "authorizations" as const, name: t("authorizations.title") }, { id: "lineage" as const, name: t("lineage.title") }, { id: "accesses" as const, name: t("customer.accesses") }] : []),
  ];
  return (
    <Page title={name?.value ?? t("customer.title")} actions={<>
      <Chip tone="outline">{t(`kind.${data.kind}`)}</Chip>
      {data.restrictions.map((kind) => <Chip key={kind} tone="warn">{t(`restriction.kind.${kind}`)}</Chip>)}
      {can("customers.restrict") && <Button small onClick={() => setRestricting(true)}>{t("restriction.title")}</Button>}
      {can("policy.test") && can("accesses.read") && <Link href={`/policy?customer=${id}`}>{t("customer.whoSees")}</Link>}
    </>}>
      {can("customers.merge") && <Merges id={id} />}
      <Tabs label={t("customer.title")} tabs={tabs} value={tab} onChange={setTab} />
      <Panel flush>
        {tab === "timeline" ? <Timeline id={id} />
          : tab === "tickets" ? <CustomerTickets id={id} />
          : tab === "authorizations" ? <Authorizations id={id} />
          : tab === "lineage" ? <Lineage id={id} />
            : tab === "accesses" ? <Accesses id={id} />
              : <Facts customer={data} revealed={revealed} dataClass={tab} {...(can("customers.reveal") ? { onReveal: setAsking } : {})} />}
      </Panel>
      <Dialog open={restricting} onClose={() => setRestricting(false)} label={t("restriction.title")}>
        {restricting && <Restrict customer={data} onDone={() => { setRestricting(false); void customer.refetch(); }} onCancel={() => setRestricting(false)} />}
      </Dialog>
      {asking !== undefined && <RevealDialog what={both(field(asking)?.name)} busy={reveal.isPending} trouble={reveal.isError ? explain(reveal.error) : undefined} onReveal={(reason) => reveal.mutate({ one: asking, reason })} onClose={() => { setAsking(undefined); reveal.reset(); }} />}
    </Page>
  );
}
