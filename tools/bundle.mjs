// Bundles what starts often: the command, the store's writer thread and the supervisor of commands. Loading some 450 small files took
// half of the time of a one-step `troupe run` (ADR-0013). What `tsc` emitted stays for the library; its start files hand over to the bundle.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const BUNDLE = "dist/bundle";
/** Started by name at the place where `tsc` put them. */
const STARTED = [
  "dist/src/cli/start.js",
  "dist/src/adapters/store-sqlite/writer.worker.js",
  "dist/src/adapters/process-shim/supervisor.js",
];
/** Heavy, loaded only when asked for, or shared with the user's own code. */
const EXTERNAL = [
  /^node:/,
  /^@opentelemetry\//,
  /^@statelyai\//,
  /^(gpt-tokenizer|ipaddr\.js|pino|piscina|prom-client|redis|s3mini|undici|ws)(\/|$)/,
];

/** @returns {Promise<boolean>} false where the bundler does not run on this machine: everything works without it, later */
export async function bundle() {
  const bundler = await import("rolldown").catch(() => null);
  if (bundler === null) return false;
  const input = Object.fromEntries(STARTED.map((file) => [nameOf(file), file]));
  const build = await bundler.rolldown({ input, platform: "node", external: EXTERNAL, plugins: [keepOwnUrl()] });
  const { output } = await build.write({ dir: BUNDLE, format: "esm", entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" });
  for (const file of STARTED) handOver(file, output.find(({ fileName }) => fileName === `${nameOf(file)}.js`).exports);
  const modules = output.flatMap(({ moduleIds = [] }) => moduleIds);
  writeFileSync(join(BUNDLE, "LICENSES.md"), licenses(modules));
  return true;
}

const nameOf = (file) => file.replace(/^.*\//, "").replace(/\.js$/, "");

/** A module that looks for its neighbours looks where `tsc` put it. */
function keepOwnUrl() {
  return {
    name: "keep-own-url",
    transform(code, id) {
      if (!code.includes("import.meta.url")) return null;
      const path = JSON.stringify(`./${relative(resolve(BUNDLE), id)}`);
      return { code: code.replaceAll("import.meta.url", `new URL(${path}, import.meta.url).href`), map: null };
    },
  };
}

function handOver(file, exported) {
  const target = JSON.stringify(relative(dirname(file), join(BUNDLE, `${nameOf(file)}.js`)));
  writeFileSync(file, exported.length === 0 ? `import ${target};\n` : `export { ${exported.join(", ")} } from ${target};\n`);
}

/** The licences of the packages whose code is in the bundle ask to come along. */
function licenses(modules) {
  const roots = new Set(modules.map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0]).filter((root) => root !== undefined));
  const parts = [...roots].sort().map((root) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const file = readdirSync(root).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? `Licence: ${license}` : readFileSync(join(root, file), "utf8").trim();
    return `## ${name} ${version}\n\n${text}\n`;
  });
  return `# Licences of the packages in this bundle\n\n${parts.join("\n")}`;
}
