// Who speaks for a minor: recorded by one, confirmed by another.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { api, ApiProblem, ask, purposed, type Schemas } from "../../api/client";
import { Button, Chip, Empty, Input, Loading, Note, Select } from "../../ui/basics";
import { time } from "../../ui/language";
import { useWork } from "../session";
import { useProblem, useTell } from "../toasts";

type Guardianship = Schemas["Guardianship"];
const kRelations: Guardianship["relation"][] = ["parent", "legal_guardian", "court_appointed"];
const kTones = { proposed: "warn", confirmed: "good", ended: "outline" } as const;

function Add({ id, onDone }: { id: string; onDone: () => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const tell = useTell();
  const [contact, setContact] = useState("");
  const [relation, setRelation] = useState<Guardianship["relation"]>("parent");
  const [reference, setReference] = useState("");
  const add = useMutation({
    mutationFn: async () => {
      const by = contact.includes("@") ? "email" : "mobile";
      const found = await ask(api.POST("/api/v1/customers/search", { params: { header: purposed() }, body: { where: { [by]: contact.trim() }, limit: 2 } }));
      const one = found.customers.length === 1 ? found.customers[0] : undefined;
      if (one === undefined) throw new ApiProblem("guardian_unclear", 0, "");
      return ask(api.POST("/api/v1/customers/{id}/guardians", { params: { path: { id } }, body: { guardian: one.id, relation, reference } }));
    },
    onSuccess: () => {
      tell(t("guardians.recorded"));
      setContact("");
      setReference("");
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form className="stack" onSubmit={submit}>
      {add.isError && <Note tone="bad">{add.error instanceof ApiProblem && add.error.code === "guardian_unclear" ? t("guardians.unclear") : explain(add.error)}</Note>}
      <Input label={t("guardians.contact")} hint={t("guardians.contactHint")} required maxLength={200} value={contact} onChange={(event) => setContact(event.target.value)} />
      <Select label={t("guardians.relation")} value={relation} onChange={(event) => setRelation(event.target.value as Guardianship["relation"])}>
        {kRelations.map((one) => <option key={one} value={one}>{t(`guardians.relations.${one}`)}</option>)}
      </Select>
      <Input label={t("guardians.reference")} hint={t("guardians.referenceHint")} required maxLength={80} pattern="[A-Za-z0-9._:\/\-]+" value={reference} onChange={(event) => setReference(event.target.value)} />
      <div><Button kind="primary" type="submit" busy={add.isPending}>{t("guardians.add")}</Button></div>
    </form>
  );
}

export function Guardians({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { can } = useWork();
  const explain = useProblem();
  const queries = useQueryClient();
  const key = ["guardians", id];
  const known = useQuery({ queryKey: key, gcTime: 0, queryFn: () => ask(api.GET("/api/v1/customers/{id}/guardians", { params: { path: { id } } })) });
  const refresh = () => void queries.invalidateQueries({ queryKey: key });
  const step = useMutation({
    mutationFn: ({ guardianship, what }: { guardianship: string; what: "confirm" | "end" }) =>
      ask(api.POST("/api/v1/customers/{id}/guardians/{guardianship}", { params: { path: { id, guardianship } }, body: { step: what } })),
    onSettled: refresh,
  });
  const all = known.data?.guardians ?? [];
  return (
    <div className="stack">
      <h2>{t("guardians.title")}</h2>
      <p className="soft">{t("guardians.text")}</p>
      {known.isPending && <Loading lines={2} />}
      {(known.isError || step.isError) && <Note tone="bad">{explain(known.error ?? step.error)}</Note>}
      {known.isSuccess && all.length === 0 && <Empty title={t("guardians.none")} />}
      <ul className="stack">
        {all.map((one) => (
          <li key={one.id} className="row between" data-guardian={one.state}>
            <div>
              <span className="strong">{t(`guardians.relations.${one.relation}`)}</span> <Chip tone={kTones[one.state]}>{t(`guardians.states.${one.state}`)}</Chip>
              <p className="small soft"><Link href={`/customers/${one.guardian}`}>{t("guardians.open")}</Link> · {one.reference} · {t("guardians.since", { time: time(one.at) })}</p>
            </div>
            <div className="row">
              {one.state === "proposed" && can("guardians.confirm") && <Button small busy={step.isPending} onClick={() => step.mutate({ guardianship: one.id, what: "confirm" })}>{t("guardians.confirm")}</Button>}
              {one.state !== "ended" && <Button small kind="danger" busy={step.isPending} onClick={() => step.mutate({ guardianship: one.id, what: "end" })}>{t("guardians.end")}</Button>}
            </div>
          </li>
        ))}
      </ul>
      <Add id={id} onDone={refresh} />
      <div><Button kind="quiet" onClick={onClose}>{t("common.close")}</Button></div>
    </div>
  );
}
