// Streams of events: what came in by each, what was dropped and refused and why, and what was left
// out; and new ones, with their key shown once.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "../../api/client";
import { Button, Check, Chip, Dialog, Empty, Figures, Input, Loading, Note, Page, Panel, Select } from "../../ui/basics";
import { both, number, time } from "../../ui/language";
import { useWork } from "../session";
import { useProblem } from "../toasts";

type Stream = Schemas["Stream"];
const bases = ["consent", "contract", "legitimate_interest"] as const;
const addresses = ["drop", "truncate", "keep"] as const;

function Reasons({ title, counts, name }: { title: string; counts: Record<string, number>; name: (reason: string) => string }) {
  const all = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  if (all.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <ul className="stack tight">{all.slice(0, 12).map(([reason, count]) => <li key={reason} className="row"><Chip tone="warn">{number(count)}</Chip><span className="break">{name(reason)}</span></li>)}</ul>
    </div>
  );
}

function One({ stream }: { stream: Stream }) {
  const { t } = useTranslation();
  const { field, catalog } = useWork();
  const explain = useProblem();
  const queries = useQueryClient();
  const [sure, setSure] = useState(false);
  const { counts } = stream;
  const end = useMutation({
    mutationFn: () => ask(api.DELETE("/api/v1/streams/{id}", { params: { path: { id: stream.id } } })),
    onSuccess: () => { setSure(false); void queries.invalidateQueries({ queryKey: ["streams"] }); },
  });
  const figures: [string, number][] = [["accepted", counts.accepted], ["duplicates", counts.duplicates], ["dropped", Object.values(counts.dropped).reduce((a, b) => a + b, 0)], ["refused", Object.values(counts.refused).reduce((a, b) => a + b, 0)]];
  return (
    <Panel title={<>{stream.label} <span className="soft">· {stream.source}</span></>} actions={stream.ended_at === null ? <Button small kind="danger" onClick={() => setSure(true)}>{t("streams.end")}</Button> : <Chip>{t("streams.ended")}</Chip>}>
      <div className="stack wide">
        <Figures figures={figures.map(([name, count]) => [t(`streams.count.${name}`), count])} />
        <div className="row"><Chip tone="outline">{t(`basis.${stream.basis}`)}</Chip>{stream.purposes.map((p) => <Chip key={p} tone="L2">{both(catalog.purposes.find((x) => x.id === p)?.name)}</Chip>)}</div>
        <p className="small soft">{stream.fields.map((f) => both(field(f)?.name) || f).join(", ")}{counts.last_at !== null && ` · ${t("streams.last", { time: time(counts.last_at) })}`}</p>
        <Reasons title={t("streams.droppedTitle")} counts={counts.dropped} name={(reason) => t(`streams.reason.${reason}`, { defaultValue: reason })} />
        <Reasons title={t("streams.refusedTitle")} counts={counts.refused} name={(reason) => reason} />
        <Reasons title={t("streams.leftOutTitle")} counts={counts.left_out} name={(reason) => reason} />
      </div>
      <Dialog open={sure} onClose={() => setSure(false)} label={t("streams.end")}>
        <div className="inner">
          <h2>{t("streams.end")}</h2>
          <p>{t("streams.endText")}</p>
          {end.isError && <Note tone="bad">{explain(end.error)}</Note>}
          <div className="row"><Button kind="danger" busy={end.isPending} onClick={() => end.mutate()}>{t("streams.end")}</Button><Button kind="quiet" onClick={() => setSure(false)}>{t("common.cancel")}</Button></div>
        </div>
      </Dialog>
    </Panel>
  );
}

