import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ContextCandidate, selectContext } from "./context-budget.ts";

const file = (path: string, tokens: number, priority = 3, isKept = false): ContextCandidate => ({ path, tokens, priority, isKept });
const paths = (files: readonly { readonly path: string }[]): string[] => files.map(({ path }) => path);

describe("a budget of tokens", () => {
  test("goes to the most important files first, then to the smaller ones", () => {
    const { included, pruned, tokens } = selectContext(
      [file("low", 1, 5), file("big", 60, 1), file("small", 30, 1), file("mid", 20, 2)],
      100,
    );
    expect(paths(included)).toEqual(["small", "big", "low"]);
    expect(tokens).toBe(91);
    expect(pruned).toEqual([{ path: "mid", why: "It has 20 tokens, and what is more important than priority 2 left 10." }]);
  });

  test("that is null takes everything", () => {
    expect(selectContext([file("a", 1_000_000)], null).pruned).toEqual([]);
  });

  test("goes to what is kept before anything else, and tells what of it does not fit", () => {
    const { included, missing } = selectContext([file("kept", 50, 5, true), file("kept-too", 60, 5, true), file("a", 40, 1)], 100);
    expect(paths(included)).toEqual(["kept", "a"]);
    expect(paths(missing)).toEqual(["kept-too"]);
  });
});

const candidates = fc.uniqueArray(
  fc.record({
    path: fc.string({ minLength: 1, maxLength: 6 }),
    tokens: fc.nat(50),
    priority: fc.integer({ min: 1, max: 5 }),
    isKept: fc.constant(false),
  }),
  { selector: ({ path }) => path, maxLength: 20 },
);

describe("whatever the files are", () => {
  test("the chosen ones fit the budget (B1), and every file is either in or pruned with a reason", () => {
    fc.assert(
      fc.property(candidates, fc.nat(300), (all, budget) => {
        const { included, pruned, tokens } = selectContext(all, budget);
        expect(tokens).toBe(included.reduce((sum, one) => sum + one.tokens, 0));
        expect(tokens).toBeLessThanOrEqual(budget);
        expect([...paths(included), ...paths(pruned)].toSorted()).toEqual(paths(all).toSorted());
      }),
    );
  });

  test("no file is left out for a less important one that is as large (B2)", () => {
    fc.assert(
      fc.property(candidates, fc.nat(300), (all, budget) => {
        const { included, pruned } = selectContext(all, budget);
        const byPath = new Map(all.map((one) => [one.path, one]));
        for (const { path } of pruned) {
          const out = byPath.get(path) as ContextCandidate; // pruned files are among the candidates
          for (const kept of included) expect(kept.priority > out.priority && kept.tokens >= out.tokens).toBe(false);
        }
      }),
    );
  });

  test("their order does not matter (B3)", () => {
    fc.assert(
      fc.property(candidates, fc.nat(300), (all, budget) => {
        expect(selectContext(all.toReversed(), budget)).toEqual(selectContext(all, budget));
      }),
    );
  });
});
