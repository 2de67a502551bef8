// Who is signed in, what they may do, and the purpose in force: it is sent with every call about
// customers, and changing it empties what was read for another.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { both } from "../ui/language";
import { api, ask, keepCsrf, keepPurpose, type Schemas } from "../api/client";

export type Me = Schemas["Me"];
type Catalog = Schemas["Catalog"];
export type CatalogField = NonNullable<Catalog["fields"]>[number];

export function useSession() {
  return useQuery({
    queryKey: ["session"],
    queryFn: async () => {
      const me = await ask(api.GET("/api/v1/session"));
      keepCsrf(me.csrf);
      return me;
    },
    retry: false,
    staleTime: 60_000,
  });
}

export function useCatalog() {
  return useQuery({ queryKey: ["catalog"], queryFn: () => ask(api.GET("/api/v1/catalog")), staleTime: Infinity });
}

interface Work {
  me: Me;
  can: (capability: string) => boolean;
  purpose: string;
  setPurpose: (id: string) => void;
  caseId: string;
  setCaseId: (id: string) => void;
  field: (id: string) => CatalogField | undefined;
  catalog: Catalog;
}

const Context = createContext<Work | undefined>(undefined);

export function WorkProvider({ me, catalog, children }: { me: Me; catalog: Catalog; children: ReactNode }) {
  const queries = useQueryClient();
  const [purpose, setPurpose] = useState(() => (me.purposes.includes("service") ? "service" : (me.purposes[0] ?? "")));
  const [caseId, setCaseId] = useState("");
  keepPurpose(purpose, caseId);
  useEffect(() => {
    keepPurpose(purpose, caseId);
    // What was read for another purpose or case goes; what this one is asking for already stays.
    queries.removeQueries({ queryKey: ["customers"], predicate: ({ queryKey }) => queryKey[1] !== purpose || queryKey[2] !== caseId });
  }, [purpose, caseId, queries]);
  const work = useMemo<Work>(() => {
    const fields = new Map((catalog.fields ?? []).map((f) => [f.id ?? "", f]));
    return {
      me,
      can: (capability) => me.capabilities.includes(capability),
      purpose,
      setPurpose,
      caseId,
      setCaseId,
      field: (id) => fields.get(id),
      catalog,
    };
  }, [me, catalog, purpose, caseId]);
  return <Context.Provider value={work}>{children}</Context.Provider>;
}

export function useWork(): Work {
  const work = useContext(Context);
  if (work === undefined) throw new Error("outside of a session");
  return work;
}

// "agent+marketer" in words; what is no role of people (a person signing in, the system) has a name too.
export function useRoleNames(): (roles: string) => string {
  const { t } = useTranslation();
  const { catalog } = useWork();
  return (roles) =>
    roles.split("+").filter((r) => r !== "").map((r) => both(catalog.roles.find((x) => x.id === r)?.name) || t(`actor.${r}`, { defaultValue: r })).join(", ");
}
