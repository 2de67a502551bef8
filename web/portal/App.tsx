import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ApiProblem, ask, keepWard } from "../api/client";
import { Button } from "../ui/basics";
import { languages, setLanguage, type Language } from "../ui/language";
import { Answers } from "./Answers";
import { Data } from "./Data";
import { History } from "./History";
import { More } from "./More";
import { ActingFor, useOwnSession, useWards } from "./own";
import { Rights } from "./Rights";
import { SignIn } from "./SignIn";
import { Uses } from "./Uses";

const places = ["uses", "data", "history", "answers", "rights", "more"] as const;
type Place = (typeof places)[number];

function placeNow(): Place {
  const named = window.location.hash.slice(1);
  return places.find((place) => place === named) ?? "uses";
}

function LanguagePicker() {
  const { t, i18n } = useTranslation();
  return (
    <select className="select slim" aria-label={t("language")} value={i18n.language} onChange={(event) => void setLanguage(event.target.value as Language)}>
      {languages.map((one) => (
        <option key={one.id} value={one.id}>{one.name}</option>
      ))}
    </select>
  );
}

function Frame({ children, bar, actions }: { children: ReactNode; bar?: ReactNode; actions?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className="portal">
      <header className="portal-top">
        <span className="wordmark">{t("title")}</span>
        <span className="grow" />
        <LanguagePicker />
        {actions}
      </header>
      {bar}
      <main className="portal-page" id="main">{children}</main>
    </div>
  );
}

// A guardian chooses whom the pages are about.
function Speaking({ acting, onChange }: { acting: string; onChange: (id: string) => void }) {
  const { t } = useTranslation();
  const wards = useWards();
  const all = wards.data?.wards ?? [];
  if (all.length === 0) return null;
  return (
    <div className={acting === "" ? "speaking" : "speaking for-ward"} data-acting={acting}>
      <label htmlFor="speaking">{t("wards.about")}</label>
      <select id="speaking" className="select slim" value={acting} onChange={(event) => onChange(event.target.value)}>
        <option value="">{t("wards.me")}</option>
        {all.map((ward) => <option key={ward.id} value={ward.id}>{ward.name}</option>)}
      </select>
      {acting !== "" && <span className="small">{t("wards.text")}</span>}
    </div>
  );
}

function Inside() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [acting, setActing] = useState("");
  const speakFor = (id: string) => {
    keepWard(id);
    queries.removeQueries({ queryKey: ["own"] });
    setActing(id);
  };
  const [place, setPlace] = useState<Place>(placeNow);
  useEffect(() => {
    const follow = () => {
      setPlace(placeNow());
      window.scrollTo(0, 0);
    };
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  useEffect(() => {
    document.title = `${t(`place.${place}`)} · ${t("title")}`;
  }, [place, t]);
  const leave = async () => {
    await ask(api.DELETE("/api/v1/portal/session")).catch(() => undefined);
    keepWard("");
    queries.clear();
    window.location.hash = "";
    window.location.reload();
  };
  const screens: Record<Place, ReactNode> = { uses: <Uses />, data: <Data />, history: <History />, answers: <Answers />, rights: <Rights />, more: <More /> };
  return (
    <Frame
      actions={<Button kind="quiet" onClick={() => void leave()}>{t("leave")}</Button>}
      bar={<>
        <Speaking acting={acting} onChange={speakFor} />
        <nav className="portal-nav" aria-label={t("places")}>
          {places.map((one) => (
            <a key={one} href={`#${one}`} aria-current={one === place ? "page" : undefined}>{t(`place.${one}`)}</a>
          ))}
        </nav>
      </>}
    >
      <ActingFor value={acting} key={acting}>{screens[place]}</ActingFor>
    </Frame>
  );
}

export function App() {
  const session = useOwnSession();
  const outside = session.error instanceof ApiProblem && session.error.status === 401;
  if (session.isPending) return <Frame><div className="skeleton" /></Frame>;
  if (outside || window.location.hash.startsWith("#link=")) return <Frame><SignIn onEntered={() => void session.refetch()} /></Frame>;
  if (session.isError) return <Frame><SignIn onEntered={() => void session.refetch()} /></Frame>;
  return <Inside />;
}
