import fc from "fast-check";
import { expect, test } from "vitest";
import { createMasker } from "./masker.ts";

function masked(text: string, masks: readonly string[], cuts: readonly number[]): string {
  const masker = createMasker(masks);
  const bytes = Buffer.from(text);
  const parts: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts.map((at) => at % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)) {
    parts.push(Buffer.from(masker.add(bytes.subarray(from, cut))));
    from = cut;
  }
  return Buffer.concat([...parts, masker.end()]).toString();
}

test("a secret split over any chunks is replaced all the same (S-38)", () => {
  const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 6 });
  fc.assert(
    fc.property(fc.string({ maxLength: 10 }), fc.string({ maxLength: 10 }), cuts, (before, after, some) => {
      const text = `${before}s3cr3t-Ü${after}s3cr3t-Ü`;
      const whole = masked(text, ["s3cr3t-Ü"], []);
      expect(whole).not.toContain("s3cr3t-Ü");
      expect(masked(text, ["s3cr3t-Ü"], some)).toBe(whole);
    }),
  );
});

test("of two secrets the longer one is replaced whole", () => {
  for (const cuts of [[], [3], [6], [3, 6]]) expect(masked("x abcdef y abc z", ["abc", "abcdef"], cuts)).toBe("x *** y *** z");
});

test("what only begins like a secret comes out unchanged", () => {
  expect(masked("secre secret! secr", ["secret"], [2, 5, 9, 17])).toBe("secre ***! secr");
});
