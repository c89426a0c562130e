import { describe, expect, test } from "vitest";
import { openTokenCounter } from "./token-counter.ts";

const counter = await openTokenCounter();

describe("tokens", () => {
  test("are those of the named encoding", () => {
    expect(counter.encoding).toBe("o200k_base");
    expect(counter.count("hello world")).toBe(2);
    expect(counter.count("")).toBe(0);
  });

  test("that a text only spells are counted as text", () => {
    expect(counter.count("<|endoftext|>")).toBe(7);
  });

  test("of one run without a break take no time to speak of, and are not counted too low", () => {
    const startedAt = performance.now();
    expect(counter.count("a".repeat(200_000))).toBeGreaterThanOrEqual(25_000);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
