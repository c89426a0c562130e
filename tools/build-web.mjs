// Builds the dashboard (web/) into dist/web. Scripts and styles are files of their own, never text inside the page: the server's
// Content-Security-Policy admits nothing else (S-39). `node tools/build-web.mjs --watch` builds again at every change,
// `--out <folder>` puts it elsewhere.
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { licenses } from "./licenses.mjs";

/** @returns {Promise<boolean>} false where the builder is not installed */
export async function buildWeb({ watch = false, outDir = "dist/web" } = {}) {
  if (!existsSync("node_modules/vite/package.json") || !existsSync("node_modules/preact/package.json")) return false;
  const vite = await import("vite");
  const built = await vite.build({
    configFile: false,
    root: "web",
    base: "/",
    logLevel: watch ? "info" : "warn",
    build: {
      outDir: resolve(outDir),
      emptyOutDir: true,
      target: "es2023",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      watch: watch ? {} : null,
    },
  });
  const chunks = [built].flat().flatMap(({ output = [] }) => output); // A watch has none.
  const modules = chunks.flatMap(({ moduleIds = [] }) => moduleIds);
  if (modules.length > 0) writeFileSync(join(outDir, "LICENSES.md"), licenses(modules));
  return true;
}

if (import.meta.main) {
  const [flag, outDir] = process.argv.slice(2);
  await buildWeb({ watch: flag === "--watch", ...(flag === "--out" && { outDir }) });
}
