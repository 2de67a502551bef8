// What went wrong, in the reader's words.
import type { TFunction } from "i18next";
import { ApiProblem } from "../api/client";

export function wordsOf(t: TFunction, error: unknown): string {
  const code = error instanceof ApiProblem ? error.code : "unavailable";
  return t(`problem.${code}`, { defaultValue: t("problem.other") });
}
