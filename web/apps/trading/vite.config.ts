import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const GATEWAY = "http://127.0.0.1:8000";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: "../../dist",
    emptyOutDir: true,
    // Inlined assets would be data: URLs, which the content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": { target: GATEWAY, ws: true } } },
});
