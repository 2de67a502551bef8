// Forms, surveys and quick-capture pages: what each asks and brought; building, opening and closing them.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "../../api/client";
import { Button, Chip, Dialog, Empty, Figures, Loading, Note, Page, Panel, type Tone } from "../../ui/basics";
import { both, number, time } from "../../ui/language";
import { useWork } from "../session";
import { QrCode } from "../sign-in/QrCode";
import { useProblem } from "../toasts";
import { Builder } from "./Builder";

type Form = Schemas["Form"];
const tones: Record<Form["state"], Tone> = { draft: "warn", open: "good", closed: "" };

function CaptureLink({ form, onClose }: { form: Form; onClose: () => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const made = useMutation({ mutationFn: () => ask(api.POST("/api/v1/forms/{id}/key", { params: { path: { id: form.id } }, body: {} })) });
  const link = made.data === undefined ? "" : `${location.origin}/f/${form.code}#k=${made.data.key}`;
  return (
    <Dialog open onClose={onClose} label={t("forms.capture")}>
      <div className="inner stack">
        <h2>{t("forms.capture")}</h2>
        <p>{t(form.has_key ? "forms.captureAgain" : "forms.captureText")}</p>
        {made.isError && <Note tone="bad">{explain(made.error)}</Note>}
        {link !== "" && <><QrCode text={link} label={t("forms.capture")} /><p><code className="break">{link}</code></p></>}
        <div className="row">
          {link === "" && <Button kind="primary" busy={made.isPending} onClick={() => made.mutate()}>{t("forms.captureGo")}</Button>}
          <Button kind={link === "" ? "quiet" : "primary"} onClick={onClose}>{t(link === "" ? "common.cancel" : "forms.kept")}</Button>
        </div>
      </div>
    </Dialog>
  );
}

function One({ form, onEdit }: { form: Form; onEdit: () => void }) {
  const { t } = useTranslation();
  const { field, catalog } = useWork();
  const explain = useProblem();
  const queries = useQueryClient();
  const [closing, setClosing] = useState(false);
  const [linking, setLinking] = useState(false);
  const turn = useMutation({
    mutationFn: (state: "open" | "closed") => ask(api.POST("/api/v1/forms/{id}/state", { params: { path: { id: form.id } }, body: { state } })),
    onSuccess: () => { setClosing(false); void queries.invalidateQueries({ queryKey: ["forms"] }); },
  });
  const { counts } = form;
  const figures = [["kept", counts.kept], ["nothing", counts.nothing], ["refused", counts.refused], ["spam", counts.spam]] as const;
  const address = `${location.origin}/f/${form.code}`;
  const actions = form.state === "closed" ? undefined : (
    <div className="row">
      <Button small onClick={onEdit}>{t("forms.edit")}</Button>
      {form.state === "draft" ? <Button small kind="primary" busy={turn.isPending} onClick={() => turn.mutate("open")}>{t("forms.open")}</Button> : <Button small kind="danger" onClick={() => setClosing(true)}>{t("forms.close")}</Button>}
    </div>
  );
  return (
    <Panel title={<>{both(form.title)} <Chip tone={tones[form.state]}>{t(`forms.state.${form.state}`)}</Chip></>} actions={actions}>
      <div className="stack wide">
        {turn.isError && <Note tone="bad">{explain(turn.error)}</Note>}
        {form.state !== "draft" && <Figures figures={figures.map(([name, count]) => [t(`forms.count.${name}`), count])} />}
        <div className="row">
          <Chip tone="outline">{t(`forms.kind.${form.kind}`)}</Chip>
          {form.purposes.map((p) => <Chip key={p.id} tone="L2">{both(catalog.purposes.find((x) => x.id === p.id)?.name)} · {t(`basis.${p.basis}`)}</Chip>)}
          {form.double_opt_in && <Chip tone="good">{t("forms.optIn")}</Chip>}
        </div>
        <p className="small soft">{form.questions.map((q) => both(q.label) || both(field(q.field)?.name) || q.field).join(", ")} · {form.source}{counts.last_at !== null && counts.kept > 0 && ` · ${t("streams.last", { time: time(counts.last_at) })}`}</p>
        {form.state === "open" && (form.kind === "capture" ? <div className="row"><Button small onClick={() => setLinking(true)}>{t("forms.capture")}</Button></div> : (
          <details>
            <summary>{t("forms.where")}</summary>
            <p className="small"><a href={address} target="_blank" rel="noopener">{address}</a></p>
            <p className="small soft">{t("forms.embed")}</p>
            <p><code className="break">{`<script src="${location.origin}/sdk/form.js" data-form="${form.code}" async></script>`}</code></p>
          </details>
        ))}
      </div>
      {linking && <CaptureLink form={form} onClose={() => { setLinking(false); void queries.invalidateQueries({ queryKey: ["forms"] }); }} />}
      <Dialog open={closing} onClose={() => setClosing(false)} label={t("forms.close")}>
        <div className="inner">
          <h2>{t("forms.close")}</h2>
          <p>{t("forms.closeText")}</p>
          <div className="row"><Button kind="danger" busy={turn.isPending} onClick={() => turn.mutate("closed")}>{t("forms.close")}</Button><Button kind="quiet" onClick={() => setClosing(false)}>{t("common.cancel")}</Button></div>
        </div>
      </Dialog>
    </Panel>
  );
}

export function Forms() {
  const { t } = useTranslation();
  const explain = useProblem();
  const [editing, setEditing] = useState<Form | "new">();
  const forms = useQuery({ queryKey: ["forms"], queryFn: () => ask(api.GET("/api/v1/forms")) });
  if (editing !== undefined) return <Builder form={editing === "new" ? undefined : editing} onDone={() => setEditing(undefined)} />;
  return (
    <Page title={t("forms.title")} lead={t("forms.lead")} actions={<Button kind="primary" onClick={() => setEditing("new")}>{t("forms.add")}</Button>}>
      {forms.isPending ? <Panel><Loading /></Panel> : forms.isError ? <Panel><Note tone="bad">{explain(forms.error)}</Note></Panel> : forms.data.forms.length === 0 ? <Panel><Empty title={t("forms.none")}><p>{t("forms.noneText")}</p></Empty></Panel> : (
        <>
          {forms.data.waiting > 0 && <p className="soft">{t("forms.waiting", { count: forms.data.waiting, number: number(forms.data.waiting) })}</p>}
          {forms.data.forms.map((form) => <One key={form.id} form={form} onEdit={() => setEditing(form)} />)}
        </>
      )}
    </Page>
  );
}
