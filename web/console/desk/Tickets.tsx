// Tickets: the queue of the desk, and those of one customer.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { api, ask, purposed, type Schemas } from "../../api/client";
import { Button, Chip, Dialog, Empty, Loading, Note, Page, Panel, Select, Tabs } from "../../ui/basics";
import { number, time } from "../../ui/language";
import { useWork } from "../session";
import { Entry, type EntryOf } from "../customers/Entry";
import { ValueText } from "../customers/cells";
import { useProblem, useTell } from "../toasts";
import { ContactDialog } from "./Contact";

type Ticket = Schemas["Ticket"];
const outcomes = ["solved", "no_answer", "elsewhere", "duplicate"] as const;

function Close({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const tell = useTell();
  const queries = useQueryClient();
  const [outcome, setOutcome] = useState<(typeof outcomes)[number]>("solved");
  const close = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/customers/{id}/tickets/{ticket}/close", { params: { path: { id: ticket.customer, ticket: ticket.id }, header: purposed() }, body: { outcome } })),
    onSuccess: () => { tell(t("desk.closed")); void queries.invalidateQueries({ queryKey: ["tickets"] }); onClose(); },
  });
  return (
    <Dialog open onClose={onClose} label={t("desk.close")}>
      <form onSubmit={(event: FormEvent) => { event.preventDefault(); close.mutate(); }}>
        <h2>{t("desk.close")}</h2>
        {close.isError && <Note tone="bad">{explain(close.error)}</Note>}
        <Select label={t("desk.outcomeLabel")} value={outcome} onChange={(event) => setOutcome(outcomes.find((one) => one === event.target.value) ?? "solved")}>{outcomes.map((one) => <option key={one} value={one}>{t(`desk.outcome.${one}`)}</option>)}</Select>
        <div className="row"><Button kind="primary" type="submit" busy={close.isPending}>{t("desk.close")}</Button><Button kind="quiet" onClick={onClose}>{t("common.cancel")}</Button></div>
      </form>
    </Dialog>
  );
}

// What the words speak of may be a request under the law: whoever was told it says whether it is.
function Request({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation();
  const { can } = useWork();
  const explain = useProblem();
  const tell = useTell();
  const queries = useQueryClient();
  // What is wrong in the record is corrected there.
  const rights = (ticket.rights ?? []).filter((one) => one !== "rectify");
  const hand = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/customers/{id}/tickets/{ticket}/request", { params: { path: { id: ticket.customer, ticket: ticket.id }, header: purposed() }, body: { rights: rights as ("access" | "portability" | "erase" | "restrict" | "object" | "human_review")[] } })),
    onSuccess: ({ number: made }) => { tell(t("desk.handedOver", { number: made })); void queries.invalidateQueries({ queryKey: ["tickets"] }); },
  });
  if (ticket.request != null) return <p className="small soft">{t("desk.request", { number: ticket.request })}</p>;
  if (rights.length === 0) return null;
  return (
    <Note tone="warn">
      <div className="row between">
        <span>{t("desk.rights", { rights: rights.map((one) => t(`rights.right.${one}`)).join(", ") })}</span>
        {can("tickets.write") && <Button small busy={hand.isPending} onClick={() => hand.mutate()}>{t("desk.handOver")}</Button>}
      </div>
      {hand.isError && <p>{explain(hand.error)}</p>}
    </Note>
  );
}

