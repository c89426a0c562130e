import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { openCapture } from "./capture.ts";

const directory = mkdtempSync(join(tmpdir(), "troupe-capture-"));
afterAll(() => rmSync(directory, { recursive: true }));
let files = 0;

test("a silent stream makes no file", () => {
  const path = join(directory, "silent");
  const capture = openCapture(path, 100, []);
  expect(capture.finish()).toEqual({ bytes: 0, sha256: createHash("sha256").digest("hex"), headBytes: 0, tailBytes: 0, truncated: false });
  expect(existsSync(path)).toBe(false);
});

test("any stream in any chunks keeps its head, its tail, its size and its digest (I-34)", () => {
  const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 90 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(chunks, fc.integer({ min: 2, max: 120 }), (parts, maxBytes) => {
      const path = join(directory, String(files++));
      const capture = openCapture(path, maxBytes, []);
      for (const part of parts) capture.write(Buffer.from(part));
      const { bytes, sha256, headBytes, tailBytes, truncated } = capture.finish();
      const all = Buffer.concat(parts);
      const kept = readFileSync(path);
      expect([bytes, sha256, truncated]).toEqual([all.length, createHash("sha256").update(all).digest("hex"), all.length > maxBytes]);
      expect(kept.length).toBe(Math.min(all.length, maxBytes));
      expect(headBytes + tailBytes).toBe(kept.length);
      expect(kept.subarray(0, headBytes)).toEqual(all.subarray(0, headBytes));
      if (tailBytes > 0) expect(kept.subarray(headBytes)).toEqual(all.subarray(-tailBytes));
    }),
  );
});

test("a secret at the cut is masked before anything is cut", () => {
  const path = join(directory, "masked");
  const capture = openCapture(path, 20, ["hunter2"]);
  for (const char of `${"a".repeat(8)}hunter2${"b".repeat(40)}hunter2`) capture.write(Buffer.from(char));
  expect(capture.finish()).toMatchObject({ truncated: true, bytes: 62 });
  expect(readFileSync(path, "utf8")).toBe("aaaaaaaa**bbbbbbb***");
});

test("a file that cannot be written costs the log, never the attempt", () => {
  const capture = openCapture(join(directory, "missing", "file"), 20, []);
  capture.write(Buffer.from("abc"));
  expect(capture.finish()).toMatchObject({ bytes: 3, headBytes: 0, tailBytes: 0, truncated: true });
});

describe("while descriptors are short", () => {
  /** Opens the file at the try with this number. */
  const openAt = (success: number) => {
    let tries = 0;
    return (path: string): number => {
      tries += 1;
      if (tries < success) throw Object.assign(new Error("too many open files"), { code: "EMFILE" });
      return openSync(path, "wx+", 0o600);
    };
  };
  const captured = (maxBytes: number, success: number, parts: readonly string[]) => {
    const path = join(directory, `short${files++}`);
    const capture = openCapture(path, maxBytes, [], openAt(success));
    for (const part of parts) capture.write(Buffer.from(part));
    const { headBytes, tailBytes, truncated } = capture.finish();
    return { text: existsSync(path) ? readFileSync(path, "utf8") : null, headBytes, tailBytes, truncated };
  };

  test("output waits in memory, and nothing of it is missing when there is a file", () => {
    expect(captured(100, 3, ["one ", "two ", "three"])).toEqual({ text: "one two three", headBytes: 13, tailBytes: 0, truncated: false });
  });

  test("it waits for the child's end at the longest", () => {
    expect(captured(100, 4, ["one ", "two ", "three"])).toMatchObject({ text: "one two three", truncated: false });
    expect(captured(4, 5, ["ab", "cd", "ef", "gh"])).toEqual({ text: "abgh", headBytes: 2, tailBytes: 2, truncated: true });
  });

  test("what cannot be held keeps its beginning (I-34)", () => {
    const many = Array.from({ length: 5 }, () => "x".repeat(64 * 1024));
    expect(captured(1024 * 1024, 6, many)).toMatchObject({ headBytes: 256 * 1024, tailBytes: 0, truncated: true });
  });

  test("a shortage without end costs the log, never the attempt", () => {
    expect(captured(100, 99, ["one"])).toEqual({ text: null, headBytes: 0, tailBytes: 0, truncated: true });
  });
});
