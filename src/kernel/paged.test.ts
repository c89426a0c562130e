import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { itemAt, PagedDraft, pagedOf } from "./paged.ts";

const toArray = <TItem>(list: { readonly length: number; readonly pages: readonly (readonly TItem[])[] }): TItem[] => list.pages.flat();

describe("a paged list", () => {
  test("is a list", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { minLength: 1, maxLength: 300 }),
        fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 20 }),
        (items, writes) => {
          const base = pagedOf(items);
          const draft = new PagedDraft(base);
          const model = [...items];
          for (const [where, item] of writes) {
            draft.set(where % items.length, item);
            model[where % items.length] = item;
            expect(draft.get(where % items.length)).toBe(item);
          }
          expect(draft.length).toBe(items.length);
          expect(toArray(draft.finish())).toEqual(model);
          expect(toArray(base)).toEqual(items);
        },
      ),
    );
  });

  test("shares every page that was not written", () => {
    const base = pagedOf(Array.from({ length: 10_000 }, (_, index) => index));
    const draft = new PagedDraft(base);
    draft.set(5_000, -1);
    draft.set(5_001, -1);
    const next = draft.finish();
    expect(next.pages.filter((page, index) => page !== base.pages[index])).toHaveLength(1);
  });

  test("that was not written is the same list of pages", () => {
    const base = pagedOf([1, 2, 3]);
    expect(new PagedDraft(base).finish().pages).toBe(base.pages);
  });

  test("has no items outside", () => {
    const base = pagedOf([1, 2, 3]);
    for (const index of [-1, 3, 64, 1_000]) {
      expect(() => itemAt(base, index)).toThrow(RangeError);
      expect(() => new PagedDraft(base).set(index, 0)).toThrow(RangeError);
    }
  });
});
