/** What every place for the step cache promises. */
import { createHash } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import type { Digest } from "../../src/core/ids.ts";
import type { CacheStore, EntryName, ListedEntry } from "../../src/ports/cache.ts";
import { bytesOf, contentOf } from "../../src/ports/cache-content.ts";

const digestOf = (bytes: Uint8Array): Digest => createHash("sha256").update(bytes).digest("hex") as Digest;
let names = 0;

/** A name that no other test has. */
function freshName(group = "a".repeat(32)): EntryName {
  names += 1;
  return { group, key: digestOf(Buffer.from(`${process.pid}.${names}`)) };
}

async function listed(store: CacheStore, group?: string): Promise<readonly ListedEntry[]> {
  const all: ListedEntry[] = [];
  for await (const entry of store.entries(group)) all.push(entry);
  return all;
}

/** `open` opens the same place again. */
export function cacheStoreSuite(open: () => Promise<CacheStore>): void {
  async function opened(): Promise<CacheStore> {
    const store = await open();
    onTestFinished(() => store[Symbol.asyncDispose]());
    return store;
  }

  test("an entry is there for whoever opens the same place, and gone when it is removed", async () => {
    const [store, other] = [await opened(), await opened()];
    const name = freshName();
    expect([await store.entry(name), await store.peek(name), await store.removeEntry(name)]).toEqual([null, null, false]);
    await store.putEntry(name, "é\n{}", null);
    expect([await other.entry(name), await other.peek(name)]).toEqual(["é\n{}", "é\n{}"]);
    expect(await other.removeEntry(name)).toBe(true);
    expect(await store.entry(name)).toBeNull();
  });

  test("the last of many writers wins, and nobody sees a mixture", async () => {
    const stores = [await opened(), await opened()];
    const name = freshName();
    const texts = ["a", "b", "c", "d", "e", "f"].map((char) => char.repeat(50_000));
    await Promise.all(texts.map((text, index) => stores[index % 2]?.putEntry(name, text, null)));
    expect(texts).toContain(await stores[0]?.entry(name));
    await stores[1]?.putEntry(name, "last", null);
    expect(await stores[0]?.entry(name)).toBe("last");
  });

  test("entries are listed by group", async () => {
    const store = await opened();
    const [one, two] = [freshName("b".repeat(32)), freshName("c".repeat(32))];
    await store.putEntry(one, "12345", null);
    await store.putEntry(two, "1", null);
    expect(await listed(store, one.group)).toEqual([{ ...one, bytes: 5, usedAt: expect.closeTo(Date.now(), -5) }]);
    expect((await listed(store)).map(({ key }) => key)).toEqual(expect.arrayContaining([one.key, two.key]));
    expect(await listed(store, "d".repeat(32))).toEqual([]);
  });

  test("content is given back byte by byte, any number of times", async () => {
    const store = await opened();
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));
    const digest = digestOf(bytes);
    expect(await store.content(digest)).toBeNull();
    await store.putContent(digest, contentOf(bytes), null);
    await store.putContent(digest, contentOf(bytes), Date.now() + 60_000);
    const content = await store.content(digest);
    expect(content?.bytes).toBe(bytes.length);
    for (let time = 0; time < 2; time++) expect(content && Buffer.compare(Buffer.from(await bytesOf(content)), bytes)).toBe(0);
    await store.removeContent(digest);
    await store.removeContent(digest);
    expect(await store.content(digest)).toBeNull();
  });

  test("content of no bytes is content", async () => {
    const store = await opened();
    const bytes = new Uint8Array();
    await store.putContent(digestOf(bytes), contentOf(bytes), null);
    expect((await store.content(digestOf(bytes)))?.bytes).toBe(0);
  });

  test("content that is not what its digest says is refused and leaves nothing", async () => {
    const store = await opened();
    const digest = digestOf(Buffer.from(`never ${process.pid}`));
    await expect(store.putContent(digest, contentOf(Buffer.from("something else")), null)).rejects.toThrow("changed while");
    expect(await store.content(digest)).toBeNull();
  });
}
