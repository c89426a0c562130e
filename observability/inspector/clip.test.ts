import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/core/json.ts";
import { clip, clippedText } from "./clip.ts";

describe("clipping", () => {
  test("leaves small values as they are", () => {
    const value = { text: "short", list: [1, null, true], inner: { deep: "yes" } };
    expect(clip(value)).toEqual(value);
  });

  test("says how much of a long text, list or map is missing", () => {
    expect(clip("a".repeat(2_005))).toBe(`${"a".repeat(2_000)}… (5 more)`);
    expect((clip(Array.from({ length: 53 }, (_, index) => index)) as Json[]).at(-1)).toBe("… (3 more)");
    expect(clip(Object.fromEntries(Array.from({ length: 52 }, (_, index) => [`k${index}`, index])))).toMatchObject({ "…": "2 more" });
  });

  test("does not cut a character in half", () => {
    expect(clip(`${"a".repeat(1_999)}😀😀`)).toBe(`${"a".repeat(1_999)}… (3 more)`);
  });

  test("gives up below a depth that nobody reads", () => {
    let deep: Json = ["bottom"];
    for (let level = 0; level < 20; level++) deep = [deep];
    expect(clippedText(deep)).toContain("[1 items]");
    expect(clippedText(deep)).not.toContain("bottom");
  });

  test("bounds every value", () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 12 }), (value) => clippedText(value as Json).length <= 32_100));
    const huge = Array.from({ length: 60 }, () => "x".repeat(3_000));
    expect(clippedText(huge).length).toBeLessThan(32_100);
  });

  test("keeps a member called __proto__ a member", () => {
    expect(clippedText(JSON.parse('{"__proto__": {"polluted": true}}'))).toContain("__proto__");
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
