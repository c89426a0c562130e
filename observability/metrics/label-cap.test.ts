import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLabelCap, OTHER, toLabel } from "./label-cap.ts";

describe("a label cap", () => {
  test("the first names keep labels of their own, all later ones share one", () => {
    const label = createLabelCap(2);
    expect(["build", "test", "deploy", "build", "release", "test"].map(label)).toEqual(["build", "test", OTHER, "build", OTHER, "test"]);
  });

  test("names that come out as one label take one place", () => {
    const label = createLabelCap(2);
    expect(["a\u0000", "a\u0001", "b", "c"].map(label)).toEqual(["a\u{FFFD}", "a\u{FFFD}", "b", OTHER]);
  });

  test("however many names come, there are no more labels than the cap and one", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary", maxLength: 200 }), { maxLength: 300 }),
        fc.integer({ min: 1, max: 20 }),
        (names, max) => {
          const label = createLabelCap(max);
          const first = names.map(label);
          expect(new Set(first).size).toBeLessThanOrEqual(max + 1);
          expect(names.map(label)).toEqual(first);
        },
      ),
    );
  });
});

test("a label has no control character, no broken surrogate, and an end", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (name) => {
      const label = toLabel(name);
      expect(label).not.toMatch(/\p{Cc}|\p{Cs}/u);
      expect(label.length).toBeLessThanOrEqual(81);
    }),
  );
  expect(toLabel("plain name")).toBe("plain name");
  expect(toLabel("\ud800")).toBe("\u{FFFD}");
});
