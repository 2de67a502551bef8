// The person's own requests: ask, see how far it is and by when, fetch once, keep the certificate.
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ApiProblem, keepFile, type Schemas } from "../api/client";
import { Button, Check, Chip, Input, Note, Select, Textarea } from "../ui/basics";
import { both, day, time } from "../ui/language";
import { Decisions } from "./Decisions";
import { Download } from "./Download";
import { useOwnData, useOwnSession, useRefresh } from "./own";
import { wordsOf } from "./problem";

type Right = Schemas["RightWord"];
type Case = Schemas["RightsCase"];
type Process = Schemas["RightsProcess"];
const kRights: Right[] = ["access", "portability", "erase", "rectify", "object", "human_review"];

// A file that comes as the answer to a question is handed to the browser to keep.
async function fetchPackage(id: string, right: Right, passphrase: string): Promise<void> {
  const { data, response } = await api.POST("/api/v1/portal/requests/{id}/package", {
    params: { path: { id } }, body: { right, ...(passphrase === "" ? {} : { passphrase }) }, parseAs: "blob",
  });
  if (!response.ok || data === undefined) throw new ApiProblem(response.status === 403 ? "step_up_required" : response.status === 410 ? "erased" : "invalid_input", response.status, "");
  keepFile(data as unknown as Blob, "my-data.zip");
}

function Fetch({ one, process }: { one: Case; process: Process }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const [passphrase, setPassphrase] = useState("");
  const fetching = useMutation({ mutationFn: () => fetchPackage(one.id, process.right, passphrase), onSuccess: () => void refresh() });
  return (
    <form className="stack" onSubmit={(event) => { event.preventDefault(); fetching.mutate(); }}>
      <Note tone="good">{t("rights.ready", { time: time(process.fetch_until) })}</Note>
      <Input label={t("rights.passphrase")} hint={t("rights.passphraseHint")} type="password" autoComplete="new-password" minLength={8} maxLength={200} value={passphrase} onChange={(event) => setPassphrase(event.target.value)} />
      {fetching.isError && <Note tone="bad">{wordsOf(t, fetching.error)}</Note>}
      <div><Button kind="primary" type="submit" busy={fetching.isPending}>{t("rights.fetch")}</Button></div>
    </form>
  );
}

function CaseCard({ one }: { one: Case }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const back = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/portal/requests/{id}/withdraw", { params: { path: { id: one.id } } })),
    onSettled: () => void refresh(),
  });
  return (
    <article className="use" data-case={one.number}>
      <header><div className="grow"><h3>{one.number}</h3><p className="small soft">{t("rights.asked", { time: time(one.received_at) })}</p></div></header>
      {one.processes.map((process) => (
        <div key={process.right} className="stack" data-state={process.state}>
          <div className="row between"><span className="strong">{t(`right.${process.right}`)}</span><Chip tone={process.state === "done" ? "good" : process.state === "refused" ? "bad" : "warn"}>{t(`rights.state.${process.state}`)}</Chip></div>
          {process.due_at !== null && <p className="small soft">{t("rights.due", { day: day(process.due_at) })}</p>}
          {process.reason !== "" && <p className="small">{t(`rights.reason.${process.reason}`)}</p>}
          {process.words !== "" && <p className="break">{process.words}</p>}
          {process.items.filter((item) => item.until !== null).map((item) => <p key={item.class} className="small">{t("rights.kept", { class: t(`class.${item.class}`), day: item.until ?? "" })}</p>)}
          {process.state === "delivered" && <Fetch one={one} process={process} />}
        </div>
      ))}
      {back.isError && <Note tone="bad">{wordsOf(t, back.error)}</Note>}
      {one.closed_at === null
        ? <div><Button small busy={back.isPending} onClick={() => back.mutate()}>{t("rights.takeBack")}</Button></div>
        : <div><Download path={`/api/v1/portal/requests/${one.id}/certificate`} name={`${one.number}.json`}>{t("rights.certificate")}</Download></div>}
    </article>
  );
}

function Ask() {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const data = useOwnData();
  const session = useOwnSession();
  const [rights, setRights] = useState<Right[]>([]);
  const [text, setText] = useState("");
  const [field, setField] = useState("");
  const [value, setValue] = useState("");
  const fields = data.data?.fields ?? [];
  const wrong = field === "" ? (fields[0]?.field ?? "") : field;
  const asking = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/portal/requests", { body: { rights, text, ...(rights.includes("rectify") ? { corrections: { [wrong]: value } } : {}) } })),
    onSuccess: () => {
      setRights([]);
      setText("");
      setValue("");
      void refresh();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    asking.mutate();
  };
  return (
    <form className="use" onSubmit={submit}>
      <h2>{t("rights.ask")}</h2>
      {session.data?.fresh === false && <Note>{t("rights.stale")}</Note>}
      <fieldset className="stack plain">
        <legend className="visually-hidden">{t("rights.ask")}</legend>
        {kRights.map((right) => (
          <Check key={right} checked={rights.includes(right)} onChange={(event) => setRights((now) => (event.target.checked ? [...now, right] : now.filter((one) => one !== right)))}
            label={<><span className="strong">{t(`right.${right}`)}</span><br /><span className="small soft">{t(`rightText.${right}`)}</span></>} />
        ))}
      </fieldset>
      {rights.includes("rectify") && (
        <div className="stack">
          <Select label={t("rights.what")} value={wrong} onChange={(event) => setField(event.target.value)}>
            {fields.map((one) => <option key={one.field} value={one.field}>{both(one.name)}</option>)}
          </Select>
          <Input label={t("rights.right")} required maxLength={500} value={value} onChange={(event) => setValue(event.target.value)} />
        </div>
      )}
      <Textarea label={t("rights.text")} maxLength={4000} value={text} onChange={(event) => setText(event.target.value)} />
      {asking.isError && <Note tone="bad">{wordsOf(t, asking.error)}</Note>}
      {asking.isSuccess && <Note tone="good">{t("rights.sent", { number: asking.data.number })}</Note>}
      <div><Button kind="primary" type="submit" busy={asking.isPending} disabled={rights.length === 0}>{t("rights.send")}</Button></div>
    </form>
  );
}

export function Rights() {
  const { t } = useTranslation();
  const asked = useQuery({ queryKey: ["own", "requests"], queryFn: () => ask(api.GET("/api/v1/portal/requests")) });
  return (
    <>
      <h1>{t("place.rights")}</h1>
      <p className="lead">{t("rights.lead")}</p>
      {(asked.data?.cases ?? []).map((one) => <CaseCard key={one.id} one={one} />)}
      <Decisions />
      <Ask />
    </>
  );
}
