import { expect, test } from "vitest";
import { findBinding } from "./keys.ts";

const nothing = () => {};
const all = [
  {
    group: "Everywhere",
    bindings: [
      { keys: "g r", says: "Runs", run: nothing },
      { keys: "j", says: "first", run: nothing },
    ],
  },
  { group: "List", bindings: [{ keys: "j", says: "latest", run: nothing }] },
];

test("the latest layer that knows a key gets it", () => {
  expect(findBinding(all, "j").binding?.says).toBe("latest");
});

test("a key that begins a longer one waits for the next", () => {
  expect(findBinding(all, "g")).toEqual({ binding: null, isBegin: true });
  expect(findBinding(all, "g r").binding?.says).toBe("Runs");
  expect(findBinding(all, "g x")).toEqual({ binding: null, isBegin: false });
});
