// Who looked at what, when, why and on which ground; each entry with a proof that anybody can check.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../api/client";
import { Button, Check, Chip, Note } from "../ui/basics";
import { time } from "../ui/language";
import { GivenTo } from "./Decisions";
import { Download } from "./Download";
import { type OwnAccess, useActing, useNames } from "./own";
import { wordsOf } from "./problem";

function Entry({ access }: { access: OwnAccess }) {
  const { t } = useTranslation();
  const acting = useActing() !== "";
  const names = useNames();
  const mine = access.role === "customer";
  const fields = [...(access.clear ?? []), ...(access.masked ?? [])];
  const who = mine
    ? t(acting ? "history.ward" : "history.you")
    : access.role === "guardian"
      ? t(acting ? "history.asGuardian" : "history.guardian")
    : access.department !== ""
      ? names.department(access.department) || access.department
      : t(`actor.${(access.role ?? "").split("+")[0]}`, { defaultValue: t("history.company") });
  return (
    <li>
      <div className="row between">
        <span className="strong">{who}</span>
        <span className="small soft nowrap">{time(access.time)}</span>
      </div>
      <p>
        {t(`did.${access.operation.replaceAll(".", "_")}`, { defaultValue: t("did.other") })}
        {access.purpose !== "" && <> · {names.purpose(access.purpose)}</>}
        {access.recipient !== null && access.recipient !== undefined && <> · {t("history.to", { name: access.recipient })}</>}
        {access.decision === "refused" && <> <Chip tone="warn">{t("history.refused")}</Chip></>}
      </p>
      <details>
        <summary className="small">{t("history.more")}</summary>
        {fields.length > 0 && <p className="small soft">{fields.map((id) => names.field(id)).join(t("comma"))}</p>}
        {(access.masked ?? []).length > 0 && <p className="small soft">{t("history.masked", { fields: (access.masked ?? []).map((id) => names.field(id)).join(t("comma")) })}</p>}
        {access.basis !== null && access.basis !== undefined && access.basis !== "" && <p className="small soft">{t(`ground.${access.basis}`)}</p>}
        <p className="small">
          <Download path={`/api/v1/portal/accesses/${access.leaf}/proof`} name={`entry-${access.leaf}.json`}>{t("history.proof", { leaf: access.leaf })}</Download>
        </p>
      </details>
    </li>
  );
}

export function History() {
  const { t } = useTranslation();
  const [own, setOwn] = useState(false);
  const accesses = useInfiniteQuery({
    queryKey: ["own", "accesses"],
    queryFn: ({ pageParam }) => ask(api.GET("/api/v1/portal/accesses", { params: { query: pageParam === "" ? { limit: 30 } : { limit: 30, cursor: pageParam } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });
  if (accesses.isPending) return <div className="skeleton" />;
  if (accesses.isError) return <Note tone="bad">{wordsOf(t, accesses.error)}</Note>;
  const all = accesses.data.pages.flatMap((page) => page.accesses).filter((access) => own || access.role !== "customer" || access.operation.startsWith("basis."));
  return (
    <>
      <h1>{t("place.history")}</h1>
      <p className="lead">{t("history.lead")}</p>
      <Check label={t("history.own")} checked={own} onChange={(event) => setOwn(event.target.checked)} />
      {all.length === 0 && <Note>{t("history.none")}</Note>}
      <ul className="entries">
        {all.map((access) => <Entry key={access.leaf} access={access} />)}
      </ul>
      {accesses.hasNextPage && <Button busy={accesses.isFetchingNextPage} onClick={() => void accesses.fetchNextPage()}>{t("history.older")}</Button>}
      <p className="small soft">{t("history.check")}</p>
      <GivenTo />
    </>
  );
}
