// The card that everything before work happens in, with the language in reach.
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { type Language, languages, setLanguage } from "../../ui/language";

export function Frame({ title, lead, broad = false, children }: { title: string; lead?: string; broad?: boolean; children: ReactNode }) {
  const { t, i18n } = useTranslation();
  useEffect(() => {
    document.title = `${title} · Fiducia`;
  }, [title]);
  return (
    <main className="gate">
      <div className={`card ${broad ? "broad" : ""}`}>
        <div className="row between">
          <span className="wordmark" style={{ padding: 0 }}>Fiducia</span>
          <select className="select slim small" aria-label={t("language.label")} value={i18n.language} onChange={(event) => void setLanguage(event.target.value as Language)}>
            {languages.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
          </select>
        </div>
        <header>
          <h1>{title}</h1>
          {lead !== undefined && <p className="soft">{lead}</p>}
        </header>
        {children}
      </div>
    </main>
  );
}
