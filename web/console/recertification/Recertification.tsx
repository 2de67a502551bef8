// The quarterly look: is each grant and each key still needed? What nobody confirms ends by itself.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "../../api/client";
import { Button, Check, Chip, Empty, Loading, Note, Page, Panel, type Tone } from "../../ui/basics";
import { both, day, number } from "../../ui/language";
import { useFresh } from "../fresh";
import { usePeopleNames } from "../names";
import { useWork } from "../session";
import { useProblem, useTell } from "../toasts";

type One = Schemas["Recertification"];
type Item = Schemas["RecertifiedItem"];

const tones: Record<Item["state"], Tone> = { open: "warn", kept: "good", ended: "bad", lapsed: "bad", gone: "" };

export function useRecertifications() {
  const { can } = useWork();
  return useQuery({ queryKey: ["recertifications"], queryFn: () => ask(api.GET("/api/v1/recertifications")), enabled: can("access.recertify") });
}

export const openItems = (all: One[] | undefined): Item[] => (all ?? []).flatMap((one) => one.items.filter((item) => item.may_decide));

function ItemRow({ item, act }: { item: Item; act: (keep: boolean) => void }) {
  const { t } = useTranslation();
  const { catalog } = useWork();
  const nameOf = usePeopleNames();
  return (
    <tr>
      <td>
        <span className="strong">{item.holder === null ? t("recertify.key", { label: item.label === "" ? item.object.slice(-8) : item.label }) : nameOf(item.holder)}</span>
        {item.department !== "" && <div className="small soft">{item.department}</div>}
      </td>
      <td>{both(catalog.roles.find((r) => r.id === item.role)?.name)}<div className="small soft">{t("recertify.until", { time: day(item.until) })}</div></td>
      <td className="wide-only">{day(item.given_at)}{item.given_by !== null && <div className="small soft">{t("recertify.givenBy", { name: nameOf(item.given_by, t("recertify.owner")) })}</div>}</td>
      <td className="right">
        {item.may_decide ? (
          <span className="row end">
            <Button small onClick={() => act(true)}>{t("recertify.keep")}</Button>
            <Button small kind="danger" onClick={() => act(false)}>{t("recertify.end")}</Button>
          </span>
        ) : (
          <><Chip tone={tones[item.state]}>{t(`recertify.state.${item.state}`)}</Chip>{item.by !== null && <div className="small soft">{nameOf(item.by)}</div>}</>
        )}
      </td>
    </tr>
  );
}

function OnePanel({ one }: { one: One }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const fresh = useFresh();
  const tell = useTell();
  const open = one.items.filter((item) => item.state === "open").length;
  const [all, setAll] = useState(one.closed_at !== null);
  const shown = all ? one.items : one.items.filter((item) => item.state === "open");
  const act = (item: Item, keep: boolean) => fresh.run(async () => {
    await ask(api.POST("/api/v1/recertifications/{id}/items/{object}", { params: { path: { id: one.id, object: item.object } }, body: { keep } }));
    tell(t(keep ? "recertify.kept" : "recertify.ended"));
    await queries.invalidateQueries({ queryKey: ["recertifications"] });
  });
  const title = one.quarter === "" ? t("recertify.byHand", { time: day(one.opened_at) }) : t("recertify.quarter", { quarter: one.quarter });
  return (
    <Panel flush title={title} actions={one.closed_at === null ? <Check label={t("recertify.showAll")} checked={all} onChange={(e) => setAll(e.target.checked)} /> : <Chip>{t("recertify.closed", { time: day(one.closed_at) })}</Chip>}>
      {one.closed_at === null && <div className="body small soft">{t("recertify.left", { open: number(open), all: number(one.items.length), time: day(one.due_at) })}</div>}
      {fresh.trouble !== undefined && <div className="body"><Note tone="bad">{fresh.trouble}</Note></div>}
      {shown.length === 0 ? <Empty title={t("recertify.done")} /> : (
        <div className="table-wrap" tabIndex={0}>
          <table className="table cards">
            <thead><tr><th>{t("recertify.who")}</th><th>{t("policy.role")}</th><th className="wide-only">{t("recertify.given")}</th><th className="right">{t("recertify.stateTitle")}</th></tr></thead>
            <tbody>{shown.map((item) => <ItemRow key={item.object} item={item} act={(keep) => act(item, keep)} />)}</tbody>
          </table>
        </div>
      )}
      {fresh.dialog}
    </Panel>
  );
}

export function Recertification() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const explain = useProblem();
  const list = useRecertifications();
  const all = list.data?.recertifications ?? [];
  const start = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/recertifications", { body: {} })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["recertifications"] }),
  });
  const under = all.some((one) => one.closed_at === null);
  return (
    <Page title={t("recertify.title")} lead={t("recertify.lead")} actions={!under && list.isSuccess && <Button onClick={() => start.mutate()} busy={start.isPending}>{t("recertify.start")}</Button>}>
      {list.isError && <Note tone="bad">{explain(list.error)}</Note>}
      {start.isError && <Note tone="bad">{explain(start.error)}</Note>}
      {list.isPending ? <Panel><Loading /></Panel> : all.length === 0 ? <Panel><Empty title={t("recertify.none")}><p>{t("recertify.noneText")}</p></Empty></Panel> : all.map((one) => <OnePanel key={one.id} one={one} />)}
    </Page>
  );
}
