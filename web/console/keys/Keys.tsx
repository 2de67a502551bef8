// Keys of services: made, shown once, revoked at once.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { Button, Chip, Dialog, Empty, Input, Loading, Note, Page, Panel, Select } from "../../ui/basics";
import { both, day } from "../language";
import { useWork } from "../session";
import { useProblem, useTell } from "../toasts";

export function Keys() {
  const { t } = useTranslation();
  const { catalog } = useWork();
  const queries = useQueryClient();
  const explain = useProblem();
  const tell = useTell();
  const [open, setOpen] = useState(false);
  const [role, setRole] = useState("agent");
  const [label, setLabel] = useState("");
  const [days, setDays] = useState("90");
  const [made, setMade] = useState<string>();
  const keys = useQuery({ queryKey: ["keys"], queryFn: () => ask(api.GET("/api/v1/keys")) });
  const add = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/keys", { body: { role, label, days: Number(days) } })),
    onSuccess: (key) => { if ("key" in key) setMade(key.key); else tell(t("grants.waits")); setOpen(false); void queries.invalidateQueries({ queryKey: ["keys"] }); },
  });
  const revoke = useMutation({
    mutationFn: (id: string) => ask(api.DELETE("/api/v1/keys/{id}", { params: { path: { id } } })),
    onSuccess: () => { tell(t("keys.revoked")); void queries.invalidateQueries({ queryKey: ["keys"] }); },
  });
  const submit = (event: FormEvent) => { event.preventDefault(); add.mutate(); };
  return (
    <Page title={t("keys.title")} lead={t("keys.lead")} actions={<Button kind="primary" onClick={() => setOpen(true)}>{t("keys.add")}</Button>}>
      {made !== undefined && <Note tone="good"><p className="strong">{t("keys.once")}</p><code className="break">{made}</code></Note>}
      {keys.isError && <Note tone="bad">{explain(keys.error)}</Note>}
      <Panel flush>
        {keys.isPending ? <div className="body"><Loading /></div> : keys.data?.keys.length === 0 ? <Empty title={t("keys.none")} /> : (
          <div className="table-wrap" tabIndex={0}>
            <table className="table">
              <thead><tr><th>{t("keys.label")}</th><th>{t("policy.role")}</th><th>{t("keys.ends")}</th><th /></tr></thead>
              <tbody>
                {(keys.data?.keys ?? []).map((key) => (
                  <tr key={key.id}>
                    <td>{key.label || "–"}<div className="small soft mono">{key.id}</div></td>
                    <td>{both(catalog.roles.find((r) => r.id === key.role)?.name)}</td>
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
        <form onSubmit={submit}>
          <h2>{t("keys.add")}</h2>
          {add.isError && <Note tone="bad">{explain(add.error)}</Note>}
          <Select label={t("policy.role")} value={role} onChange={(e) => setRole(e.target.value)}>{catalog.roles.filter((r) => r.id !== "operator").map((r) => <option key={r.id} value={r.id}>{both(r.name)}</option>)}</Select>
          <Input label={t("keys.label")} maxLength={80} value={label} onChange={(e) => setLabel(e.target.value)} />
          <Input label={t("keys.days")} type="number" min={1} max={365} required value={days} onChange={(e) => setDays(e.target.value)} />
          <div className="row"><Button kind="primary" type="submit" busy={add.isPending}>{t("keys.make")}</Button><Button kind="quiet" onClick={() => setOpen(false)}>{t("common.cancel")}</Button></div>
        </form>
      </Dialog>
    </Page>
  );
}
