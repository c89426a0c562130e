import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeRequest, makeStep } from "../../../test/support/attempts.ts";
import { bytesOf, contentOf } from "../../ports/cache-content.ts";
import { createCaptures } from "./captures.ts";

const base = mkdtempSync(join(tmpdir(), "troupe-captures-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const captures = createCaptures(base);
const request = makeRequest(makeStep("shell", {}));
const place = (attempt: string): string => `${request.runId}/it/${attempt}`;
const said = contentOf(Buffer.from("said"));

test("a log is put where that of the attempt is, and read from there", async () => {
  expect(await captures.replay(request, { stdout: said, stderr: null })).toBe(place("1"));
  const { stdout, stderr } = captures.read({ directory: place("1") });
  expect([stdout && Buffer.from(await bytesOf(stdout)).toString(), stderr]).toEqual(["said", null]);
});

test("an attempt that was dispatched again has its log with the last dispatch", async () => {
  mkdirSync(join(base, place("1.2")), { recursive: true });
  mkdirSync(join(base, place("10")), { recursive: true });
  expect(await captures.replay(request, { stdout: said, stderr: said })).toBe(place("1.2"));
  expect(readFileSync(join(base, place("1.2"), "stderr"), "utf8")).toBe("said");
});

test("nothing is read from elsewhere, through links, or from what is no file (S-15)", () => {
  writeFileSync(join(base, "secret"), "secret");
  mkdirSync(join(base, place("3")), { recursive: true });
  symlinkSync(join(base, "secret"), join(base, place("3"), "stdout"));
  mkdirSync(join(base, place("3"), "stderr"));
  for (const directory of [place("3"), "../x", `${request.runId}/../../x/1`, `${request.runId}/it/1/..`, 7, undefined])
    expect(captures.read(directory === undefined ? undefined : { directory }), String(directory)).toEqual({ stdout: null, stderr: null });
});

test("a log that cannot be put back is no reason to fail", async () => {
  rmSync(join(base, request.runId), { recursive: true });
  writeFileSync(join(base, request.runId), "");
  expect(await captures.replay(request, { stdout: said, stderr: null })).toBeNull();
});
