import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { settleOutputFile } from "./output-file.ts";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "troupe-output-"));
  path = join(directory, "output.json");
});
afterEach(() => rmSync(directory, { recursive: true }));

test("secrets are taken out of what a child wrote as its output (S-38)", () => {
  writeFileSync(path, '{"token":"s3cret"}');
  expect(settleOutputFile(directory, ["s3cret"])).toBe(15);
  expect(readFileSync(path, "utf8")).toBe('{"token":"***"}');
});

test("a file without secrets stays as it is, to the byte", () => {
  const content = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);
  writeFileSync(path, content);
  expect([settleOutputFile(directory, []), settleOutputFile(directory, ["s3cret"])]).toEqual([4, 4]);
  expect(readFileSync(path)).toEqual(content);
});

test("what is no plain file is told as that, and nothing is written through it", () => {
  expect(settleOutputFile(directory, ["s3cret"])).toBeNull();
  const target = join(directory, "target");
  writeFileSync(target, "s3cret");
  symlinkSync(target, path);
  expect(settleOutputFile(directory, ["s3cret"])).toBe(-1);
  expect(readFileSync(target, "utf8")).toBe("s3cret");
  rmSync(path);
  mkdirSync(path);
  expect(settleOutputFile(directory, ["s3cret"])).toBe(-1);
});

test("what is too large to be looked through is removed, and its size told", () => {
  writeFileSync(path, Buffer.alloc(17 * 1024 * 1024));
  expect(settleOutputFile(directory, ["s3cret"])).toBe(17 * 1024 * 1024);
  expect(existsSync(path)).toBe(false);
});
