// The languages. English and Chinese come with the page that needs them; zh-TW is made from zh-CN.
import i18n from "i18next";
import { initReactI18next } from "react-i18next";

export type Language = "en" | "zh-CN" | "zh-TW";
export const languages: { id: Language; name: string }[] = [
  { id: "en", name: "English" },
  { id: "zh-CN", name: "简体中文" },
  { id: "zh-TW", name: "繁體中文" },
];

export type Loaders = Record<Language, () => Promise<{ default: object }>>;
let loaders: Loaders;

function preferred(): Language {
  const kept = localStorage.getItem("language");
  const wanted = [kept ?? "", ...navigator.languages];
  for (const one of wanted) {
    if (one === "zh-TW" || one === "zh-HK" || one.startsWith("zh-Hant")) return "zh-TW";
    if (one.startsWith("zh")) return "zh-CN";
    if (one.startsWith("en")) return "en";
  }
  return "en";
}

export async function setLanguage(language: Language, keep = true): Promise<void> {
  if (!i18n.hasResourceBundle(language, "translation")) {
    i18n.addResourceBundle(language, "translation", (await loaders[language]()).default);
  }
  if (keep) localStorage.setItem("language", language);
  await i18n.changeLanguage(language);
  document.documentElement.lang = language;
}

export async function startLanguages(words: Loaders): Promise<void> {
  loaders = words;
  await i18n.use(initReactI18next).init({ resources: {}, lng: "none", fallbackLng: false, interpolation: { escapeValue: false }, returnNull: false });
  await setLanguage(preferred(), false);
}

// A text that the server has in both languages.
export function both(texts: { "zh-CN"?: string; en?: string } | undefined): string {
  if (texts === undefined) return "";
  return (i18n.language.startsWith("zh") ? texts["zh-CN"] : texts.en) ?? texts.en ?? "";
}

export function time(text: string | null | undefined): string {
  return text == null ? "" : new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(text));
}

export function day(text: string | null | undefined): string {
  return text == null ? "" : new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium" }).format(new Date(text));
}

export function number(value: number): string {
  return new Intl.NumberFormat(i18n.language).format(value);
}

// Why a row waits: the server's words as a key, so that every language has its own.
export function cleaningKey(reason: string): string {
  return `cleaning.${reason.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_|_$/g, "")}`;
}
