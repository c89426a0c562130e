import { expect, test } from "vitest";
import { SourceCache } from "./source-cache.ts";

test("what was not asked for lately goes, what is in use stays", () => {
  const cache = new SourceCache<string>(20);
  for (const source of ["aaaa", "bbbb", "cccc", "dddd"]) {
    cache.set(source, source.toUpperCase());
    expect(cache.get("aaaa")).toBe("AAAA");
  }
  expect(cache.get("bbbb")).toBeUndefined();
  expect(cache.get("dddd")).toBe("DDDD");
  expect(cache.size).toBeLessThanOrEqual(5);
});

test("the characters of all sources stay bounded", () => {
  const cache = new SourceCache<number>(1_000);
  for (let index = 0; index < 10_000; index++) cache.set(String(index).padStart(10, "0"), index);
  expect(cache.size).toBeLessThanOrEqual(100);
  expect(cache.get("0000009999")).toBe(9_999);
});

test("a source longer than a generation is not kept", () => {
  const cache = new SourceCache<number>(10);
  cache.set("123456", 1);
  expect(cache.get("123456")).toBeUndefined();
});
