// Bundles what starts often: the command, the store's writer thread and the supervisor of commands. Loading some 450 small files took
// half of the time of a one-step `troupe run` (ADR-0013). What `tsc` emitted stays for the library; its start files hand over to the bundle.
import { writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { licenses } from "./licenses.mjs";

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
  /^@fastify\//,
  /^(fastify|gpt-tokenizer|ipaddr\.js|koffi|nodemailer|pino|piscina|prom-client|redis|s3mini|undici|ws)(\/|$)/,
];

/**
 * What a start loads together is one file, for each file costs a millisecond: for every module, which of these need it decides where it is.
 * `run` names what `troupe run` loads late, for the sake of `troupe --version`.
 */
const TOGETHER = {
  start: ["src/cli/start"],
  writer: ["src/adapters/store-sqlite/writer.worker"],
  supervisor: ["src/adapters/process-shim/supervisor"],
  run: [
    "src/cli/commands/run",
    "src/cli/live-reporter",
    "src/cli/render/run-summary",
    "src/cli/summary",
    "src/cli/until-still",
    "src/definition/read-source",
    "src/main/declarations",
    "src/main/load-workflow",
    "src/main/observation",
    "src/main/prepare-run",
    "src/main/project",
    "observability/anomaly",
  ],
};

/** @returns {Promise<boolean>} false where the bundler does not run on this machine: everything works without it, later */
export async function bundle() {
  const bundler = await import("rolldown").catch(() => null);
  if (bundler === null) return false;
  const input = Object.fromEntries(STARTED.map((file) => [nameOf(file), file]));
  const build = await bundler.rolldown({
    input,
    platform: "node",
    external: EXTERNAL,
    plugins: [keepOwnUrl()],
    // Files that need each other may find what they share in a started one.
    preserveEntrySignatures: "allow-extension",
    // What one command loads late, another needs at once.
    checks: { ineffectiveDynamicImport: false },
  });
  const { output } = await build.write({
    dir: BUNDLE,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    // Names stay, for stack traces.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    codeSplitting: { includeDependenciesRecursively: false, groups: [{ debugName: "together", name: nameOfGroup() }] },
  });
  for (const file of STARTED) handOver(file);
  const modules = output.flatMap(({ moduleIds = [] }) => moduleIds);
  writeFileSync(join(BUNDLE, "LICENSES.md"), licenses(modules));
  return true;
}

/** Names the file of a module after all that need it; null leaves it to the bundler. */
function nameOfGroup() {
  let needs = null;
  return (id, graph) => {
    needs ??= Object.entries(TOGETHER).map(([name, roots]) => [name, reachedFrom(roots, graph)]);
    const names = needs.filter(([, reached]) => reached.has(id)).map(([name]) => name);
    return names.length === 0 ? null : names.join("-");
  };
}

/** Modules that these import at once, not late, and they themselves. */
function reachedFrom(roots, graph) {
  const reached = new Set();
  const open = roots.map((root) => resolve("dist", `${root}.js`));
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    const info = graph.getModuleInfo(id);
    if (info === null) throw new Error(`The bundle has no ${relative(".", id)} any more: see TOGETHER in tools/bundle.mjs.`);
    reached.add(id);
    open.push(...info.importedIds.filter((imported) => !EXTERNAL.some((pattern) => pattern.test(imported))));
  }
  return reached;
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

function handOver(file) {
  const target = JSON.stringify(relative(dirname(file), join(BUNDLE, `${nameOf(file)}.js`)));
  writeFileSync(file, `export * from ${target};\n`);
}
