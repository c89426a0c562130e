import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { cacheStoreSuite } from "../../../test/conformance/cache-store.suite.ts";
import type { Digest } from "../../core/ids.ts";
import { digestContent } from "../../main/step-cache.ts";
import type { CacheStore } from "../../ports/cache.ts";
import { contentOf } from "../../ports/cache-content.ts";
import { openSeal, sealWith } from "./seal.ts";
import { createFileCache } from "./store.ts";

const base = mkdtempSync(join(tmpdir(), "troupe-cache-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe("a cache on disk", () => {
  const directory = join(base, "suite");
  cacheStoreSuite(() => Promise.resolve(createFileCache({ directory, maxBytes: 1e9, referenced: () => [] })));
});

/** Entries whose text is the digest of the content that they need. */
function place(name: string, maxBytes: number): { readonly directory: string; readonly store: CacheStore } {
  const directory = join(base, name);
  const store = createFileCache({ directory, maxBytes, referenced: (_, text) => [text as Digest] });
  onTestFinished(() => store[Symbol.asyncDispose]());
  return { directory, store };
}

const group = "a".repeat(32);
const keyOf = (index: number): Digest => digestContent(`key ${index}`);

async function fill(store: CacheStore, directory: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const bytes = Buffer.alloc(10_000, index);
    await store.putContent(digestContent(bytes), contentOf(bytes), null);
    await store.putEntry({ group, key: keyOf(index) }, digestContent(bytes), null);
    utimesSync(join(directory, "v1/entries/aa", group, keyOf(index)), 1_000 + index, 1_000 + index);
  }
}

function bytesIn(directory: string): number {
  const names = readdirSync(join(directory, "v1"), { recursive: true, encoding: "utf8" }).map((name) =>
    statSync(join(directory, "v1", name)),
  );
  return names.filter((entry) => entry.isFile()).reduce((sum, { size }) => sum + size, 0);
}

describe("room", () => {
  test("is made by what was used longest ago, with its content", async () => {
    const { directory, store } = place("lru", 1e9);
    await fill(store, directory, 10);
    await store.entry({ group, key: keyOf(0) });
    expect(await store.prune?.({ maxBytes: 60_000, unusedSince: null })).toMatchObject({ entries: 5, contents: 5 });
    const left = await Promise.all(Array.from({ length: 10 }, (_, index) => store.peek({ group, key: keyOf(index) })));
    expect(left.map((text) => text !== null)).toEqual([true, false, false, false, false, false, true, true, true, true]);
    expect(bytesIn(directory)).toBeLessThanOrEqual(60_000);
  });

  test("is kept without anybody asking", async () => {
    const { directory, store } = place("bound", 50_000);
    await fill(store, directory, 12);
    await store[Symbol.asyncDispose]();
    expect(bytesIn(directory)).toBeLessThanOrEqual(70_000);
  });

  test("content that another entry needs stays", async () => {
    const { directory, store } = place("shared", 1e9);
    await fill(store, directory, 2);
    const shared = digestContent(Buffer.alloc(10_000, 1));
    await store.putEntry({ group, key: keyOf(7) }, shared, null);
    utimesSync(join(directory, "v1/entries/aa", group, keyOf(7)), 5_000, 5_000);
    await store.prune?.({ maxBytes: null, unusedSince: 4_000_000 });
    expect(await store.content(shared)).not.toBeNull();
    expect(await store.content(digestContent(Buffer.alloc(10_000, 0)))).toBeNull();
  });

  test("content without an entry goes when it has had its time, and so do leftovers of writers that died", async () => {
    const { directory, store } = place("orphans", 1e9);
    const [young, old] = [Buffer.from("young"), Buffer.from("old")];
    for (const bytes of [young, old]) await store.putContent(digestContent(bytes), contentOf(bytes), null);
    utimesSync(join(directory, "v1/contents", digestContent(old).slice(0, 2), digestContent(old)), 1_000, 1_000);
    const leftover = join(directory, "v1/tmp/x.tmp");
    writeFileSync(leftover, "");
    utimesSync(leftover, 1_000, 1_000);
    expect(await store.prune?.({ maxBytes: null, unusedSince: null })).toMatchObject({ entries: 0, contents: 1 });
    expect([await store.content(digestContent(old)), (await store.content(digestContent(young)))?.bytes]).toEqual([null, 5]);
    expect(readdirSync(join(directory, "v1/tmp"))).toEqual([]);
  });
});

describe("a seal", () => {
  test("of a directory is the same for all who open it at once, and readable by nobody else", async () => {
    const directory = join(base, "seal");
    const seals = await Promise.all(Array.from({ length: 8 }, () => openSeal(directory)));
    expect(new Set(seals.map(({ id }) => id)).size).toBe(1);
    expect(statSync(join(directory, "secret")).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(["secret"]);
  });

  test("that a power cut spoilt is made anew", async () => {
    const directory = join(base, "spoilt");
    const { id } = await openSeal(directory);
    writeFileSync(join(directory, "secret"), "");
    const fresh = await openSeal(directory);
    expect(fresh.id).not.toBe(id);
    expect((await openSeal(directory)).sign("x")).toBe(fresh.sign("x"));
  });

  test("tells nothing of its secret, and another secret signs otherwise", () => {
    const [one, other] = [sealWith("secret one"), sealWith("secret two")];
    expect(one.sign("x")).not.toBe(other.sign("x"));
    expect(JSON.stringify(one)).not.toContain("secret");
  });
});
