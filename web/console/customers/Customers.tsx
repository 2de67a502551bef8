// All customers the purpose reaches, and search by one exact value of a sealed field.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { api, ask, purposed, type Schemas } from "../../api/client";
import { Button, Check, Chip, Empty, Input, Loading, Note, Page, Panel, Popover, Select } from "../../ui/basics";
import { both } from "../../ui/language";
import { useWork } from "../session";
import { useProblem, useTell } from "../toasts";
import { Cell } from "./cells";

const kShown = ["name_full", "mobile", "email", "city"];

function useColumns(): [string[], (columns: string[]) => void] {
  const [columns, setColumns] = useState<string[]>(() => {
    const kept: unknown = JSON.parse(localStorage.getItem("columns") ?? "null");
    return Array.isArray(kept) ? kept.filter((c): c is string => typeof c === "string") : kShown;
  });
  return [columns, (next) => { localStorage.setItem("columns", JSON.stringify(next)); setColumns(next); }];
}

// Saved under a name, on the server and for oneself; what was searched for is never part of it.
function Views({ now, apply }: { now: { purpose: string; search_by: string; columns: string[] }; apply: (view: Schemas["View"]) => void }) {
  const { t } = useTranslation();
  const { catalog } = useWork();
  const queries = useQueryClient();
  const explain = useProblem();
  const tell = useTell();
  const [name, setName] = useState("");
  const views = useQuery({ queryKey: ["views"], queryFn: () => ask(api.GET("/api/v1/me/views")) });
  const again = () => queries.invalidateQueries({ queryKey: ["views"] });
  const save = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/me/views", { body: { name: name.trim(), ...now } })),
    onSuccess: () => { tell(t("views.saved")); setName(""); void again(); },
  });
  const remove = useMutation({ mutationFn: (id: string) => ask(api.DELETE("/api/v1/me/views/{id}", { params: { path: { id } } })), onSuccess: again });
  return (
    <Popover framed label={t("views.title")} button={t("views.title")}>
      <div className="stack tight">
        {(views.data?.views ?? []).length === 0 && <p className="small soft">{t("views.none")}</p>}
        {(views.data?.views ?? []).map((view) => (
          <div key={view.id} className="row between">
            <Button kind="quiet" small onClick={() => apply(view)}>{view.name}<span className="small soft"> {both(catalog.purposes.find((p) => p.id === view.purpose)?.name)}</span></Button>
            <Button kind="quiet" small aria-label={t("views.remove", { name: view.name })} onClick={() => remove.mutate(view.id)}>×</Button>
          </div>
        ))}
        {save.isError && <Note tone="bad">{explain(save.error)}</Note>}
        <form className="stack tight" onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
          <Input label={t("views.name")} hint={t("views.hint")} required maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />
          <div><Button small type="submit" busy={save.isPending}>{t("views.save")}</Button></div>
        </form>
      </div>
    </Popover>
  );
}

