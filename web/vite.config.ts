import react from "@vitejs/plugin-react";
import { defineConfig, type UserConfig } from "vite";

const output = { emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false }, reportCompressedSize: true } as const;

// Two apps, each one folder of static files, served by the product itself under /console and /portal with
// a strict policy: no inline code, no calls to anybody else; and the library for other people's pages, one
// script. `--mode` says which.
export default defineConfig(({ mode }): UserConfig =>
  mode === "sdk"
    ? { root: "sdk", define: { "process.env.NODE_ENV": '"production"' }, build: { ...output, outDir: "../dist/sdk", lib: { entry: "fiducia.ts", name: "fiduciaLibrary", formats: ["iife"], fileName: () => "fiducia.js" } } }
    : { root: mode, base: `/${mode}/`, plugins: [react()], build: { ...output, outDir: `../dist/${mode}`, assetsInlineLimit: 0 } },
);
