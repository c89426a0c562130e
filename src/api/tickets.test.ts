import { expect, test } from "vitest";
import { createTickets } from "./tickets.ts";

test("a ticket has 128 bits and more, and is worth something once (S-28)", () => {
  const tickets = createTickets<string>({ lifeMs: 1_000, max: 8 });
  const secret = tickets.issue("ann");
  expect(Buffer.from(secret, "base64url").length).toBeGreaterThanOrEqual(16);
  expect([tickets.redeem(secret), tickets.redeem(secret), tickets.redeem("")]).toEqual(["ann", null, null]);
});

test("a ticket that is too old is none", () => {
  let now = 0;
  const tickets = createTickets<string>({ lifeMs: 1_000, max: 8, now: () => now });
  const [first, second] = [tickets.issue("ann"), tickets.issue("bea")];
  now = 999;
  expect(tickets.redeem(first)).toBe("ann");
  now = 1_000;
  expect(tickets.redeem(second)).toBeNull();
});

test("of ten thousand tickets that nobody uses a bounded number is kept, the newest (TK2)", () => {
  const tickets = createTickets<number>({ lifeMs: 1_000, max: 8 });
  const all = Array.from({ length: 10_000 }, (_, index) => tickets.issue(index));
  expect(all.map((secret) => tickets.redeem(secret)).filter((value) => value !== null)).toEqual(
    Array.from({ length: 8 }, (_, index) => 9_992 + index),
  );
});
