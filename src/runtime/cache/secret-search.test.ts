import { expect, test } from "vitest";
import type { CacheContent } from "../../ports/cache.ts";
import { contentHoldsSecret, holdsSecret } from "./secret-search.ts";

test("a secret is found across two chunks, and none is looked for where there is none", async () => {
  const chunks = (...parts: readonly string[]): CacheContent => ({
    bytes: parts.join("").length,
    async *open() {
      for (const part of parts) yield new TextEncoder().encode(part);
    },
  });
  const found = async (content: CacheContent, ...masks: readonly string[]): Promise<boolean> => await contentHoldsSecret(content, masks);
  expect(await found(chunks("a hun", "te", "r2 b"), "hunter2")).toBe(true);
  expect(await found(chunks("a hun", "xx", "r2 b"), "hunter2")).toBe(false);
  expect(await found(chunks("ab", "c"), "x")).toBe(false);
  expect(await found(chunks("\u00e9", "\u00ff"), "\u00ff")).toBe(true);
  expect(await found(chunks("anything"), "")).toBe(false);
});

test("a text that holds no secret, or only an empty one, may be kept", () => {
  expect([holdsSecret("a", []), holdsSecret("a", [""]), holdsSecret("ab", ["b"])]).toEqual([false, false, true]);
});
