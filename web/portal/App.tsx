import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ApiProblem, ask } from "../api/client";
import { Button } from "../ui/basics";
import { languages, setLanguage, type Language } from "../ui/language";
import { Answers } from "./Answers";
import { Data } from "./Data";
import { History } from "./History";
import { More } from "./More";
import { useOwnSession } from "./own";
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

function Inside() {
  const { t } = useTranslation();
  const queries = useQueryClient();
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
    queries.clear();
    window.location.hash = "";
    window.location.reload();
  };
  const screens: Record<Place, ReactNode> = { uses: <Uses />, data: <Data />, history: <History />, answers: <Answers />, rights: <Rights />, more: <More /> };
  return (
    <Frame
      actions={<Button kind="quiet" onClick={() => void leave()}>{t("leave")}</Button>}
      bar={
        <nav className="portal-nav" aria-label={t("places")}>
          {places.map((one) => (
            <a key={one} href={`#${one}`} aria-current={one === place ? "page" : undefined}>{t(`place.${one}`)}</a>
          ))}
        </nav>
      }
    >
      {screens[place]}
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
