/**
 * The package as users get it, built once into a directory of its own: engines that tests start as processes begin faster from it, and
 * sources that are edited while a test runs do not reach them.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, globSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** Below `node_modules`, so that the build finds its dependencies. */
const CACHE = resolve("node_modules/.cache/troupe-built");
const SOURCES = ["{src,actors,grammar,observability}/**/*.ts", "tsconfig*.json", "package-lock.json", "web/**"];
const KEPT = 3;

let found: string | null = null;

/** Directory of an installed package. `TROUPE_BUILT` names one to be used as it is, to repeat a test against it. */
function builtPackage(): string {
  found ??= process.env.TROUPE_BUILT ?? build(join(CACHE, digestOfSources()));
  return resolve(found);
}

/** The library's entry, as a URL to import. */
export function builtLibrary(): string {
  return pathToFileURL(join(builtPackage(), "dist/src/main/index.js")).href;
}

/** The command, to be started with `process.execPath`. */
export function builtCommand(): string {
  return join(builtPackage(), "dist/src/cli/bin.js");
}

function digestOfSources(): string {
  const hash = createHash("sha256");
  for (const file of globSync(SOURCES).sort()) hash.update(`${file} ${statSync(file).mtimeMs}\n`);
  return hash.digest("hex").slice(0, 16);
}

function build(target: string): string {
  if (existsSync(target)) return target;
  const temporary = `${target}.${process.pid}.tmp`;
  mkdirSync(temporary, { recursive: true });
  const translate = ["-p", "tsconfig.build.json", "--noCheck", "--declaration", "false", "--outDir", join(temporary, "dist")];
  const { status, stdout } = spawnSync(process.execPath, [resolve("node_modules/.bin/tsc"), ...translate], { encoding: "utf8" });
  if (status !== 0) throw new Error(`The package cannot be built:\n${stdout}`);
  const pages = spawnSync(process.execPath, ["tools/build-web.mjs", "--out", join(temporary, "dist/web")], { encoding: "utf8" });
  if (pages.status !== 0) throw new Error(`The dashboard cannot be built:\n${pages.stderr}`);
  copyFileSync("package.json", join(temporary, "package.json"));
  try {
    renameSync(temporary, target);
  } catch {
    rmSync(temporary, { recursive: true, force: true }); // Another test process was first.
  }
  const byAge = readdirSync(CACHE).sort((left, right) => ageOf(left) - ageOf(right));
  for (const name of byAge.slice(KEPT)) rmSync(join(CACHE, name), { recursive: true, force: true });
  return target;
}

function ageOf(name: string): number {
  return -(statSync(join(CACHE, name), { throwIfNoEntry: false })?.mtimeMs ?? 0);
}
