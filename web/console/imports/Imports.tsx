import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { api, ask, type Schemas } from "../../api/client";
import { Button, Chip, Empty, Loading, Note, Page, Panel, type Tone } from "../../ui/basics";
import { both, number, time } from "../../ui/language";
import { useWork } from "../session";
import { useProblem } from "../toasts";

const tones: Record<Schemas["Import"]["state"], Tone> = { running: "warn", done: "good", dry_run: "", already_imported: "", reverted: "bad" };

export function ImportState({ state }: { state: Schemas["Import"]["state"] }) {
  const { t } = useTranslation();
  return <Chip tone={tones[state]}>{t(`imports.state.${state}`)}</Chip>;
}

export function Imports() {
  const { t } = useTranslation();
  const { can, catalog } = useWork();
  const explain = useProblem();
  const imports = useInfiniteQuery({
    queryKey: ["imports", "pages"],
    initialPageParam: "",
    queryFn: ({ pageParam }) => ask(api.GET("/api/v1/imports", { params: { query: { limit: 50, ...(pageParam === "" ? {} : { cursor: pageParam }) } } })),
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: (query) => (query.state.data?.pages[0]?.imports.some((one) => one.state === "running") ? 1500 : false),
  });
  const all = imports.data?.pages.flatMap((page) => page.imports) ?? [];
  return (
    <Page title={t("imports.title")} lead={t("imports.lead")} actions={can("imports.run") && <Link href="/imports/new" className="button primary">{t("imports.new")}</Link>}>
      {imports.isError && <Note tone="bad">{explain(imports.error)}</Note>}
      <Panel flush>
        {imports.isPending ? <div className="body"><Loading /></div> : all.length === 0 ? (
          <Empty title={t("imports.none")}><p>{t("imports.noneText")}</p></Empty>
        ) : (
          <div className="table-wrap" tabIndex={0}>
            <table className="table">
              <thead><tr><th>{t("imports.when")}</th><th>{t("imports.source")}</th><th>{t("imports.purposes")}</th><th className="right">{t("imports.accepted")}</th><th className="right">{t("imports.quarantined")}</th><th>{t("imports.stateName")}</th><th /></tr></thead>
              <tbody>
                {all.map((one) => (
                  <tr key={one.id}>
                    <td className="nowrap">{time(one.updated_at)}</td><td>{one.source}</td>
                    <td>{one.purposes.map((id) => both(catalog.purposes.find((p) => p.id === id)?.name)).join(", ")}</td>
                    <td className="right">{number(one.counts.accepted)}</td><td className="right">{number(one.counts.quarantined)}</td>
                    <td><ImportState state={one.state} /></td>
                    <td className="right"><Link href={`/imports/${one.id}`}>{t("customers.open")}</Link></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {imports.hasNextPage && <div className="body"><Button busy={imports.isFetchingNextPage} onClick={() => void imports.fetchNextPage()}>{t("customers.more")}</Button></div>}
      </Panel>
    </Page>
  );
}
