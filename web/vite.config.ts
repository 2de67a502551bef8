import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Two apps, each one folder of static files, served by the product itself under /console and /portal with
// a strict policy: no inline code, no calls to anybody else. `--mode` says which.
export default defineConfig(({ mode }) => ({
  root: mode,
  base: `/${mode}/`,
  plugins: [react()],
  build: {
    outDir: `../dist/${mode}`,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
}));
