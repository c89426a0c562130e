import { expect, test } from "vitest";
import { createBudget } from "./budget.ts";

test("what is used stays within the share, whatever asks", () => {
  let now = 0;
  const budget = createBudget({ share: 0.03, reserveMs: 300, now: () => now });
  let usedMs = 0;
  for (; now < 100_000; now += 1) {
    if (budget.isSpent) continue;
    budget.spend(5);
    usedMs += 5;
  }
  expect(usedMs).toBeGreaterThan(3_000);
  expect(usedMs).toBeLessThan(3_000 + 300 + 10);
});

test("a quiet time saves for a burst, and not without end", () => {
  let now = 0;
  const budget = createBudget({ share: 0.03, reserveMs: 300, now: () => now });
  now = 3_600_000;
  let usedMs = 0;
  while (!budget.isSpent) {
    budget.spend(1);
    usedMs += 1;
  }
  expect(usedMs).toBe(300);
});

test("a run that cost much is paid off before the next one", () => {
  let now = 0;
  const budget = createBudget({ share: 0.1, reserveMs: 300, now: () => now });
  expect(budget.isSpent).toBe(false);
  budget.spend(1_300);
  now = 9_000;
  expect(budget.isSpent).toBe(true);
  now = 11_000;
  expect(budget.isSpent).toBe(false);
});

test("a share of one is no limit", () => {
  const budget = createBudget({ share: 1, reserveMs: 300, now: () => 0 });
  budget.spend(1e9);
  expect(budget.isSpent).toBe(false);
});
