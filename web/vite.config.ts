// Build: static files with hashed names below assets/, nothing inline, so that the server can send
// `default-src 'self'` without exceptions. CAIRN_WEB_OUT is where CMake wants the result.
import { defineConfig } from "vite";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    outDir: process.env.CAIRN_WEB_OUT ?? "dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    cssCodeSplit: true,
  },
  server: { port: 21390, strictPort: true, proxy: { "/api": "http://127.0.0.1:16686", "/health": "http://127.0.0.1:16686" } },
});
