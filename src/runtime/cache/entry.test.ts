import { expect, test } from "vitest";
import type { Digest } from "../../core/ids.ts";
import { sha256 } from "../../core/sha256.ts";
import type { CacheSeal } from "../../ports/cache.ts";
import { type CacheEntry, contentsOf, keptBytes, parseEntry, toEntryText } from "./entry.ts";

const digest = (name: string): Digest => sha256(name) as Digest; // It is one.
const seal: CacheSeal = { id: "id", sign: (text) => sha256(`secret ${text}`) };
const name = { group: "a".repeat(32), key: digest("key") };
const stream = { content: digest("stdout"), bytes: 3, told: null };
const entry: CacheEntry = {
  workflow: "w",
  step: "s",
  tenant: "t",
  from: { run: "r", step: "s", attempt: 1 },
  storedAt: 1,
  expiresAt: null,
  tookMs: 2,
  costUsd: 0,
  output: { kind: "content", content: digest("output"), bytes: 5 },
  files: [{ path: "a", sha256: digest("a"), bytes: 7, isExecutable: false }],
  stdout: stream,
  stderr: null,
};

test("an entry is read as it was written, under its own name only", () => {
  const text = toEntryText(name, entry, seal);
  expect(parseEntry(name, text, seal)).toEqual(entry);
  expect(parseEntry({ ...name, key: digest("other") }, text, seal)).toBeNull();
  expect(parseEntry({ ...name, group: "b".repeat(32) }, text, seal)).toBeNull();
});

test("what is sealed but no entry is none", () => {
  const sealed = (body: string): string => `${seal.sign(`${name.group}\n${name.key}\n${body}`)}\n${body}`;
  for (const text of ["", "no line", sealed("{"), sealed("[]"), sealed("null")]) expect(parseEntry(name, text, seal)).toBeNull();
});

test("an entry needs its key's parts, its output, its files and its log", () => {
  expect(contentsOf(name, entry)).toEqual([name.key, digest("output"), digest("a"), digest("stdout")]);
  expect(keptBytes(entry)).toBe(15);
  const small: CacheEntry = { ...entry, output: { kind: "value", value: 1 }, files: [], stdout: null };
  expect([contentsOf(name, small), keptBytes(small)]).toEqual([[name.key], 0]);
});
