import react from "@vitejs/plugin-react";
import { defineConfig, type UserConfig } from "vite";

const output = { emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false }, reportCompressedSize: true } as const;

// Two apps, each one folder of static files, served by the product itself under /console and /portal with
// a strict policy: no inline code, no calls to anybody else; and the scripts for other people's pages: the
// library and the forms, which have pages of their own too. `--mode` says which.
const library = (entry: string, name: string): UserConfig => ({
  root: "sdk", publicDir: "forms", define: { "process.env.NODE_ENV": '"production"' },
  build: { ...output, outDir: `../dist/${name}`, copyPublicDir: name === "forms", lib: { entry: `${entry}.ts`, name: `${entry}Library`, formats: ["iife"], fileName: () => `${entry}.js` } },
});
export default defineConfig(({ mode }): UserConfig =>
  mode === "sdk"
    ? library("fiducia", "sdk")
    : mode === "forms"
    ? library("form", "forms")
    : { root: mode, base: `/${mode}/`, plugins: [react()], build: { ...output, outDir: `../dist/${mode}`, assetsInlineLimit: 0 } },
);
