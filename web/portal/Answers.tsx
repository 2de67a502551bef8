// Every answer that was given, in order, each with its signed receipt.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "../api/client";
import { Note } from "../ui/basics";
import { day, time } from "../ui/language";
import { Download } from "./Download";
import { useNames } from "./own";
import { wordsOf } from "./problem";

function Event({ event }: { event: Schemas["LedgerEvent"] }) {
  const { t } = useTranslation();
  const names = useNames();
  const part = [
    ...(event.departments ?? []).map((code) => names.department(code) || code),
    ...(event.fields ?? []).map((id) => names.field(id)),
  ];
  const how = (event.evidence as { channel?: string } | undefined)?.channel ?? "";
  return (
    <li>
      <div className="row between">
        <span className="strong">{t(`action.${event.action}`)}{event.purpose !== "" && ` · ${names.purpose(event.purpose)}`}</span>
        <span className="small soft nowrap">{time(event.at)}</span>
      </div>
      {part.length > 0 && <p className="small">{t("answers.only", { part: part.join(t("comma")) })}</p>}
      <p className="small soft">
        {t(`ground.${event.basis}`)}
        {event.until !== null && ` · ${t("uses.until", { day: day(event.until) })}`}
        {how !== "" && ` · ${t(`channel.${how}`, { defaultValue: how })}`}
        {event.notice !== "" && ` · ${t("answers.notice", { notice: event.notice })}`}
        {(event.cause ?? 0) > 0 && ` · ${t("answers.follows")}`}
      </p>
      {event.guardian !== null && event.guardian !== undefined && <p className="small soft">{t("answers.guardian")}</p>}
      <p><Download path={`/api/v1/portal/receipts/${event.seq}`} name={`receipt-${event.seq}.json`}>{t("answers.receipt")}</Download></p>
    </li>
  );
}

export function Answers() {
  const { t } = useTranslation();
  const ledger = useQuery({ queryKey: ["own", "ledger"], queryFn: () => ask(api.GET("/api/v1/portal/ledger")) });
  if (ledger.isPending) return <div className="skeleton" />;
  if (ledger.isError) return <Note tone="bad">{wordsOf(t, ledger.error)}</Note>;
  const events = [...ledger.data.events].filter((event) => event.action !== "used").reverse();
  return (
    <>
      <h1>{t("place.answers")}</h1>
      <p className="lead">{t("answers.lead")}</p>
      <ul className="entries">
        {events.map((event) => <Event key={event.seq} event={event} />)}
      </ul>
    </>
  );
}
