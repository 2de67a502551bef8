// A call, a mail, a chat or a visit taken in: what would be kept of the words is shown before anything is.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, purposed, type Schemas } from "../../api/client";
import { Button, Check, Chip, Dialog, Input, Note, Reason, Select, Textarea } from "../../ui/basics";
import { number } from "../../ui/language";
import { useProblem, useTell } from "../toasts";

export const channels = ["phone", "mail", "chat", "visit"] as const;
export const matters = ["inquiry", "complaint", "after_sales", "praise"] as const;
type Preview = Schemas["ContactPreview"];

function Found({ preview, keep, setKeep }: { preview: Preview; keep: string[]; setKeep: (keep: string[]) => void }) {
  const { t } = useTranslation();
  if (preview.kinds.length === 0) return <p className="soft small">{t("desk.nothingFound")}</p>;
  return (
    <ul className="stack tight">
      {preview.kinds.map((one) => (
        <li key={one.kind} className="row between">
          <span>{t(`found.${one.kind}`)} <span className="soft small">× {number(one.count)}</span></span>
          {one.never ? <Chip title={t("desk.neverText")}>{t("desk.never")}</Chip>
            : <Check label={t("desk.keep")} checked={keep.includes(one.kind)} onChange={(event) => setKeep(event.target.checked ? [...keep, one.kind] : keep.filter((kind) => kind !== one.kind))} />}
        </li>
      ))}
    </ul>
  );
}

export function ContactDialog({ customer, ticket, onClose }: { customer: string; ticket?: string; onClose: () => void }) {
  const { t } = useTranslation();
  const explain = useProblem();
  const tell = useTell();
  const queries = useQueryClient();
  const [channel, setChannel] = useState<(typeof channels)[number]>("phone");
  const [text, setText] = useState("");
  const [speaker, setSpeaker] = useState("");
  const [keep, setKeep] = useState<string[]>([]);
  const [reason, setReason] = useState("");
  const [matter, setMatter] = useState<(typeof matters)[number]>();
  const [minutes, setMinutes] = useState("");
  const [source, setSource] = useState("");
  // One key for what is written here: sent again after a lost answer, it is taken once.
  const [once] = useState(() => crypto.randomUUID());
  const sources = useQuery({ queryKey: ["sources", "ids"], queryFn: () => ask(api.GET("/api/v1/sources")) });
  const ids = (sources.data?.sources ?? []).map((one) => one.id);
  const from = source === "" ? (sources.data?.sources.find((one) => one.channel === "desk")?.id ?? ids[0] ?? "") : source;
  const words = { channel, text, keep: keep as Preview["kinds"][number]["kind"][], ...(speaker === "" ? {} : { customer: speaker }) };
  // Looked at once, it follows what is ticked below; other words are looked at anew.
  const [looked, setLooked] = useState(false);
  const preview = useQuery({
    queryKey: ["contact", channel, text, speaker, keep], enabled: looked, gcTime: 0, retry: false, placeholderData: keepPreviousData,
    queryFn: () => ask(api.POST("/api/v1/tickets/preview", { params: { header: purposed() }, body: words })),
  });
  const seen = looked ? preview.data : undefined;
  const change = (act: () => void) => { act(); setKeep([]); setLooked(false); };
  const take = useMutation({
    mutationFn: () => {
      const body = { ...words, source: from, reason, ...(matter === undefined ? {} : { matter }), ...(channel === "phone" && minutes !== "" ? { minutes: Number(minutes) } : {}) };
      const header = { ...purposed(), "Idempotency-Key": once };
      return ticket === undefined ? ask(api.POST("/api/v1/customers/{id}/tickets", { params: { path: { id: customer }, header }, body }))
        : ask(api.POST("/api/v1/customers/{id}/tickets/{ticket}/contacts", { params: { path: { id: customer, ticket }, header }, body }));
    },
    onSuccess: () => {
      tell(t(ticket === undefined ? "desk.opened" : "desk.added"));
      for (const key of ["tickets", "customers"]) void queries.invalidateQueries({ queryKey: [key] });
      onClose();
    },
  });
  const trouble = take.error ?? (looked ? preview.error : null);
  return (
    <Dialog open onClose={onClose} label={t(ticket === undefined ? "desk.new" : "desk.add")} className="broad">
      <form onSubmit={(event: FormEvent) => { event.preventDefault(); if (seen === undefined) setLooked(true); else take.mutate(); }}>
        <h2>{t(ticket === undefined ? "desk.new" : "desk.add")}</h2>
        <p className="soft small">{t("desk.newText")}</p>
        {trouble !== null && <Note tone="bad">{explain(trouble)}</Note>}
        <div className="grid">
          <Select label={t("desk.channelLabel")} value={channel} onChange={(event) => change(() => setChannel(channels.find((one) => one === event.target.value) ?? "phone"))}>{channels.map((one) => <option key={one} value={one}>{t(`desk.channel.${one}`)}</option>)}</Select>
          <Select label={t("why.source")} value={from} onChange={(event) => setSource(event.target.value)}>{ids.map((id) => <option key={id} value={id}>{id}</option>)}</Select>
          {channel === "phone" && <Input label={t("desk.minutes")} type="number" min={1} max={1440} value={minutes} onChange={(event) => setMinutes(event.target.value)} />}
        </div>
        <Textarea label={t("desk.words")} required rows={7} maxLength={100000} value={text} hint={t(channel === "chat" ? "desk.chatHint" : "desk.wordsHint")} onChange={(event) => change(() => setText(event.target.value))} />
        {seen !== undefined && (
          <div className="stack" aria-live="polite">
            {seen.speakers.length > 1 && <Select label={t("desk.speaker")} value={speaker} onChange={(event) => setSpeaker(event.target.value)}><option value="">{t("desk.speakerFound")}</option>{seen.speakers.map((one) => <option key={one} value={one}>{one}</option>)}</Select>}
            <h3>{t("desk.kept")}</h3>
            <p className="prose">{seen.text}</p>
            <h3>{t("desk.found")}</h3>
            <Found preview={seen} keep={keep} setKeep={setKeep} />
            {seen.rights.length > 0 && <Note tone="warn">{t("desk.rights", { rights: seen.rights.map((one) => t(`rights.right.${one}`)).join(", ") })}</Note>}
            <Select label={t("desk.matterLabel")} value={matter ?? seen.matter} onChange={(event) => setMatter(matters.find((one) => one === event.target.value))}>{matters.map((one) => <option key={one} value={one}>{t(`desk.matter.${one}`)}</option>)}</Select>
          </div>
        )}
        {keep.length > 0 && <Reason label={t("desk.reason")} maxLength={400} value={reason} hint={t("desk.reasonHint")} onReason={setReason} />}
        <div className="row">
          {seen === undefined ? <Button kind="primary" type="submit" busy={looked && preview.isFetching}>{t("desk.look")}</Button> : <Button kind="primary" type="submit" busy={take.isPending || preview.isFetching}>{t("desk.take")}</Button>}
          <Button kind="quiet" onClick={onClose}>{t("common.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
