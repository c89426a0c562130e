import type { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { runChecks } from "./checks.ts";
import { quickCheck } from "./connection.ts";
import { toStoreError } from "./failure.ts";

/** As `node:sqlite` throws it. */
function failure(message: string, errcode: number): Error {
  return Object.assign(new Error(message), { code: "ERR_SQLITE_ERROR", errcode });
}

/** A database whose every statement fails. */
function failing(error: Error): DatabaseSync {
  const prepare = (): never => {
    throw error;
  };
  return { prepare } as unknown as DatabaseSync; // All of it that a check uses.
}

const EIO = failure("disk I/O error", 10 | (1 << 8));
const DAMAGE = failure("database disk image is malformed", 11);
const NO_DATABASE = failure("file is not a database", 26);
const LOCKED = failure("database is locked", 5);

describe("a disk that gives an error", () => {
  test("is no damaged file: it is said what to look at before a backup takes its place", () => {
    const error = toStoreError(EIO);
    expect(error).toMatchObject({ code: "STORE_UNUSABLE", message: expect.stringContaining("disk I/O error") });
    expect(error.fix).toMatch(/^Look at the disk first: `dmesg`.*`df`.*start again.*backup/);
  });

  test.each([
    ["an error of the disk", EIO],
    ["a lock", LOCKED],
  ])("%s is not taken for damage by the check", (_, error) => {
    expect(() => quickCheck(failing(error))).toThrow(error);
  });

  test.each([
    ["pages that are broken", DAMAGE],
    ["a file of another kind", NO_DATABASE],
  ])("%s are", (_, error) => {
    expect(quickCheck(failing(error))).toEqual([error.message]);
  });

  test("the doctor says the same", () => {
    const integrityOf = (error: Error) =>
      runChecks({ reader: failing(error), file: null, directory: "", durability: "full" }).find(({ name }) => name === "integrity");
    expect(integrityOf(EIO)).toMatchObject({ ok: false, detail: "disk I/O error", fix: expect.stringMatching(/^Look at the disk first/) });
    expect(integrityOf(LOCKED)).toMatchObject({
      ok: false,
      detail: "database is locked",
      fix: expect.stringContaining("the process that holds `troupe.db`"),
    });
    expect(integrityOf(DAMAGE)).toMatchObject({ ok: false, fix: expect.stringMatching(/restore a backup/) });
  });
});
