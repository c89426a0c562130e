import { describe, expect, test } from "vitest";
import { createAccess, isOwnHost, isOwnOrigin } from "./access.ts";

describe("a ticket (IA1)", () => {
  test("is worth one connection, whose token is worth many", () => {
    const access = createAccess();
    const ticket = access.newTicket();
    const token = access.admit(ticket);
    expect(token).toMatch(/^[\w-]{32}$/);
    expect(access.admit(ticket)).toBeNull();
    expect(access.admit(token ?? "")).toBe(token);
    expect(access.admit(token ?? "")).toBe(token);
  });

  test("that was not issued is worth nothing", () => {
    const access = createAccess();
    access.newTicket();
    for (const secret of ["", "a", "a".repeat(32), "undefined"]) expect(access.admit(secret)).toBeNull();
  });

  test("that nobody used is forgotten after many others", () => {
    const access = createAccess();
    const first = access.newTicket();
    for (let count = 0; count < 16; count++) access.newTicket();
    expect(access.admit(first)).toBeNull();
  });
});

test.each([
  ["127.0.0.1:4000", true],
  ["localhost:4000", true],
  ["127.0.0.1:4001", false],
  ["127.0.0.1", false],
  ["localhost.evil.test:4000", false],
  ["evil.test:4000", false],
  ["LOCALHOST:4000", false],
  [undefined, false],
])("the host %s is ours: %s (IA2, S-23)", (host, expected) => {
  expect(isOwnHost(host, 4_000)).toBe(expected);
});

test.each([
  ["http://127.0.0.1:4000", true],
  ["http://localhost:4000", false],
  ["https://127.0.0.1:4000", false],
  ["http://127.0.0.1:4000.evil.test", false],
  ["http://127.0.0.1", false],
  ["null", false],
  ["", false],
])("the origin %s is the page that was asked for: %s (IA3, S-24, S-26)", (origin, expected) => {
  expect(isOwnOrigin(origin, "127.0.0.1:4000")).toBe(expected);
});
