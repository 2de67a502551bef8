// What has just happened, told briefly and read out.
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "../api/client";

const Context = createContext<(text: string) => void>(() => undefined);

export function Toasts({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<{ id: number; text: string }[]>([]);
  const tell = useCallback((text: string) => {
    const id = Date.now() + Math.random();
    setShown((now) => [...now.slice(-2), { id, text }]);
    setTimeout(() => setShown((now) => now.filter((one) => one.id !== id)), 6000);
  }, []);
  return (
    <Context.Provider value={tell}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {shown.map((one) => <div key={one.id} className="note">{one.text}</div>)}
      </div>
    </Context.Provider>
  );
}

export const useTell = () => useContext(Context);

// A problem in the reader's language; the server's own words where we have none.
export function useProblem(): (error: unknown) => string {
  const { t, i18n } = useTranslation();
  return (error) => {
    if (!(error instanceof ApiProblem)) return t("problem.other");
    const key = `problem.${error.code}`;
    const known = i18n.exists(key) ? t(key) : t("problem.other");
    return i18n.language === "en" && error.message !== "" ? error.message : known;
  };
}
