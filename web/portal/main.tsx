import "../ui/theme.css";
import "./portal.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiProblem } from "../api/client";
import { startLanguages } from "../ui/language";
import { startTheme } from "../ui/theme";
import { App } from "./App";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) => count < 2 && error instanceof ApiProblem && error.code === "offline",
      staleTime: 5_000,
      refetchOnWindowFocus: true,
    },
  },
});

startTheme();
await startLanguages({
  en: () => import("../locales/portal.en.json"),
  "zh-CN": () => import("../locales/portal.zh-CN.json"),
  "zh-TW": () => import("../locales/made/portal.zh-TW.json"),
});
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
