/**
 * Adds to `package-lock.json` the binaries for other platforms that npm left out, so that `npm ci` accepts the file (ADR-0001).
 * Run it after every `npm install`; `test/conformance/lockfile.test.ts` fails where that was forgotten.
 */
import { readFileSync, writeFileSync } from "node:fs";

export interface LockEntry {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  dev?: boolean;
  optional?: boolean;
  hasInstallScript?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

export interface Lockfile {
  readonly lockfileVersion: number;
  packages: Record<string, LockEntry>;
}

const SYSTEMS = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const PROCESSORS = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64", "wasm32"];

/** Optional dependencies that no entry of the lockfile satisfies, with the entry that asks for them. */
export function findMissingOptionals({ packages }: Lockfile): { name: string; version: string; dev: boolean }[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {}, dev = false }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !parents(path).some((parent) => `${parent}node_modules/${name}` in packages))
      .map(([name, version]) => ({ name, version, dev })),
  );
}

/** `node_modules/a/node_modules/b` looks for its dependencies below itself, below `a`, then at the root. */
function parents(path: string): string[] {
  if (path === "") return [""];
  return [`${path}/`, ...parents(path.slice(0, Math.max(0, path.lastIndexOf("node_modules/") - 1)))];
}

/** The platform that a binary package's name speaks of; npm needs it to pass the package by elsewhere. */
export function toPlatform(name: string): { os: string[]; cpu: string[]; libc?: string[] } | null {
  const words = (name.split("/").at(-1) ?? "").split("-");
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined) return null;
  const libc = words.some((word) => word.startsWith("musl")) ? "musl" : words.some((word) => word.startsWith("gnu")) ? "glibc" : undefined;
  return { os: [os], cpu: [cpu], ...(libc && os === "linux" && { libc: [libc] }) };
}

if (import.meta.main) {
  const lockfile: Lockfile = JSON.parse(readFileSync("package-lock.json", "utf8"));
  const missing = findMissingOptionals(lockfile);
  for (const { name, version, dev } of missing) {
    const platform = toPlatform(name);
    if (platform === null || !/^\d/.test(version)) throw new Error(`${name}@${version}: which platform is it for? Install it by hand.`);
    const { os, cpu, libc } = platform;
    // In the order in which npm writes them, so that its next run changes nothing.
    lockfile.packages[`node_modules/${name}`] = { version, cpu, ...(dev && { dev }), ...(libc && { libc }), optional: true, os };
  }
  lockfile.packages = Object.fromEntries(Object.entries(lockfile.packages).sort(([left], [right]) => left.localeCompare(right, "en")));
  writeFileSync("package-lock.json", `${JSON.stringify(lockfile, null, 2)}\n`);
  process.stdout.write(`${missing.length} entries added\n`);
}
