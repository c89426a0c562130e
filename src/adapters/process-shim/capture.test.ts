import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
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
