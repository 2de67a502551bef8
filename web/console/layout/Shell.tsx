// The frame around every screen: where one can go, the purpose in force, and oneself.
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { Icon } from "../../ui/icons";
import { both } from "../../ui/language";
import { useWork } from "../session";
import { Palette } from "./Palette";

export interface Place {
  path: string;
  name: string;
  icon: Parameters<typeof Icon>[0]["name"];
}

export function usePlaces(): Place[] {
  const { t } = useTranslation();
  const { can } = useWork();
  const all: (Place & { needs?: string })[] = [
    { path: "/", name: t("nav.home"), icon: "home" },
    { path: "/customers", name: t("nav.customers"), icon: "customers", needs: "customers.read" },
    { path: "/desk", name: t("desk.title"), icon: "desk", needs: "tickets.read" },
    { path: "/imports", name: t("nav.imports"), icon: "imports", needs: "imports.read" },
    { path: "/sources", name: t("sources.title"), icon: "sources", needs: "sources.read" },
    { path: "/forms", name: t("forms.title"), icon: "forms", needs: "forms.manage" },
    { path: "/connectors", name: t("connectors.title"), icon: "connectors", needs: "connectors.manage" },
    { path: "/streams", name: t("streams.title"), icon: "streams", needs: "streams.manage" },
    { path: "/quality", name: t("quality.title"), icon: "quality", needs: "quality.read" },
    { path: "/statistics", name: t("statistics.title"), icon: "statistics", needs: "statistics.read" },
    { path: "/matching", name: t("matching.title"), icon: "matching", needs: "customers.merge" },
    { path: "/audit", name: t("nav.audit"), icon: "audit", needs: "audit.read" },
    { path: "/people", name: t("nav.people"), icon: "people", needs: "people.read" },
    { path: "/requests", name: t("nav.requests"), icon: "requests" },
    { path: "/recertification", name: t("nav.recertification"), icon: "recertification", needs: "access.recertify" },
    { path: "/policy", name: t("nav.policy"), icon: "policy", needs: "policy.test" },
    { path: "/rights", name: t("rights.title"), icon: "rights", needs: "rights.handle" },
    { path: "/lawful", name: t("lawful.title"), icon: "lawful", needs: "notices.publish" },
    { path: "/recipients", name: t("recipients.title"), icon: "recipients", needs: "recipients.read" },
    { path: "/accountability", name: t("assure.title"), icon: "accountability", needs: "records.read" },
    { path: "/vault", name: t("vault.title"), icon: "keys", needs: "vault.read" },
    { path: "/keys", name: t("nav.keys"), icon: "keys", needs: "keys.manage" },
  ];
  return all.filter((place) => place.needs === undefined || can(place.needs));
}

function PurposeSwitch() {
  const { t } = useTranslation();
  const { me, purpose, setPurpose, catalog } = useWork();
  if (me.purposes.length === 0) return null;
  const names = new Map((catalog.purposes ?? []).map((p) => [p.id ?? "", both(p.name)]));
  return (
    <span className="purpose">
      <label htmlFor="purpose">{t("purpose.label")}</label>
      <select id="purpose" value={purpose} onChange={(event) => setPurpose(event.target.value)} aria-label={t("purpose.label")}>
        {me.purposes.map((id) => <option key={id} value={id}>{names.get(id) ?? id}</option>)}
      </select>
    </span>
  );
}

export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const { me } = useWork();
  const places = usePlaces();
  const [location] = useLocation();
  const [menu, setMenu] = useState(false);
  const [palette, setPalette] = useState(false);
  useEffect(() => setMenu(false), [location]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setPalette(true);
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  const here = (path: string) => (path === "/" ? location === "/" : location.startsWith(path));
  return (
    <div className="shell">
      <a className="visually-hidden" href="#main">{t("nav.skip")}</a>
      <aside className={`side ${menu ? "open" : ""}`}>
        <Link href="/" className="wordmark">Fiducia</Link>
        <nav className="nav" aria-label={t("nav.label")}>
          {places.map((place) => (
            <Link key={place.path} href={place.path} aria-current={here(place.path) ? "page" : undefined}>
              <Icon name={place.icon} />
              {place.name}
            </Link>
          ))}
        </nav>
      </aside>
      <div>
        <div className="topbar">
          <button type="button" className="button quiet small menu-button" aria-label={t("nav.menu")} aria-expanded={menu} onClick={() => setMenu(!menu)}><Icon name="menu" /></button>
          <PurposeSwitch />
          <span className="grow" />
          <button type="button" className="button quiet small" onClick={() => setPalette(true)} aria-label={t("palette.open")}>
            <Icon name="search" /><span className="wide-only">Ctrl K</span>
          </button>
          <Link href="/profile" className="button quiet small me" aria-current={here("/profile") ? "page" : undefined}><span>{me.user.name}</span></Link>
        </div>
        {!me.trained && (
          <div className="page" style={{ paddingBottom: 0 }}>
            <div className="note warn" role="status">
              <span className="grow">{t("training.banner")}</span>
              <Link href="/profile">{t("training.take")}</Link>
            </div>
          </div>
        )}
        {children}
      </div>
      <Palette open={palette} onClose={() => setPalette(false)} />
    </div>
  );
}
