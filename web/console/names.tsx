// Names of the house's own people, for those who may read them.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask } from "../api/client";
import { useWork } from "./session";

export function usePeopleNames(): (id: string, otherwise?: string) => string {
  const { t } = useTranslation();
  const { can, me } = useWork();
  const people = useQuery({ queryKey: ["people"], queryFn: () => ask(api.GET("/api/v1/people")), enabled: can("people.read") });
  return (id, otherwise) => (id === me.user.id ? t("requests.me") : (people.data?.people.find((p) => p.id === id)?.name ?? otherwise ?? t("requests.somebody")));
}