export function Customers() {
  const { t } = useTranslation();
  const { me, purpose, setPurpose, can, catalog, field, caseId, setCaseId } = useWork();
  const explain = useProblem();
  const [, go] = useLocation();
  const [columns, setColumns] = useColumns();
  const [by, setBy] = useState("mobile");
  const [text, setText] = useState("");
  const [wanted, setWanted] = useState<{ by: string; text: string }>();
  const searchable = catalog.fields.filter((f) => f.searchable);
  const page = useInfiniteQuery({
    // What was searched for is no key of a cache that outlives the screen.
    queryKey: ["customers", purpose, caseId, wanted === undefined ? "list" : "search", wanted],
    initialPageParam: "",
    gcTime: 0,
    enabled: purpose !== "" && can(wanted === undefined ? "customers.list" : "customers.search"),
    queryFn: ({ pageParam }) => {
      const cursor = pageParam === "" ? {} : { cursor: pageParam };
      return wanted === undefined
        ? ask(api.POST("/api/v1/customers/list", { params: { header: purposed() }, body: { limit: 50, ...cursor } }))
        : ask(api.POST("/api/v1/customers/search", { params: { header: purposed() }, body: { where: { [wanted.by]: wanted.text }, limit: 50, ...cursor } }));
    },
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const customers = page.data?.pages.flatMap((p) => p.customers) ?? [];
  const shown = columns.filter((c) => field(c) !== undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setWanted(text.trim() === "" ? undefined : { by, text: text.trim() });
  };
  const apply = (view: Schemas["View"]) => {
    setColumns(view.columns);
    if (view.search_by !== "") setBy(view.search_by);
    if (view.purpose !== "" && me.purposes.includes(view.purpose)) setPurpose(view.purpose);
  };
  return (
    <Page title={t("customers.title")} lead={t("customers.lead")} actions={<>
      <Views now={{ purpose, search_by: by, columns: shown }} apply={apply} />
      <Popover framed label={t("customers.columns")} button={t("customers.columns")}>
        <div className="stack tight" style={{ maxHeight: "50vh", overflowY: "auto" }}>
          {catalog.fields.map((f) => (
            <Check key={f.id} label={both(f.name)} checked={columns.includes(f.id)} onChange={(event) => setColumns(event.target.checked ? [...columns, f.id] : columns.filter((c) => c !== f.id))} />
          ))}
        </div>
      </Popover>
    </>}>
      {can("customers.search") && (
        <form className="panel" onSubmit={submit}>
          <div className="body search">
            <Select label={t("customers.by")} value={by} onChange={(event) => setBy(event.target.value)} hint={t("customers.exact")}>
              {searchable.map((f) => <option key={f.id} value={f.id}>{both(f.name)}</option>)}
            </Select>
            <Input label={t("customers.value")} value={text} autoComplete="off" onChange={(event) => setText(event.target.value)} />
            <Input label={t("customers.case")} value={caseId} hint={t("customers.caseHint")} maxLength={64} pattern="[A-Za-z0-9._:\-]*" onChange={(event) => setCaseId(event.target.value)} />
            <div className="row">
              <Button kind="primary" type="submit">{t("customers.search")}</Button>
              {wanted !== undefined && <Button kind="quiet" onClick={() => { setText(""); setWanted(undefined); }}>{t("customers.clear")}</Button>}
            </div>
          </div>
        </form>
      )}
      {page.isError && <Note tone="bad">{explain(page.error)}</Note>}
      <Panel flush title={wanted === undefined ? t("customers.all") : t("customers.found")}>
        {page.isPending && page.fetchStatus !== "idle" ? <div className="body"><Loading lines={6} /></div>
          : customers.length === 0 ? (
            <Empty title={wanted === undefined ? t("customers.none") : t("customers.noHit")}>
              <p>{wanted === undefined ? t("customers.noneText") : t("customers.noHitText")}</p>
            </Empty>
          ) : (
            <div className="table-wrap" tabIndex={0}>
              <table className="table">
                <thead><tr><th>{t("customers.kind")}</th>{shown.map((c) => <th key={c}>{both(field(c)?.name)}</th>)}<th><span className="visually-hidden">{t("customers.open")}</span></th></tr></thead>
                <tbody>
                  {customers.map((customer) => (
                    <tr key={customer.id} onDoubleClick={() => go(`/customers/${customer.id}`)}>
                      <td className="nowrap">
                        {t(`kind.${customer.kind}`)} {customer.restricted && <Chip tone="warn">{t("customer.restricted")}</Chip>}
                      </td>
                      {shown.map((c) => <td key={c}><Cell values={customer.fields[c]} /></td>)}
                      <td className="right"><Link href={`/customers/${customer.id}`}>{t("customers.open")}</Link></td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
      </Panel>
      {page.hasNextPage && <div className="row"><Button busy={page.isFetchingNextPage} onClick={() => void page.fetchNextPage()}>{t("customers.more")}</Button></div>}
    </Page>
  );
}
