import fc from "fast-check";
import { expect, test } from "vitest";
import { parseText } from "../../grammar/parse.ts";
import { quickText } from "./quick-text.ts";

const piece = fc.constantFrom(
  "{{ $a.x }}",
  "{{input.load}}",
  "{{ steps.b.output.c }}",
  "{{ $run.id }}",
  "{{ true }}",
  "{{ $true }}",
  "{{ a.true }}",
  "{{ not.x }}",
  "{{ in }}",
  "{{ a | b }}",
  "{{ }}",
  "{{",
  "}}",
  "{{- a }}",
  "{{ a -}}",
  "{{ __proto__ }}",
  "{{ a.constructor }}",
  "\n",
  " ",
  "x",
  "{",
  "}",
  "$",
  "é😀",
  "{{ $ }}",
  "{{  a.b  }}",
  "{{\na }}",
  "{{ a\n}}",
  "{{ if }}",
  "{{ is.x }}",
  "{{ matches.y }}",
  "{{ $steps.a }}",
);

test("QT1: what it returns is what the parser returns", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const source = pieces.join("");
      const quick = quickText(source);
      if (quick !== null) expect(quick).toEqual(parseText(source));
    }),
    { numRuns: 3_000 },
  );
});

test("a path is not left to the parser", () => {
  expect(quickText("a {{ $b.c }}\n{{ input.d }}")).not.toBeNull();
});
