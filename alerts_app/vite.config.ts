import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { serviceWorker } from "./vite/service-worker.ts";

const root = fileURLToPath(new URL(".", import.meta.url));
/** Where a running box and its broker are while the app is worked on: `npm run dev`. */
const BOX = process.env.MISEBAN_BOX ?? "http://127.0.0.1:8480";

export default defineConfig({
  root,
  plugins: [serviceWorker(root)],
  build: {
    outDir: process.env.MISEBAN_STATIC ?? "../edge/web/static",
    emptyOutDir: true,
    target: "es2022",
    // Inlined files would need data: in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
  },
  server: {
    proxy: {
      "/api": BOX,
      "/healthz": BOX,
      "/mqtt": { target: BOX, ws: true },
    },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
