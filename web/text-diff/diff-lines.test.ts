import fc from "fast-check";
import { expect, test } from "vitest";
import { type DiffLine, diffLines, foldSame } from "./diff-lines.ts";

const draw = (lines: readonly DiffLine[]) => lines.map(({ kind, text }) => ({ same: " ", added: "+", removed: "-" })[kind] + text);

test("a line that was changed is one removed and one added, with the numbers of both sides", () => {
  const lines = diffLines("a\nb\nc", "a\nB\nc\nd");
  expect(draw(lines)).toEqual([" a", "-b", "+B", " c", "+d"]);
  expect(lines.map(({ left, right }) => [left, right])).toEqual([
    [1, 1],
    [2, null],
    [null, 2],
    [3, 3],
    [null, 4],
  ]);
});

test("two texts are what their difference says, and it is no longer than it has to be", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 12 }).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(text, text, (left, right) => {
      const lines = diffLines(left, right);
      const side = (other: DiffLine["kind"]) =>
        lines
          .filter(({ kind }) => kind !== other)
          .map((line) => line.text)
          .join("\n");
      expect(side("added")).toBe(left);
      expect(side("removed")).toBe(right);
      expect(lines.filter(({ kind }) => kind === "same").length).toBe(longestCommon(left.split("\n"), right.split("\n")));
    }),
  );
});

/** By the table that every textbook has. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const one of a) {
    const next = [0];
    for (const [index, other] of b.entries())
      next.push(one === other ? (row[index] ?? 0) + 1 : Math.max(row[index + 1] ?? 0, next[index] ?? 0));
    row = next;
  }
  return row.at(-1) ?? 0;
}

test("texts of ten thousand lines that have nothing in common are told as replaced, and soon", () => {
  const many = (word: string) => Array.from({ length: 10_000 }, (_, index) => `${word}${index}`).join("\n");
  expect(diffLines(many("a"), many("b"))).toHaveLength(20_000);
});

test("what did not change is left out, but for what stands around a change", () => {
  const left = Array.from({ length: 20 }, (_, index) => String(index)).join("\n");
  const parts = foldSame(diffLines(left, left.replace("\n10\n", "\nten\n")), 2);
  expect(parts.map((part) => (part.kind === "gap" ? part.count : draw(part.lines)))).toEqual([
    8,
    [" 8", " 9", "-10", "+ten", " 11", " 12"],
    7,
  ]);
  expect(foldSame(diffLines("a", "a"), 2)).toEqual([{ kind: "lines", lines: [{ kind: "same", text: "a", left: 1, right: 1 }] }]);
});
