import fc from "fast-check";
import { expect, test } from "vitest";
import { LINE_MAX, LINES_MAX, LogLines } from "./log-lines.ts";

const linesOf = (log: LogLines) =>
  Array.from({ length: log.count }, (_, index) =>
    log
      .line(index)
      .map(({ text }) => text)
      .join(""),
  );

test("however a log is cut into parts, its lines are the same", () => {
  const text = "one\n\n\u001b[31mthree\nfour\u001b[0m\nfive";
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 6 }), (cuts) => {
      const log = new LogLines();
      const at = [0, ...cuts.toSorted((one, other) => one - other), text.length];
      for (const [index, from] of at.slice(0, -1).entries()) log.add(text.slice(from, at[index + 1]));
      expect(linesOf(log)).toEqual(["one", "", "three", "four", "five"]);
      expect(log.line(3)[0]?.style.colour).toBe(1);
      expect(log.line(4)[0]?.style.colour).toBeNull();
    }),
  );
});

test("an end of line at the end begins no line", () => {
  const log = new LogLines();
  log.add("one\n");
  expect(linesOf(log)).toEqual(["one"]);
  log.add("two\n");
  expect(linesOf(log)).toEqual(["one", "two"]);
});

test("a line without an end is shown as far as one can read it", () => {
  const log = new LogLines();
  log.add("x".repeat(LINE_MAX + 7));
  expect(linesOf(log)[0]).toMatch(/^x{5000} … and 7 more letters$/);
});

test("a log of half a million lines keeps the last of them, and their numbers", () => {
  const log = new LogLines();
  for (let part = 0; part < 50; part++) log.add(Array.from({ length: 10_000 }, (_, index) => `line ${part * 10_000 + index}\n`).join(""));
  expect(log.count).toBeLessThanOrEqual(LINES_MAX);
  expect(log.first + log.count).toBe(500_000);
  expect(linesOf(log).at(0)).toBe(`line ${log.first}`);
  expect(linesOf(log).at(-1)).toBe("line 499999");
});
