import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { breakStale, lockIndex } from "./index-lock.ts";

function makeDirectory(): { readonly directory: string; readonly lock: string } {
  const directory = mkdtempSync(join(tmpdir(), "troupe-lock-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return { directory, lock: join(directory, "index.lock") };
}

describe("a lock on an index", () => {
  test("is one at a time, and gone afterwards", async () => {
    const { directory, lock } = makeDirectory();
    const held = await lockIndex(directory, 10);
    await expect(lockIndex(directory, 10)).rejects.toMatchObject({ code: "GIT_LOCKED" });
    await held[Symbol.asyncDispose]();
    expect(existsSync(lock)).toBe(false);
  });

  test("of a process of ours that is dead is broken, as is one of a number that went to another process", async () => {
    const { directory, lock } = makeDirectory();
    for (const holder of ["4194305 77", `${process.pid} 1`, "4194305 -"]) {
      writeFileSync(lock, `troupe ${holder} some-token\n`);
      await using held = await lockIndex(directory, 10);
      expect(held).toBeDefined();
    }
  });

  test.each(["", "DIRC", "troupe", "troupe x y z\n"])("that says %j is somebody else's and stays", async (text) => {
    const { directory, lock } = makeDirectory();
    writeFileSync(lock, text);
    expect(await breakStale(lock)).toBe(false);
    await expect(lockIndex(directory, 10)).rejects.toMatchObject({ code: "GIT_LOCKED", class: "transient" });
    expect(readFileSync(lock, "utf8")).toBe(text);
  });

  test("that was taken from us is not given up a second time", async () => {
    const { directory, lock } = makeDirectory();
    const held = await lockIndex(directory, 10);
    writeFileSync(lock, "another one's");
    await held[Symbol.asyncDispose]();
    expect(existsSync(lock)).toBe(true);
  });
});
