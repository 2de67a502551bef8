// How a value looks wherever it stands: clear or masked, its level, where it came from, and why it
// may be seen like that.
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { Chip, Popover, type Tone } from "../../ui/basics";
import { Icon } from "../../ui/icons";
import { both, time } from "../../ui/language";
import { useWork } from "../session";

export type Value = Schemas["Value"];

export function ValueText({ value }: { value: Value }) {
  const { t } = useTranslation();
  return value.access === "masked"
    ? <span className="masked" title={t("access.masked")}>{value.value}</span>
    : <span className="break">{value.value}</span>;
}

export function Cell({ values }: { values: Value[] | undefined }) {
  if (values === undefined || values.length === 0) return <span className="soft">–</span>;
  return <>{values.map((value, i) => <div key={i}><ValueText value={value} /></div>)}</>;
}

// "Why may I see this?", in the words of the gate.
export function Why({ field, value }: { field: string; value: Value }) {
  const { t } = useTranslation();
  const { catalog, purpose, me, field: find } = useWork();
  const name = both((catalog.purposes.find((p) => p.id === purpose))?.name);
  const roles = [...new Set(me.roles.map((g) => g.role))].map((id) => both(catalog.roles.find((r) => r.id === id)?.name));
  return (
    <Popover label={t("why.title")} button={<Icon name="info" />}>
      <div className="stack">
        <h3>{t("why.title")}</h3>
        <p className="small">{t(`reason.${value.reason}`)}</p>
        <div className="small stack tight">
          <div><span className="soft">{t("why.purpose")}</span> {name}</div>
          <div><span className="soft">{t("why.role")}</span> {roles.join(", ")}</div>
          <div><span className="soft">{t("why.level")}</span> {value.level} · {t(`level.${value.level}`)}</div>
          <div><span className="soft">{t("why.source")}</span> {value.source}</div>
          {value.verified_at != null && <div><span className="soft">{t("why.verified")}</span> {time(value.verified_at)}</div>}
        </div>
        <p className="small soft">{both(find(field)?.description)}</p>
      </div>
    </Popover>
  );
}

export function LevelChip({ level }: { level: string }) {
  const { t } = useTranslation();
  return <Chip tone={level as Tone} title={t(`level.${level}`)}>{level}</Chip>;
}
