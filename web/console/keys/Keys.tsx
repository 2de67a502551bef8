// Keys of services: made, shown once, revoked at once; narrowed to what the service is for.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "../../api/client";
import { Button, Chip, Dialog, Empty, Input, Loading, Note, Page, Panel, Select, Textarea, type Tone } from "../../ui/basics";
import { both, day, number } from "../../ui/language";
import { PurposePicker } from "../pickers";
import { useWork } from "../session";
import { useProblem, useTell } from "../toasts";

type Key = Schemas["KeyList"]["keys"][number];

function Scope({ of }: { of: Key }) {
  const { t } = useTranslation();
  const { catalog } = useWork();
  return (
    <div className="row">
      {of.purposes?.map((id) => <Chip key={id} tone="L2">{both(catalog.purposes.find((p) => p.id === id)?.name)}</Chip>)}
      {of.level_max !== "L4" && <Chip tone={of.level_max as Tone}>≤ {of.level_max}</Chip>}
      {of.networks?.map((one) => <Chip key={one} tone="outline">{one}</Chip>)}
      {(of.per_minute ?? 0) > 0 && <span className="small soft">{t("keys.rate", { count: number(of.per_minute ?? 0) })}</span>}
    </div>
  );
}

function NewKey({ onClose, onMade }: { onClose: () => void; onMade: (key: string | undefined) => void }) {
  const { t } = useTranslation();
  const { catalog } = useWork();
  const explain = useProblem();
  const [role, setRole] = useState("agent");
  const [label, setLabel] = useState("");
  const [days, setDays] = useState("90");
  const [purposes, setPurposes] = useState<string[]>([]);
  const [level, setLevel] = useState("L4");
  const [networks, setNetworks] = useState("");
  const [rate, setRate] = useState("");
  const add = useMutation({
    mutationFn: () => {
      const places = networks.split(/[\s,]+/).filter((one) => one !== "");
      return ask(api.POST("/api/v1/keys", { body: {
        role, label, days: Number(days), level_max: level as "L4",
        ...(purposes.length > 0 ? { purposes } : {}), ...(places.length > 0 ? { networks: places } : {}), ...(rate === "" ? {} : { per_minute: Number(rate) }),
      } }));
    },
    onSuccess: (key) => onMade("key" in key ? key.key : undefined),
  });
  const submit = (event: FormEvent) => { event.preventDefault(); add.mutate(); };
  return (
    <form onSubmit={submit}>
      <h2>{t("keys.add")}</h2>
      {add.isError && <Note tone="bad">{explain(add.error)}</Note>}
      <div className="grid">
        <Select label={t("policy.role")} value={role} onChange={(e) => { setRole(e.target.value); setPurposes([]); }}>{catalog.roles.filter((r) => r.id !== "operator").map((r) => <option key={r.id} value={r.id}>{both(r.name)}</option>)}</Select>
        <Select label={t("grants.level")} value={level} onChange={(e) => setLevel(e.target.value)}>{["L1", "L2", "L3", "L4"].map((l) => <option key={l} value={l}>{l} · {t(`level.${l}`)}</option>)}</Select>
        <Input label={t("keys.label")} maxLength={80} value={label} onChange={(e) => setLabel(e.target.value)} />
        <Input label={t("keys.days")} type="number" min={1} max={365} required value={days} onChange={(e) => setDays(e.target.value)} />
      </div>
      <PurposePicker role={role} chosen={purposes} onChange={setPurposes} />
      <div className="grid">
        <Textarea label={t("keys.networks")} hint={t("keys.networksHint")} rows={2} value={networks} onChange={(e) => setNetworks(e.target.value)} />
        <Input label={t("keys.perMinute")} hint={t("keys.perMinuteHint")} type="number" min={1} max={1000000} value={rate} onChange={(e) => setRate(e.target.value)} />
      </div>
      <div className="row"><Button kind="primary" type="submit" busy={add.isPending}>{t("keys.make")}</Button><Button kind="quiet" onClick={onClose}>{t("common.cancel")}</Button></div>
    </form>
  );
}

export function Keys() {
  const { t } = useTranslation();
  const { catalog } = useWork();
  const queries = useQueryClient();
  const explain = useProblem();
  const tell = useTell();
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<string>();
  const keys = useQuery({ queryKey: ["keys"], queryFn: () => ask(api.GET("/api/v1/keys")) });
  const revoke = useMutation({
    mutationFn: (id: string) => ask(api.DELETE("/api/v1/keys/{id}", { params: { path: { id } } })),
    onSuccess: () => { tell(t("keys.revoked")); void queries.invalidateQueries({ queryKey: ["keys"] }); },
  });
  const close = (key?: string) => {
    setMade(key);
    setOpen(false);
    void queries.invalidateQueries({ queryKey: ["keys"] });
  };
  return (
    <Page title={t("keys.title")} lead={t("keys.lead")} actions={<Button kind="primary" onClick={() => setOpen(true)}>{t("keys.add")}</Button>}>
      {made !== undefined && <Note tone="good"><p className="strong">{t("keys.once")}</p><code className="break">{made}</code></Note>}
      {keys.isError && <Note tone="bad">{explain(keys.error)}</Note>}
      <Panel flush>
        {keys.isPending ? <div className="body"><Loading /></div> : keys.data?.keys.length === 0 ? <Empty title={t("keys.none")} /> : (
          <div className="table-wrap" tabIndex={0}>
            <table className="table cards">
              <thead><tr><th>{t("keys.label")}</th><th>{t("policy.role")}</th><th>{t("keys.ends")}</th><th /></tr></thead>
              <tbody>
                {(keys.data?.keys ?? []).map((key) => (
                  <tr key={key.id}>
                    <td>{key.label || "–"}<div className="small soft mono wide-only">{key.id}</div></td>
                    <td>{both(catalog.roles.find((r) => r.id === key.role)?.name)}<Scope of={key} /></td>
                    <td>{key.revoked_at !== null ? <Chip tone="bad">{t("keys.dead")}</Chip> : day(key.expires_at)}</td>
                    <td className="right">{key.revoked_at === null && <Button small kind="danger" onClick={() => revoke.mutate(key.id)}>{t("keys.revoke")}</Button>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Panel>
      <Dialog open={open} onClose={() => setOpen(false)} label={t("keys.add")}>
        {open && <NewKey onClose={() => setOpen(false)} onMade={(key) => { if (key === undefined) tell(t("grants.waits")); close(key); }} />}
      </Dialog>
    </Page>
  );
}
