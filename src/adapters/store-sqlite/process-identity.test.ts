import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { isSqliteTooOld } from "./connection.ts";
import { isAlive, isSameProcess, readOwnIdentity } from "./process-identity.ts";

describe("a process", () => {
  test("is alive while its number, start time and boot all agree", () => {
    const self = readOwnIdentity();
    expect(isAlive(self)).toBe(true);
    expect(isSameProcess(self, readOwnIdentity())).toBe(true);
    expect(isAlive({ ...self, processStart: "1" })).toBe(false);
    expect(isAlive({ ...self, bootId: "another boot" })).toBe(false);
  });

  test("that ended is not alive", async () => {
    const child = spawn("true");
    await once(child, "exit");
    expect(isAlive({ ...readOwnIdentity(), pid: child.pid ?? 0 })).toBe(false);
  });
});

test("SQLite before 3.51.3 is too old", () => {
  expect(["3.51.2", "3.9.9", "2.99.99", ""].map(isSqliteTooOld)).toEqual([true, true, true, true]);
  expect(["3.51.3", "3.53.0", "4.0"].map(isSqliteTooOld)).toEqual([false, false, false]);
});
