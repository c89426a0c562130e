import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findInherited, findInterpreter } from "./interpreter.ts";

const folder = mkdtempSync(join(tmpdir(), "troupe-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function withBash(make: (path: string) => void): string {
  const directory = mkdtempSync(join(folder, "path-"));
  make(join(directory, "bash"));
  return directory;
}

test("scripts run under bash where it is on the PATH, and under sh elsewhere", () => {
  const bash = withBash((path) => writeFileSync(path, "", { mode: 0o755 }));
  expect(findInterpreter(`/nowhere:${bash}`)).toEqual(["bash", "-euo", "pipefail"]);
  expect(findInterpreter("/nowhere::")).toEqual(["sh", "-eu"]);
  expect(findInterpreter(undefined)).toEqual(["sh", "-eu"]);
});

test("what bears its name and cannot be executed is none", () => {
  const directory = withBash((path) => mkdirSync(path));
  const text = withBash((path) => writeFileSync(path, "", { mode: 0o644 }));
  expect(findInterpreter(`${directory}:${text}`)).toEqual(["sh", "-eu"]);
});

test("commands inherit what is listed, and nothing else (S-13)", () => {
  expect(findInherited({ PATH: "/bin", HOME: "/root", AWS_SECRET_ACCESS_KEY: "x", LANG: undefined })).toEqual({
    PATH: "/bin",
    HOME: "/root",
  });
});