function Add({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const { catalog } = useWork();
  const explain = useProblem();
  const queries = useQueryClient();
  const [source, setSource] = useState("");
  const [label, setLabel] = useState("");
  const [basis, setBasis] = useState<(typeof bases)[number]>("consent");
  const [purposes, setPurposes] = useState<string[]>([]);
  const [fields, setFields] = useState<string[]>(["event_name", "page_view"]);
  const [origin, setOrigin] = useState("");
  const [ip, setIp] = useState<(typeof addresses)[number]>("drop");
  const [strict, setStrict] = useState(false);
  const add = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/streams", { body: { source, label, basis, purposes, fields, ip, refuse_unknown: strict, origins: origin.split(/\s+/).filter((one) => one !== "") } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["streams"] }),
  });
  const submit = (event: FormEvent) => { event.preventDefault(); add.mutate(); };
  const toggle = (list: string[], id: string, on: boolean) => (on ? [...list, id] : list.filter((one) => one !== id));
  if (add.data !== undefined) {
    return (
      <Dialog open={open} onClose={onClose} label={t("streams.key")}>
        <div className="inner stack">
          <h2>{t("streams.key")}</h2>
          <p>{t("streams.keyText")}</p>
          <p><code className="break">{add.data.write_key}</code></p>
          <div className="row"><Button kind="primary" onClick={onClose}>{t("streams.kept")}</Button></div>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog open={open} onClose={onClose} label={t("streams.add")}>
      <form onSubmit={submit}>
        <h2>{t("streams.add")}</h2>
        <p className="soft small">{t("streams.addText")}</p>
        {add.isError && <Note tone="bad">{explain(add.error)}</Note>}
        <div className="grid">
          <Input label={t("streams.source")} required maxLength={80} value={source} onChange={(e) => setSource(e.target.value)} />
          <Input label={t("streams.label")} required maxLength={80} value={label} onChange={(e) => setLabel(e.target.value)} />
          <Select label={t("streams.basis")} value={basis} onChange={(e) => setBasis(bases.find((one) => one === e.target.value) ?? "consent")}>{bases.map((one) => <option key={one} value={one}>{t(`basis.${one}`)}</option>)}</Select>
          <Select label={t("streams.ip")} value={ip} onChange={(e) => setIp(addresses.find((one) => one === e.target.value) ?? "drop")}>{addresses.map((one) => <option key={one} value={one}>{t(`streams.ipPolicy.${one}`)}</option>)}</Select>
        </div>
        <fieldset className="stack tight plain">
          <legend className="small strong">{t("streams.purposes")}</legend>
          {catalog.purposes.map((p) => <Check key={p.id} label={both(p.name)} checked={purposes.includes(p.id)} onChange={(e) => setPurposes(toggle(purposes, p.id, e.target.checked))} />)}
        </fieldset>
        <fieldset className="stack tight plain scrolled">
          <legend className="small strong">{t("streams.fields")}</legend>
          {catalog.fields.filter((f) => f.level !== "L4").map((f) => <Check key={f.id} label={<>{both(f.name)} <Chip tone={f.level}>{f.level}</Chip></>} checked={fields.includes(f.id)} onChange={(e) => setFields(toggle(fields, f.id, e.target.checked))} />)}
        </fieldset>
        <Input label={t("streams.origins")} hint={t("streams.originsText")} value={origin} onChange={(e) => setOrigin(e.target.value)} />
        <Check label={t("streams.strict")} checked={strict} onChange={(e) => setStrict(e.target.checked)} />
        <div className="row"><Button kind="primary" type="submit" busy={add.isPending} disabled={purposes.length === 0 || fields.length === 0}>{t("streams.make")}</Button><Button kind="quiet" onClick={onClose}>{t("common.cancel")}</Button></div>
      </form>
    </Dialog>
  );
}

export function Streams() {
  const { t } = useTranslation();
  const explain = useProblem();
  const [adding, setAdding] = useState(false);
  const streams = useQuery({ queryKey: ["streams"], queryFn: () => ask(api.GET("/api/v1/streams")) });
  return (
    <Page title={t("streams.title")} lead={t("streams.lead")} actions={<Button kind="primary" onClick={() => setAdding(true)}>{t("streams.add")}</Button>}>
      {streams.isPending ? <Panel><Loading /></Panel> : streams.isError ? <Panel><Note tone="bad">{explain(streams.error)}</Note></Panel> : streams.data.streams.length === 0 ? <Panel><Empty title={t("streams.none")}><p>{t("streams.noneText")}</p></Empty></Panel> : streams.data.streams.map((stream) => <One key={stream.id} stream={stream} />)}
      {adding && <Add open onClose={() => setAdding(false)} />}
    </Page>
  );
}
