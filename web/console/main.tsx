import "../ui/theme.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiProblem } from "../api/client";
import { App } from "./App";
import { startLanguages } from "../ui/language";
import { startTheme } from "../ui/theme";
import { Toasts } from "./toasts";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // Only what is lost on the way is tried again; a refusal is an answer.
      retry: (count, error) => count < 2 && error instanceof ApiProblem && error.code === "offline",
      staleTime: 10_000,
      refetchOnWindowFocus: false,
    },
  },
});

startTheme();
await startLanguages({
  en: () => import("../locales/en.json"),
  "zh-CN": () => import("../locales/zh-CN.json"),
  "zh-TW": () => import("../locales/made/zh-TW.json"),
});
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Toasts>
        <App />
      </Toasts>
    </QueryClientProvider>
  </StrictMode>,
);
