import { expect, test } from "vitest";
import { jitterOf } from "./verdict.ts";

test("jitter differs between the attempts of a step, and replays", () => {
  const drawn = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => jitterOf(`run_01/fetch/${attempt}`));
  expect(drawn).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => jitterOf(`run_01/fetch/${attempt}`)));
  expect(Math.max(...drawn) - Math.min(...drawn)).toBeGreaterThan(0.5);
});

test("jitter is spread evenly over many runs", () => {
  const tenths = new Array<number>(10).fill(0);
  for (let run = 0; run < 10_000; run++) {
    const tenth = Math.floor(jitterOf(`run_${run}/fetch/1`) * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});