// `said`: entries of the customer's timeline, where it is their page.
function One({ ticket, said }: { ticket: Ticket; said?: Map<string, EntryOf> }) {
  const { t } = useTranslation();
  const { can } = useWork();
  const [open, setOpen] = useState<"close" | "add">();
  const taken = Object.entries(ticket.taken ?? {});
  return (
    <div className="line">
      <div className="stack tight">
        <span className="small soft">{time(ticket.moved_at)}</span>
        <span><Chip tone={ticket.state === "open" ? "warn" : ""}>{t(`desk.state.${ticket.state}`)}</Chip></span>
      </div>
      <div className="stack tight">
        {ticket.withheld !== null || ticket.matter === undefined ? <p className="soft">{t("customer.withheld")}: {t(`reason.${ticket.withheld ?? "no_basis"}`)}</p> : (
          <>
            <div className="row">
              <strong>{t(`desk.matter.${ticket.matter}`)}</strong>
              <Chip tone="outline">{t(`desk.channel.${ticket.channel ?? "phone"}`)}</Chip>
              <span className="small soft">{t("desk.contacts", { count: ticket.contacts?.length ?? 0 })} · {ticket.source}</span>
              {ticket.outcome != null && <Chip tone="good">{t(`desk.outcome.${ticket.outcome}`)}</Chip>}
            </div>
            {taken.length > 0 && <p className="small soft">{t("desk.taken")}: {taken.map(([kind, count]) => `${t(`found.${kind}`)} × ${number(count)}`).join(", ")}</p>}
            <Request ticket={ticket} />
            {(ticket.contacts ?? []).flatMap((id) => said?.get(id) ?? []).map((event) => (
              <div key={event.id} className="stack tight">
                <span className="small soft">{time(event.occurred_at)}</span>
                <Entry customer={ticket.customer} entry={event}>{(shown) => (shown.fields["service_note"] ?? shown.fields["enquiry_text"] ?? []).map((value, i) => <p key={i} className="prose"><ValueText value={value} /></p>)}</Entry>
              </div>
            ))}
          </>
        )}
        <div className="row">
          {said === undefined && <Link href={`/customers/${ticket.customer}`}>{t("desk.customer")}</Link>}
          {can("tickets.write") && ticket.withheld === null && <>
            <Button small onClick={() => setOpen("add")}>{t("desk.add")}</Button>
            {ticket.state === "open" && <Button small onClick={() => setOpen("close")}>{t("desk.close")}</Button>}
          </>}
        </div>
      </div>
      {open === "close" && <Close ticket={ticket} onClose={() => setOpen(undefined)} />}
      {open === "add" && <ContactDialog customer={ticket.customer} ticket={ticket.id} onClose={() => setOpen(undefined)} />}
    </div>
  );
}

export function CustomerTickets({ id }: { id: string }) {
  const { t } = useTranslation();
  const { purpose, caseId, can } = useWork();
  const explain = useProblem();
  const [taking, setTaking] = useState(false);
  const tickets = useQuery({ queryKey: ["tickets", purpose, caseId, id], gcTime: 0, queryFn: () => ask(api.GET("/api/v1/customers/{id}/tickets", { params: { path: { id }, header: purposed() } })) });
  // What was said stands in the timeline.
  const timeline = useQuery({ queryKey: ["tickets", purpose, caseId, id, "said"], gcTime: 0, enabled: can("timeline.read"), queryFn: () => ask(api.GET("/api/v1/customers/{id}/timeline", { params: { path: { id }, header: purposed(), query: { limit: 100 } } })) });
  const said = new Map((timeline.data?.events ?? []).map((event) => [event.id, event]));
  if (tickets.isPending) return <div className="body"><Loading /></div>;
  if (tickets.isError) return <div className="body"><Note tone="bad">{explain(tickets.error)}</Note></div>;
  return (
    <>
      {can("tickets.write") && <div className="body"><Button kind="primary" onClick={() => setTaking(true)}>{t("desk.new")}</Button></div>}
      {tickets.data.tickets.length === 0 ? <Empty title={t("desk.none")} /> : tickets.data.tickets.map((ticket) => <One key={ticket.id} ticket={ticket} said={said} />)}
      {taking && <ContactDialog customer={id} onClose={() => setTaking(false)} />}
    </>
  );
}

export function Tickets() {
  const { t } = useTranslation();
  const { purpose, caseId } = useWork();
  const explain = useProblem();
  const [state, setState] = useState<"open" | "closed">("open");
  const page = useInfiniteQuery({
    queryKey: ["tickets", purpose, caseId, state], initialPageParam: "", gcTime: 0,
    queryFn: ({ pageParam }) => ask(api.GET("/api/v1/tickets", { params: { header: purposed(), query: { state, limit: 30, ...(pageParam === "" ? {} : { cursor: pageParam }) } } })),
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const tickets = page.data?.pages.flatMap((one) => one.tickets) ?? [];
  const waiting = page.data?.pages[0]?.waiting;
  return (
    <Page title={t("desk.title")} lead={t("desk.lead")} actions={waiting === undefined ? undefined : <Chip tone={waiting > 0 ? "warn" : "good"}>{t("desk.waiting", { count: waiting })}</Chip>}>
      <Tabs label={t("desk.title")} tabs={[{ id: "open", name: t("desk.state.open") }, { id: "closed", name: t("desk.state.closed") }]} value={state} onChange={setState} />
      <Panel flush>
        {page.isPending ? <div className="body"><Loading /></div> : page.isError ? <div className="body"><Note tone="bad">{explain(page.error)}</Note></div>
          : tickets.length === 0 ? <Empty title={t(state === "open" ? "desk.noneOpen" : "desk.none")}><p>{t("desk.noneText")}</p></Empty>
            : <>{tickets.map((ticket) => <One key={ticket.id} ticket={ticket} />)}{page.hasNextPage && <div className="body"><Button busy={page.isFetchingNextPage} onClick={() => void page.fetchNextPage()}>{t("customers.more")}</Button></div>}</>}
      </Panel>
    </Page>
  );
}
