import fc from "fast-check";
import { expect, test } from "vitest";
import { createHeap } from "./heap.ts";

test("items come out in order, whatever the order in which they went in", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (items) => {
      const heap = createHeap((left, right) => left < right);
      for (const item of items) heap.add(item);
      expect(heap.size).toBe(items.length);
      expect(heap.peek()).toBe(items.toSorted((left, right) => left - right)[0]);
      expect(items.map(() => heap.take())).toEqual(items.toSorted((left, right) => left - right));
      expect(heap.size).toBe(0);
    }),
  );
});

test("an empty heap has nothing to take", () => {
  const heap = createHeap((left, right) => left < right);
  expect(heap.take()).toBeUndefined();
  expect(heap.peek()).toBeUndefined();
});
