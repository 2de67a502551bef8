// Asking customers to look at what is held about them: whom a campaign reached and who answered.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, purposed, type Schemas } from "../../api/client";
import { Button, Check, Chip, Dialog, Empty, Input, Loading, Note, Panel } from "../../ui/basics";
import { both, day, number } from "../../ui/language";
import { useWork } from "../session";
import { useProblem } from "../toasts";

type Campaign = Schemas["Campaign"];

// Fields that get stale, which most customers can tell by themselves.
const askable = ["mobile", "email", "street", "city", "postcode", "name_full", "occupation", "language", "channel_preference"];

function Start({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const { catalog } = useWork();
  const explain = useProblem();
  const queries = useQueryClient();
  const [fields, setFields] = useState<string[]>(["mobile", "email", "street"]);
  const [most, setMost] = useState("100");
  const start = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/quality/campaigns", { params: { header: purposed() }, body: { fields, most: Number(most) } })),
    onSuccess: () => { void queries.invalidateQueries({ queryKey: ["campaigns"] }); onClose(); },
  });
  const submit = (event: FormEvent) => { event.preventDefault(); start.mutate(); };
  return (
    <Dialog open={open} onClose={onClose} label={t("campaigns.start")}>
      <form onSubmit={submit}>
        <h2>{t("campaigns.start")}</h2>
        <p className="soft small">{t("campaigns.startText")}</p>
        {start.isError && <Note tone="bad">{explain(start.error)}</Note>}
        <fieldset className="stack tight plain">
          <legend className="small strong">{t("campaigns.fields")}</legend>
          {catalog.fields.filter((f) => askable.includes(f.id)).map((f) => <Check key={f.id} label={both(f.name)} checked={fields.includes(f.id)} onChange={(e) => setFields(e.target.checked ? [...fields, f.id] : fields.filter((x) => x !== f.id))} />)}
        </fieldset>
        <Input label={t("campaigns.most")} type="number" min={1} max={1000} required value={most} onChange={(e) => setMost(e.target.value)} />
        <div className="row"><Button kind="primary" type="submit" busy={start.isPending} disabled={fields.length === 0}>{t("campaigns.send")}</Button><Button kind="quiet" onClick={onClose}>{t("common.cancel")}</Button></div>
      </form>
    </Dialog>
  );
}

function Row({ one }: { one: Campaign }) {
  const { t } = useTranslation();
  const { field } = useWork();
  const explain = useProblem();
  const queries = useQueryClient();
  const close = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/quality/campaigns/{id}/close", { params: { path: { id: one.id }, header: purposed() }, body: {} })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["campaigns"] }),
  });
  return (
    <li className="finding">
      <div className="row between">
        <h3>{day(one.started_at)}</h3>
        <Chip tone={one.closed_at === null ? "good" : ""}>{t(one.closed_at === null ? "campaigns.running" : "campaigns.closed")}</Chip>
      </div>
      <p className="soft">{one.fields.map((f) => both(field(f)?.name) || f).join(", ")}</p>
      <div className="scored"><progress className="bar" max={Math.max(1, one.asked)} value={one.confirmed} aria-label={t("campaigns.answered", { confirmed: one.confirmed, asked: one.asked })} /><span>{t("campaigns.answered", { confirmed: number(one.confirmed), asked: number(one.asked) })}</span></div>
      <div className="row between">
        <p className="small soft">{one.passed > 0 && t("campaigns.passed", { count: one.passed, number: number(one.passed) })}</p>
        {one.closed_at === null && <Button small busy={close.isPending} onClick={() => close.mutate()}>{t("campaigns.close")}</Button>}
      </div>
      {close.isError && <Note tone="bad">{explain(close.error)}</Note>}
    </li>
  );
}

export function Campaigns() {
  const { t } = useTranslation();
  const explain = useProblem();
  const [starting, setStarting] = useState(false);
  const campaigns = useQuery({ queryKey: ["campaigns"], queryFn: () => ask(api.GET("/api/v1/quality/campaigns")) });
  return (
    <Panel title={t("campaigns.title")} actions={<Button onClick={() => setStarting(true)}>{t("campaigns.start")}</Button>}>
      {campaigns.isPending ? <Loading lines={2} /> : campaigns.isError ? <Note tone="bad">{explain(campaigns.error)}</Note> : campaigns.data.campaigns.length === 0 ? <Empty title={t("campaigns.none")}><p>{t("campaigns.noneText")}</p></Empty> : <ul className="stack findings">{campaigns.data.campaigns.map((one) => <Row key={one.id} one={one} />)}</ul>}
      {starting && <Start open onClose={() => setStarting(false)} />}
    </Panel>
  );
}
