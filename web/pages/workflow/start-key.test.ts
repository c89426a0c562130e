import { expect, test } from "vitest";
import { createKeyOf } from "./start-key.ts";

test("the same start has the same key, another one has another", () => {
  const keyOf = createKeyOf();
  const first = keyOf({ input: { load: 1 } });
  expect(keyOf({ input: { load: 1 } })).toBe(first);
  const second = keyOf({ input: { load: 2 } });
  expect(second).not.toBe(first);
  expect(keyOf({ input: { load: 1 } })).not.toBe(first);
  expect(first).toMatch(/^dashboard-[0-9a-f]{32}$/);
});
