import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Lockfile } from "../../tools/complete-lockfile.ts";

/** Below these versions a published advisory or a data-loss bug applies (S-45). A package that is absent passes. */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  "@opentelemetry/core": ["2.8.0"],
  "@opentelemetry/propagator-jaeger": ["2.9.0"],
  ajv: ["8.18.0"],
  "better-sqlite3": ["12.8.0"],
  fastify: ["5.8.1"],
  liquidjs: ["10.27.2"],
  "simple-git": ["3.32.3"],
  undici: ["6.26.0", "7.28.0", "8.5.0"],
  yaml: ["2.8.3"],
};
/** No version of these may appear, not even as a dependency of a dependency. */
const BANNED = ["vm2", "isolated-vm", "expr-eval", "safe-eval", "ip", "request-filtering-agent", "nunjucks"];
const NODE_MIN = "24.16.0";
const SQLITE_MIN = "3.51.3";

const lockfile: Lockfile = JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8"));
const installed = Object.entries(lockfile.packages).map(([path, { version = "" }]) => ({
  path,
  name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
  version,
}));

function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split(/[.-]/).map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (a?.[part] ?? 0) - (b?.[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A fix may exist on several major lines: the floor of the same major counts, otherwise the highest. */
function isSafe(version: string, floors: readonly string[]): boolean {
  const own = floors.find((floor) => floor.split(".")[0] === version.split(".")[0]);
  return compareVersions(version, own ?? floors.at(-1) ?? "0") >= 0;
}

test("Node and its SQLite are new enough (S-45)", () => {
  expect(compareVersions(process.versions.node, NODE_MIN), process.versions.node).toBeGreaterThanOrEqual(0);
  expect(compareVersions(process.versions.sqlite ?? "0", SQLITE_MIN), process.versions.sqlite).toBeGreaterThanOrEqual(0);
});

test("no installed package is below its floor (S-45)", () => {
  const old = installed.filter(({ name, version }) => FLOORS[name] !== undefined && !isSafe(version, FLOORS[name]));
  expect(old).toEqual([]);
  expect(installed.map(({ name }) => name)).toEqual(expect.arrayContaining(["ajv", "yaml", "@opentelemetry/core"]));
});

test("no banned package is installed, at any depth (S-2, S-45)", () => {
  expect(installed.filter(({ name }) => BANNED.includes(name))).toEqual([]);
});

test("a floor holds on its own major line, and on later lines the highest floor holds", () => {
  const floors = ["6.26.0", "7.28.0", "8.5.0"];
  expect(["6.26.0", "7.28.1", "8.5.0", "9.0.0"].every((version) => isSafe(version, floors))).toBe(true);
  expect(["5.99.0", "6.25.9", "7.0.0", "8.4.9"].some((version) => isSafe(version, floors))).toBe(false);
});
