import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Claims, computeConflicts } from "./conflicts.ts";
import { pathsOverlap } from "./path-overlap.ts";

const locks = (...names: string[]): Claims => ({ locks: names, touches: [] });
const touches = (...paths: string[]): Claims => ({ locks: [], touches: paths });

describe("computeConflicts", () => {
  test("steps that share a lock exclude each other", () => {
    expect(computeConflicts([locks("db"), locks("web"), locks("db", "web"), locks()])).toEqual([[2], [2], [0, 1], []]);
  });

  test("steps whose paths overlap exclude each other, each pair once", () => {
    const steps = [touches("src", "src/a.ts"), touches("src/*.ts"), touches("docs/**"), touches("src/a.ts", "docs/x.md")];
    expect(computeConflicts(steps)).toEqual([[1, 3], [0, 3], [3], [0, 1, 2]]);
  });

  test("a step that names a lock or path twice does not exclude itself", () => {
    expect(computeConflicts([{ locks: ["a", "a"], touches: ["x", "x", "{x,x}"] }])).toEqual([[]]);
  });

  test("a path outside the workspace excludes all paths of other roots", () => {
    expect(computeConflicts([touches("/etc/a"), touches("src"), touches("/etc/b")])).toEqual([[1], [0, 2], [1]]);
  });

  test("finds exactly the pairs that comparing all with all finds", () => {
    const path = fc
      .array(fc.constantFrom("a", "b", "c", "*", "**", "a*"), { minLength: 1, maxLength: 3 })
      .map((segments) => segments.join("/"));
    const claims = fc.record({ locks: fc.array(fc.constantFrom("x", "y"), { maxLength: 1 }), touches: fc.array(path, { maxLength: 2 }) });
    fc.assert(
      fc.property(fc.array(claims, { maxLength: 8 }), (steps) => {
        expect(computeConflicts(steps)).toEqual(steps.map((_, index) => bruteForce(steps, index)));
      }),
    );
  });

  test("thousands of steps behind one lock are refused with advice", () => {
    const steps = Array.from({ length: 2_100 }, () => locks("one"));
    expect(() => computeConflicts(steps)).toThrow(expect.objectContaining({ code: "DEF_CONFLICTS" }));
  });

  test("thousands of paths that need a close look are refused with advice", () => {
    const steps = Array.from({ length: 1_050 }, (_, index) => touches(`**/file${index}/x`));
    expect(() => computeConflicts(steps)).toThrow(expect.objectContaining({ code: "DEF_CONFLICTS" }));
  });
});

function bruteForce(steps: readonly Claims[], index: number): number[] {
  const own = steps[index] as Claims;
  const clashes = (other: Claims): boolean =>
    other.locks.some((lock) => own.locks.includes(lock)) ||
    other.touches.some((left) => own.touches.some((right) => pathsOverlap(left, right)));
  return steps.flatMap((other, at) => (at !== index && clashes(other) ? [at] : []));
}
