// Ctrl K: go anywhere, switch the purpose, change the language, without a mouse.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { Dialog } from "../../ui/basics";
import { both, languages, setLanguage } from "../../ui/language";
import { useWork } from "../session";
import { setTheme, theme } from "../../ui/theme";
import { usePlaces } from "./Shell";

interface Act {
  name: string;
  kind: string;
  run: () => void;
}

export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const { me, setPurpose, catalog } = useWork();
  const places = usePlaces();
  const [, go] = useLocation();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const names = new Map((catalog.purposes ?? []).map((p) => [p.id ?? "", both(p.name)]));
  const acts: Act[] = [
    ...places.map((place) => ({ name: place.name, kind: t("palette.go"), run: () => go(place.path) })),
    { name: t("nav.profile"), kind: t("palette.go"), run: () => go("/profile") },
    ...me.purposes.map((id) => ({ name: names.get(id) ?? id, kind: t("palette.purpose"), run: () => setPurpose(id) })),
    ...languages.map((one) => ({ name: one.name, kind: t("palette.language"), run: () => void setLanguage(one.id) })),
    { name: t("palette.theme"), kind: t("palette.look"), run: () => setTheme(theme() === "dark" ? "light" : "dark") },
  ];
  const hits = acts.filter((act) => act.name.toLowerCase().includes(text.toLowerCase())).slice(0, 12);
  const choose = (act: Act | undefined) => {
    act?.run();
    setText("");
    setAt(0);
    onClose();
  };
  return (
    <Dialog open={open} onClose={onClose} label={t("palette.open")} className="palette">
      <div className="inner">
        <input
          className="input" autoFocus placeholder={t("palette.hint")} aria-label={t("palette.hint")} value={text}
          onChange={(event) => { setText(event.target.value); setAt(0); }}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") { event.preventDefault(); setAt(Math.min(at + 1, hits.length - 1)); }
            if (event.key === "ArrowUp") { event.preventDefault(); setAt(Math.max(at - 1, 0)); }
            if (event.key === "Enter") choose(hits[at]);
          }}
        />
        <div className="hits" role="listbox" aria-label={t("palette.open")}>
          {hits.map((act, i) => (
            <button key={`${act.kind}${act.name}`} type="button" role="option" aria-selected={i === at} onMouseEnter={() => setAt(i)} onClick={() => choose(act)}>
              <span>{act.name}</span><span className="soft small">{act.kind}</span>
            </button>
          ))}
        </div>
      </div>
    </Dialog>
  );
}
