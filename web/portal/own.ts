// What the portal knows of the one who is signed in. Everything is asked of the server; nothing is kept.
import { createContext, useContext } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, keepCsrf, type Schemas } from "../api/client";
import { both } from "../ui/language";

export type Use = Schemas["OwnUses"]["uses"][number];
export type OwnField = Schemas["OwnData"]["fields"][number];
export type OwnAccess = Schemas["OwnAccesses"]["accesses"][number];

export function useOwnSession() {
  return useQuery({
    queryKey: ["session"],
    queryFn: async () => {
      const session = await ask(api.GET("/api/v1/portal/session"));
      keepCsrf(session.csrf);
      return session;
    },
    retry: false,
    staleTime: 60_000,
  });
}

// Those a guardian may speak for.
export function useWards() {
  return useQuery({ queryKey: ["wards"], queryFn: () => ask(api.GET("/api/v1/portal/wards")), staleTime: 60_000 });
}

// Whom all is about now: the id of a minor, or "" for oneself.
const Acting = createContext("");
export const ActingFor = Acting.Provider;
export function useActing(): string {
  return useContext(Acting);
}

export function useUses() {
  return useQuery({ queryKey: ["own", "uses"], queryFn: () => ask(api.GET("/api/v1/portal/uses")) });
}

export function useOwnData() {
  return useQuery({ queryKey: ["own", "data"], queryFn: () => ask(api.GET("/api/v1/portal/data")) });
}

// Names of purposes, fields and departments in the reader's language.
export function useNames() {
  const { data } = useUses();
  const purposes = new Map((data?.uses ?? []).map((use) => [use.purpose, both(use.name)]));
  const departments = new Map(
    (data?.uses ?? []).flatMap((use) => use.rows.map((row) => [row.department, both(row.name)] as const)),
  );
  return {
    purpose: (id: string) => purposes.get(id) ?? id,
    field: (id: string) => both(data?.fields[id]) || id,
    department: (code: string) => departments.get(code) ?? "",
  };
}

export function useRefresh() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["own"] });
}
