import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { createFileDigests, type FileDigest, type FileDigests } from "../adapters/workspace-fs/file-digests.ts";
import { createProgramContents } from "./program-contents.ts";

const folder = mkdtempSync(join(tmpdir(), "troupe-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const [first, second] = ["first", "second"].map((name) => join(folder, name)) as [string, string]; // two names
mkdirSync(join(first, "tool"), { recursive: true });
mkdirSync(second);
writeFileSync(join(second, "tool"), "version 1");

/** Files that are old enough to be believed: a look at them is enough. */
function open() {
  const digests = createFileDigests(() => Date.now() + 10_000);
  return { digests, programs: createProgramContents(digests, `${first}:${second}`) };
}

test("a program that many steps ask for at once is read once", async () => {
  const { digests, programs } = open();
  const contents = await Promise.all(Array.from({ length: 50 }, () => programs.ofProgram("tool", folder)));
  expect(new Set(contents).size).toBe(1);
  expect(contents[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(digests.read).toBe(1);
});

test("who asks while a program is read is told what it is then, not what it was", async () => {
  const readings = ["old", "new"].map((sha256) => ({ ...Promise.withResolvers<void>(), digest: { sha256, bytes: 1, isExecutable: true } }));
  let begun = 0;
  const of: FileDigests["of"] = async () => {
    const reading = readings[begun++];
    await reading?.promise;
    return (reading?.digest ?? null) as FileDigest | null; // Any text is a digest here.
  };
  const programs = createProgramContents({ of, read: 0 }, "");
  const first = programs.ofFile(join(second, "tool"));
  await eventually(() => expect(begun).toBe(1));
  const later = programs.ofFile(join(second, "tool"));
  for (const { resolve } of readings) resolve();
  expect([await first, await later]).toEqual(["old", "new"]);
});

test("one that changed since is read again", async () => {
  const { programs } = open();
  const before = await programs.ofProgram("tool", folder);
  writeFileSync(join(second, "tool"), "version 2");
  expect(await programs.ofProgram("tool", folder)).not.toBe(before);
});

test("a name is looked for in the PATH, a path from the directory, and a link counts as what it leads to", async () => {
  const { programs } = open();
  symlinkSync(join(second, "tool"), join(folder, "link"));
  const content = await programs.ofProgram("tool", folder);
  expect(await programs.ofProgram("second/tool", folder)).toBe(content);
  expect(await programs.ofProgram("./link", folder)).toBe(content);
  expect(await programs.ofFile(join(folder, "link"))).toBe(content);
});

test("what is missing, or no file, has no content", async () => {
  const { programs } = open();
  expect(await programs.ofProgram("no-such-tool", folder)).toBeNull();
  expect(await programs.ofProgram("", folder)).toBeNull();
  expect(await programs.ofFile(first)).toBeNull();
});

test("a huge one is told by its size and time", async () => {
  const { digests, programs } = open();
  const file = join(folder, "huge");
  writeFileSync(file, "");
  truncateSync(file, 17 * 1024 ** 2);
  expect(await programs.ofFile(file)).toMatch(/^17825792 bytes of \d{4}-/);
  expect(digests.read).toBe(0);
});
