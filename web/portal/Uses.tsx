// Who uses what for which purpose, and the switches: the heart of the portal.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../api/client";
import { Chip, Note } from "../ui/basics";
import { both, day, number } from "../ui/language";
import { type Use, useNames, useOwnSession, useRefresh, useUses } from "./own";
import { wordsOf } from "./problem";

interface Change {
  purpose: string;
  on: boolean;
  department?: string;
  class?: string;
}

function Toggle({ on, label, busy, onChange }: { on: boolean; label: string; busy: boolean; onChange: (on: boolean) => void }) {
  return (
    <button type="button" role="switch" aria-checked={on} aria-label={label} className="toggle" disabled={busy} onClick={() => onChange(!on)}>
      <span aria-hidden="true" />
    </button>
  );
}

function Grid({ use, busy, onChange }: { use: Use; busy: boolean; onChange: (change: Change) => void }) {
  const { t } = useTranslation();
  const names = useNames();
  const everybody = use.rows.length === 1 && use.rows[0]?.department === "";
  return (
    <ul className="uses-grid">
      {use.rows.map((row) => (
        <li key={row.department}>
          <h4>
            {row.department === "" ? t("uses.company") : both(row.name)}
            <span className="small soft">{row.count > 0 ? t("uses.seen", { count: row.count, times: number(row.count), day: day(row.last_at) }) : t("uses.unseen")}</span>
          </h4>
          <ul>
            {row.cells.map((cell) => {
              const name = t(`class.${cell.class}`);
              return (
                <li key={cell.class}>
                  <details>
                    <summary>{name}</summary>
                    <p className="small soft">{cell.fields.map((id) => names.field(id)).join(t("comma"))}</p>
                  </details>
                  {use.can_switch ? (
                    <Toggle
                      on={cell.on}
                      busy={busy}
                      label={`${both(use.name)}: ${everybody ? "" : `${both(row.name)}, `}${name}`}
                      onChange={(on) => onChange({ purpose: use.purpose, on, class: cell.class, ...(row.department === "" ? {} : { department: row.department }) })}
                    />
                  ) : (
                    <Chip>{cell.on ? t("uses.yes") : t("uses.no")}</Chip>
                  )}
                </li>
              );
            })}
          </ul>
        </li>
      ))}
    </ul>
  );
}

function Card({ use, nested }: { use: Use; nested: boolean }) {
  const { t, i18n } = useTranslation();
  const refresh = useRefresh();
  const [asked, setAsked] = useState<Change>();
  const change = useMutation({
    mutationFn: (wanted: Change) => ask(api.POST("/api/v1/portal/uses", { body: { ...wanted, locale: i18n.language } })),
    onMutate: setAsked,
    onSettled: () => void refresh(),
  });
  const on = use.state === "on";
  const busy = change.isPending;
  const last = use.rows.reduce<string>((newest, row) => ((row.last_at ?? "") > newest ? (row.last_at ?? "") : newest), "");
  const count = use.rows.reduce((sum, row) => sum + row.count, 0);
  return (
    <article className={`use ${nested ? "nested" : ""}`} data-purpose={use.purpose} data-state={use.state}>
      <header>
        <div className="grow">
          <h3>{both(use.name)}</h3>
          <p>{both(use.description)}</p>
        </div>
        {use.can_switch ? (
          <Toggle on={on} busy={busy} label={both(use.name)} onChange={(next) => change.mutate({ purpose: use.purpose, on: next })} />
        ) : (
          <Chip tone="outline">{use.by_law ? t("uses.byLaw") : on ? t("uses.locked") : t("uses.no")}</Chip>
        )}
      </header>
      <p className="small soft">
        {use.by_law ? t("uses.byLawText") : on ? t("uses.ground", { ground: t(`ground.${use.basis}`) }) : t(use.state === "off" ? "uses.off" : "uses.unset")}
        {on && use.until !== null && ` · ${t("uses.until", { day: day(use.until) })}`}
        {count > 0 ? ` · ${t("uses.seen", { count, times: number(count), day: day(last) })}` : ` · ${t("uses.unseen")}`}
      </p>
      {both(use.necessity) !== "" && <p className="small">{both(use.necessity)}</p>}
      {use.automated && <p className="small soft">{t("uses.automated")}</p>}
      {!use.can_switch && on && !use.by_law && <p className="small soft">{t("uses.why")}</p>}
      {use.asked_anew && <Note tone="warn">{t("uses.anew")}</Note>}
      {change.isError && <Note tone="bad">{wordsOf(t, change.error)}</Note>}
      {change.isSuccess && !busy && <p role="status" className="small good-text">{t(asked?.on === true ? "uses.nowOn" : "uses.nowOff")}</p>}
      {use.rows.some((row) => row.cells.length > 0) && (
        <details className="more">
          <summary>{t("uses.details")}</summary>
          <Grid use={use} busy={busy} onChange={(wanted) => change.mutate(wanted)} />
        </details>
      )}
    </article>
  );
}

export function Uses() {
  const { t } = useTranslation();
  const uses = useUses();
  const session = useOwnSession();
  if (uses.isPending) return <div className="skeleton" />;
  if (uses.isError) return <Note tone="bad">{wordsOf(t, uses.error)}</Note>;
  const all = uses.data.uses;
  const below = (use: Use) => all.filter((child) => child.parent === use.purpose);
  const tops = all.filter((use) => use.parent === "");
  const inUse = (use: Use) => use.state === "on" || below(use).some((child) => child.state === "on");
  const groups = [
    { name: "uses.now", uses: tops.filter((use) => !use.by_law && inUse(use)) },
    { name: "uses.notNow", uses: tops.filter((use) => !use.by_law && !inUse(use)) },
    { name: "uses.byLaw", uses: tops.filter((use) => use.by_law) },
  ];
  return (
    <>
      <h1>{t("place.uses")}</h1>
      <p className="lead">{t("uses.lead")}</p>
      {session.data?.gpc === true && <Note tone="good">{t("uses.gpc")}</Note>}
      {groups.filter((group) => group.uses.length > 0).map((group) => (
        <section key={group.name} className="stack" aria-labelledby={group.name}>
          <h2 id={group.name}>{t(group.name)}</h2>
          {group.uses.map((use) => (
            <div key={use.purpose} className="stack">
              <Card use={use} nested={false} />
              {below(use).map((child) => <Card key={child.purpose} use={child} nested />)}
            </div>
          ))}
        </section>
      ))}
    </>
  );
}
