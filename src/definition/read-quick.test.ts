import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import type { Json } from "../core/json.ts";
import { readQuick } from "./read-quick.ts";
import { readYaml } from "./read-yaml.ts";
import { type SourceNode, toData } from "./source-node.ts";
import { SourceProblem } from "./source-problem.ts";

const full = (text: string): SourceNode | null | "refused" => {
  try {
    return readYaml(text);
  } catch (thrown) {
    if (thrown instanceof SourceProblem) return "refused";
    throw thrown;
  }
};

/** Values, and where each key and each scalar that stands in the text begins. */
const shape = (node: SourceNode): unknown => {
  if (node.kind === "list") return { at: node.start, items: node.items.map(shape) };
  if (node.kind === "map")
    return { entries: node.entries.map(({ key, keyStart, keyEnd, value }) => [key, keyStart, keyEnd, shape(value)]) };
  return node.value === null ? null : { value: node.value, style: node.style, start: node.start };
};

const agrees = (text: string): void => {
  const quick = readQuick(text);
  if (quick === null) return;
  const slow = full(text);
  if (slow === null || slow === "refused") throw new Error(`the quick reader accepts what the full one refuses: ${JSON.stringify(text)}`);
  expect(shape(quick)).toEqual(shape(slow));
};

const key = fc.oneof(
  fc.constantFrom("id", "run", "needs", "with", "when", "a-b", "x.y", "1", "a b", "null", "true"),
  fc.string({ maxLength: 6 }),
);
const scalar = fc.oneof(
  fc.constantFrom(
    "make",
    "a: b",
    "x #y",
    "#c",
    "- a",
    "true",
    "~",
    "1",
    "0x1F",
    "1e3",
    ".5",
    "a\nb",
    "a\n\nb\n",
    " lead",
    "trail ",
    "'q'",
    '"d"',
    "{{ $a.x }}",
    "[a",
    "é😀",
    "a\tb",
    "\\",
    "a,b",
    "?",
    "-",
    "- ",
    ":",
    "a:",
  ),
  fc.string({ maxLength: 12 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 4 }),
  ),
}));
const styles = fc.record({
  indent: fc.constantFrom(2, 4),
  indentSeq: fc.boolean(),
  lineWidth: fc.constantFrom(0, 20, 80),
  defaultStringType: fc.constantFrom("PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE", "BLOCK_LITERAL"),
  collectionStyle: fc.constantFrom("any", "block", "flow"),
});
const written = fc.oneof(
  fc.tuple(value, styles).map(([data, options]) => stringify(data, options as object)),
  fc.tuple(value, fc.constantFrom(0, 2)).map(([data, indent]) => JSON.stringify(data, null, indent)),
);
const noise = fc.constantFrom(
  " ",
  "\n",
  "\n  ",
  "#",
  " # c\n",
  ":",
  ": ",
  "- ",
  "-",
  ",",
  "[",
  "]",
  "{",
  "}",
  "'",
  '"',
  "|",
  ">",
  "\t",
  "a",
  "0",
  "&a ",
  "*a",
  "!!str ",
  "? ",
  "\\",
  "|-\n",
  "---\n",
  "%",
  "@",
  "`",
);
const mutated = fc.tuple(written, fc.array(fc.tuple(fc.nat(), fc.nat(3), noise), { maxLength: 3 })).map(([text, edits]) =>
  edits.reduce((current, [at, drop, insert]) => {
    const from = at % (current.length + 1);
    return current.slice(0, from) + insert + current.slice(from + drop);
  }, text),
);

test("QR1: what the quick reader accepts, the full one reads alike", () => {
  fc.assert(fc.property(written, agrees), { numRuns: 1_500 });
});

test("QR1: also in documents that somebody has damaged", () => {
  fc.assert(fc.property(mutated, agrees), { numRuns: 4_000 });
});

test("the quick reader takes what people and programs usually write", () => {
  const usual = `# a workflow
apiVersion: troupe/v1
name: fix-type-errors   # comment
input:
  load: { type: number, minimum: 0, default: 1 }
steps:
  - id: build
    run: |
      make build
        indented

      echo "{{ input.load }}"
    needs: [a, "b", 'c']
    when: $a.count > 3 AND input.x == "y"
    env:
      A: "1"
      B: don't
  - id: c
    needs:
    - a
    - b
    with:
      list:
        - x
        - - y
          - k: v
            l: 2.5
      empty:
      nothing: ~
`;
  expect(readQuick(usual)).not.toBeNull();
  agrees(usual);
  const data = toData(readQuick(usual) as SourceNode);
  agrees(JSON.stringify(data));
  agrees(JSON.stringify(data, null, 2));
  expect(readQuick(JSON.stringify(data, null, 2))).not.toBeNull();
});
