import { expect, test } from "vitest";
import { createTurns } from "./wake-in-turns.ts";

const loopTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Wakes that take a millisecond each, on a clock of their own; `turns` says how many were woken in each turn of the event loop. */
async function wakeAll(count: number, othersMs: number) {
  let now = 0;
  const woken: number[] = [];
  const lengths: number[] = [];
  using turns = createTurns(() => now);
  const wakes = Array.from({ length: count }, (_, index) => () => {
    now += 1;
    woken.push(index);
  });
  turns.add(wakes);
  turns.add(wakes.slice(0, count / 2));
  while (woken.length < count) {
    const before = woken.length;
    now += othersMs;
    await loopTurn();
    lengths.push(woken.length - before);
  }
  await loopTurn();
  return { woken, lengths, spentMs: turns.spentMs };
}

test("everybody is woken once, in the order in which they came", async () => {
  const { woken, spentMs } = await wakeAll(300, 0);
  expect(woken).toEqual(Array.from({ length: 300 }, (_, index) => index));
  expect(spentMs).toBe(300);
});

test("a turn is short while others have no time, and takes a third of the time that others took", async () => {
  const [quiet, busy] = [await wakeAll(300, 0), await wakeAll(300, 30)];
  // The first ones do not know yet what somebody costs.
  expect(quiet.lengths.slice(10).filter((length) => length > 3)).toEqual([]);
  expect(busy.lengths.slice(10, -1).filter((length) => length < 9 || length > 13)).toEqual([]);
});

test("nobody is woken after the end", async () => {
  let count = 0;
  {
    using turns = createTurns();
    turns.add([() => (count += 1)]);
  }
  await loopTurn();
  expect(count).toBe(0);
});
