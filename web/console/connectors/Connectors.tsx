// Connectors: how each is doing, what came by it, what waits to be mended; and new ones, from templates.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "../../api/client";
import { Button, Chip, Dialog, Empty, Figures, Input, Loading, Note, Page, Panel, Select, Textarea } from "../../ui/basics";
import { both, number, time } from "../../ui/language";
import { useWork } from "../session";
import { useProblem, useTell } from "../toasts";
import { templates } from "./templates";

type Connector = Schemas["Connector"];

// The service says it in English; every sentence has a key of its own.
const keyOf = (text: string) => `connectors.why.${text.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_|_$/g, "")}`;

function Letters({ connector, onClose }: { connector: Connector; onClose: () => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const tell = useTell();
  const queries = useQueryClient();
  const path = { path: { id: connector.id } };
  const letters = useQuery({ queryKey: ["connectors", connector.id, "letters"], gcTime: 0, queryFn: () => ask(api.GET("/api/v1/connectors/{id}/letters", { params: path })) });
  const again = () => void queries.invalidateQueries({ queryKey: ["connectors"] });
  const replay = useMutation({ mutationFn: () => ask(api.POST("/api/v1/connectors/{id}/letters", { params: path, body: {} })), onSuccess: ({ taken }) => { tell(t("connectors.replayed", { count: taken })); again(); } });
  const discard = useMutation({ mutationFn: (letter: string) => ask(api.DELETE("/api/v1/connectors/{id}/letters/{letter}", { params: { path: { id: connector.id, letter } } })), onSuccess: again });
  return (
    <Dialog open onClose={onClose} label={t("connectors.letters")} className="broad">
      <div className="inner stack">
        <h2>{t("connectors.letters")} · {connector.label}</h2>
        {(replay.isError || discard.isError) && <Note tone="bad">{explain(replay.error ?? discard.error)}</Note>}
        {letters.isPending ? <Loading /> : letters.isError ? <Note tone="bad">{explain(letters.error)}</Note> : (
          <ul className="stack">{letters.data.letters.slice(0, 100).map((one) => (
            <li key={one.id} className="row between">
              <span><span className="nowrap">{time(one.at)}</span> {one.topic !== "" && <Chip>{one.topic}</Chip>} {t(keyOf(one.reason), { defaultValue: one.reason })} <span className="soft small">{t("connectors.bytes", { count: one.bytes })}</span></span>
              <Button small kind="quiet" busy={discard.isPending && discard.variables === one.id} onClick={() => discard.mutate(one.id)}>{t("connectors.discard")}</Button>
            </li>
          ))}</ul>
        )}
        <div className="row"><Button kind="primary" busy={replay.isPending} onClick={() => replay.mutate()}>{t("connectors.replay")}</Button><Button kind="quiet" onClick={onClose}>{t("common.close")}</Button></div>
      </div>
    </Dialog>
  );
}

function One({ connector }: { connector: Connector }) {
  const { t } = useTranslation();
  const { field, catalog } = useWork();
  const explain = useProblem();
  const queries = useQueryClient();
  const [open, setOpen] = useState<"letters" | "end">();
  const path = { path: { id: connector.id } };
  const again = () => { setOpen(undefined); void queries.invalidateQueries({ queryKey: ["connectors"] }); };
  const turn = useMutation({ mutationFn: (state: Connector["state"]) => ask(api.POST("/api/v1/connectors/{id}/state", { params: path, body: { state } })), onSuccess: again });
  const run = useMutation({ mutationFn: () => ask(api.POST("/api/v1/connectors/{id}/run", { params: path, body: {} })), onSettled: again });
  const { health, counts, state } = connector;
  const dropped = Object.values(counts.dropped).reduce((a, b) => a + b, 0);
  const figures = [["accepted", counts.accepted], ["duplicates", counts.duplicates], ["dropped", dropped], ["letters", health.letters]] as const;
  const fields = [...new Set(Object.values(connector.mappings).flatMap((m) => Object.keys(m.values ?? {})))];
  const actions = state === "ended" ? undefined : (
    <div className="row">
      {connector.kind !== "webhook" && state === "running" && <Button small busy={run.isPending} onClick={() => run.mutate()}>{t("connectors.run")}</Button>}
      <Button small busy={turn.isPending} onClick={() => turn.mutate(state === "running" ? "paused" : "running")}>{t(state === "running" ? "connectors.pause" : "connectors.resume")}</Button>
      <Button small kind="danger" onClick={() => setOpen("end")}>{t("connectors.end")}</Button>
    </div>
  );
  return (
    <Panel title={<>{connector.label} <span className="soft">· {connector.source}</span> <Chip tone={state === "running" ? "good" : state === "paused" ? "warn" : ""}>{t(`connectors.state.${state}`)}</Chip></>} actions={actions}>
      <div className="stack wide">
        {(run.isError || turn.isError) && <Note tone="bad">{explain(run.error ?? turn.error)}</Note>}
        {health.why !== null && <Note tone="bad">{t("connectors.failing", { time: health.failing_since === null ? "" : time(health.failing_since), why: t(keyOf(health.why), { defaultValue: health.why }) })}</Note>}
        <Figures figures={figures.map(([name, count]) => [t(`connectors.count.${name}`), count])} />
        <div className="row"><Chip tone="outline">{t(`connectors.kind.${connector.kind}`)}</Chip>{connector.purposes.map((p) => <Chip key={p.id} tone="L2">{both(catalog.purposes.find((x) => x.id === p.id)?.name)} · {t(`basis.${p.basis}`)}</Chip>)}</div>
        <p className="small soft">{fields.map((f) => both(field(f)?.name) || f).join(", ")} · {health.looked_at === null ? t("connectors.neverLooked") : t("connectors.looked", { time: time(health.looked_at) })}{health.newest_at !== null && ` · ${t("connectors.lag", { time: time(health.newest_at) })}`}</p>
        {connector.address !== null && state !== "ended" && <p className="small">{t("connectors.address")}: <code className="break">{location.origin}{connector.address}</code></p>}
        {health.letters > 0 && <div className="row"><Button small onClick={() => setOpen("letters")}>{t("connectors.letters")} ({number(health.letters)})</Button></div>}
      </div>
      {open === "letters" && <Letters connector={connector} onClose={() => setOpen(undefined)} />}
      <Dialog open={open === "end"} onClose={() => setOpen(undefined)} label={t("connectors.end")}>
        <div className="inner">
          <h2>{t("connectors.end")}</h2>
          <p>{t("connectors.endText")}</p>
          <div className="row"><Button kind="danger" busy={turn.isPending} onClick={() => turn.mutate("ended")}>{t("connectors.end")}</Button><Button kind="quiet" onClick={() => setOpen(undefined)}>{t("common.cancel")}</Button></div>
        </div>
      </Dialog>
    </Panel>
  );
}

function Add({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const queries = useQueryClient();
  const [source, setSource] = useState("");
  const [text, setText] = useState("");
  const [secret, setSecret] = useState("");
  const [wrong, setWrong] = useState(false);
  const add = useMutation({
    mutationFn: (spec: Schemas["ConnectorSpec"]) => ask(api.POST("/api/v1/connectors", { body: { ...spec, source, secret } })),
    onSuccess: () => { void queries.invalidateQueries({ queryKey: ["connectors"] }); onClose(); },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    try {
      const spec = JSON.parse(text) as Schemas["ConnectorSpec"];
      setWrong(false);
      add.mutate(spec);
    } catch {
      setWrong(true);
    }
  };
  return (
    <Dialog open onClose={onClose} label={t("connectors.add")} className="broad">
      <form onSubmit={submit}>
        <h2>{t("connectors.add")}</h2>
        {add.isError && <Note tone="bad">{explain(add.error)}</Note>}
        <div className="grid">
          <Select label={t("connectors.template")} value="" onChange={(e) => { const spec = templates[e.target.value]; if (spec !== undefined) setText(JSON.stringify(spec, null, 2)); }}><option value="">{t("connectors.choose")}</option>{Object.keys(templates).map((name) => <option key={name} value={name}>{name}</option>)}</Select>
          <Input label={t("streams.source")} hint={t("forms.sourceText")} required maxLength={80} value={source} onChange={(e) => setSource(e.target.value)} />
          <Input label={t("connectors.secret")} hint={t("connectors.secretText")} type="password" autoComplete="off" value={secret} onChange={(e) => setSecret(e.target.value)} />
        </div>
        <Textarea label={t("connectors.spec")} hint={t("connectors.specText")} error={wrong ? t("connectors.wrong") : undefined} rows={14} required spellCheck={false} className="textarea mono" value={text} onChange={(e) => setText(e.target.value)} />
        <div className="row"><Button kind="primary" type="submit" busy={add.isPending}>{t("connectors.make")}</Button><Button kind="quiet" onClick={onClose}>{t("common.cancel")}</Button></div>
      </form>
    </Dialog>
  );
}

export function Connectors() {
  const { t } = useTranslation();
  const explain = useProblem();
  const [adding, setAdding] = useState(false);
  const all = useQuery({ queryKey: ["connectors"], refetchInterval: 10000, queryFn: () => ask(api.GET("/api/v1/connectors")) });
  return (
    <Page title={t("connectors.title")} lead={t("connectors.lead")} actions={<Button kind="primary" onClick={() => setAdding(true)}>{t("connectors.add")}</Button>}>
      {all.isPending ? <Panel><Loading /></Panel> : all.isError ? <Panel><Note tone="bad">{explain(all.error)}</Note></Panel> : all.data.connectors.length === 0 ? <Panel><Empty title={t("connectors.none")}><p>{t("connectors.noneText")}</p></Empty></Panel> : all.data.connectors.map((one) => <One key={one.id} connector={one} />)}
      {adding && <Add onClose={() => setAdding(false)} />}
    </Page>
  );
}
