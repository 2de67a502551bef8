import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// One folder of static files, served by the product itself under /console with a strict policy: no
// inline code, no calls to anybody else.
export default defineConfig({
  root: "console",
  base: "/console/",
  plugins: [react()],
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
});
