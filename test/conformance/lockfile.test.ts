import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findMissingOptionals, type LockEntry, type Lockfile, toPlatform } from "../../tools/complete-lockfile.ts";

const read = <T>(file: string): T => JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), "utf8"));
const lockfile = read<Lockfile>("package-lock.json");
const manifest = read<
  { allowScripts: Record<string, boolean> } & Record<"dependencies" | "optionalDependencies" | "devDependencies", Record<string, string>>
>("package.json");
const entries = Object.entries(lockfile.packages).filter(([path]) => path !== "");

/** ADR-0001: a development tool's binary for another platform could not be fetched when the lockfile was made. */
function isForeignTool({ dev, optional, os, cpu, libc }: LockEntry): boolean {
  const isHome = os?.[0] === "linux" && cpu?.[0] === "x64" && libc?.[0] !== "musl";
  return dev === true && optional === true && os !== undefined && cpu !== undefined && !isHome;
}

test("the lockfile pins every package by hash, foreign development tools excepted (S-44)", () => {
  expect(entries.length).toBeGreaterThan(300);
  expect(lockfile.lockfileVersion).toBe(3);
  const unpinned = entries.filter(([, entry]) => !entry.integrity?.startsWith("sha512-") && !isForeignTool(entry));
  expect(unpinned.map(([path]) => path)).toEqual([]);
});

test("no package comes from git, a plain-http address or a folder (S-44)", () => {
  const odd = entries.filter(
    ([, { resolved, link, version }]) => link || version === undefined || /^(git|http:|file:)/.test(resolved ?? ""),
  );
  expect(odd).toEqual([]);
  const requested = Object.values(lockfile.packages).flatMap((entry) =>
    Object.entries({ ...entry.dependencies, ...entry.optionalDependencies }),
  );
  expect(requested.filter(([, range]) => /^(git|https?|file|github):/.test(range))).toEqual([]);
});

test("every install script is allowed or refused by name (S-44)", () => {
  const scripted = entries
    .filter(([, entry]) => entry.hasInstallScript)
    .map(([path]) => path.slice(path.lastIndexOf("node_modules/") + 13));
  expect(Object.keys(manifest.allowScripts).sort()).toEqual([...new Set(scripted)].sort());
});

test("direct dependencies have exact versions, and the lockfile has the same", () => {
  const direct = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.devDependencies };
  for (const [name, version] of Object.entries(direct)) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    expect(lockfile.packages[`node_modules/${name}`]?.version, name).toBe(version);
  }
});

test("the lockfile lists the binaries of every platform, so that `npm ci` accepts it (ADR-0001)", () => {
  expect(findMissingOptionals(lockfile)).toEqual([]);
});

test("an optional dependency counts as present at any level that Node would look at", () => {
  const packages: Lockfile["packages"] = {
    "node_modules/a": { optionalDependencies: { near: "1.0.0", far: "1.0.0", absent: "1.0.0" }, dev: true },
    "node_modules/a/node_modules/near": { version: "1.0.0" },
    "node_modules/far": { version: "1.0.0" },
    "node_modules/b/node_modules/absent": { version: "1.0.0" },
  };
  expect(findMissingOptionals({ lockfileVersion: 3, packages })).toEqual([{ name: "absent", version: "1.0.0", dev: true }]);
});

test("a binary package's name tells its platform", () => {
  expect(toPlatform("@oxlint/binding-linux-arm-gnueabihf")).toEqual({ os: ["linux"], cpu: ["arm"], libc: ["glibc"] });
  expect(toPlatform("@biomejs/cli-linux-x64-musl")).toEqual({ os: ["linux"], cpu: ["x64"], libc: ["musl"] });
  expect(toPlatform("@oxlint/binding-win32-x64-msvc")).toEqual({ os: ["win32"], cpu: ["x64"] });
  expect(toPlatform("fsevents")).toBeNull();
});
