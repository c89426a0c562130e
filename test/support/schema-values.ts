/** Values made from the JSON Schemas of an OpenAPI document: such as fit, such as nearly fit, and such as mean harm. */
import fc from "fast-check";
import type { Json } from "../../src/core/json.ts";

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly anyOf?: readonly Schema[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly maxItems?: number;
}

/** Ways into files, statements, shells, prototypes, terminals, parsers; and values at the edge of what a number or a text may be. */
export const HOSTILE: readonly Json[] = [
  ...["../../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%00", "a\u0000b", "\\\\host\\share", "file:///etc/passwd", ".", ".."],
  ...["' OR '1'='1", '"; DROP TABLE runs; --', "1) UNION SELECT * FROM audit --", "%' --", "$.x", "json('{')"],
  ...[
    "$(touch pwn)",
    "`touch pwn`",
    "; rm -rf /",
    "| cat",
    "--upload-pack=x",
    "{{ secrets.KEY }}",
    "${{ env }}",
    "<script>alert(1)</script>",
  ],
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "\u001b]52;c;eA==\u0007", "\u202e", "\ud800", "\r\nx-evil: 1"],
  ...["", " ", "null", "NaN", "-1", "0", "1e309", "9".repeat(400), "a".repeat(1_500), "é".repeat(300)],
  ...[null, true, 0, -1, 1.5, 1e21, Number.MAX_SAFE_INTEGER, -0],
  ...[
    [],
    {},
    [[[[[[]]]]]],
    { __proto__x: 1 },
    JSON.parse('{"__proto__": {"polluted": 1}}') as Json,
    { $ref: "#" },
    { $blob: "0".repeat(64), bytes: 1 },
  ],
];

const hostile = fc.constantFrom(...HOSTILE);

/** @param known values by the name of the member, such as ids that are there */
export function valueOf(schema: Schema, known: ReadonlyMap<string, readonly Json[]>, name = ""): fc.Arbitrary<Json> {
  const fitting = fittingValue(schema, known);
  const there = known.get(name)?.filter((one) => schema.pattern === undefined || new RegExp(schema.pattern).test(String(one))) ?? [];
  return there.length === 0 ? fitting : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...there) }, { weight: 1, arbitrary: fitting });
}

function fittingValue(schema: Schema, known: ReadonlyMap<string, readonly Json[]>): fc.Arbitrary<Json> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one) => fittingValue(one, known)));
  switch (schema.type) {
    case "string":
      return schema.pattern === undefined
        ? fc.string({ minLength: schema.minLength ?? 0, maxLength: Math.min(schema.maxLength ?? 40, 40) })
        : fc.stringMatching(new RegExp(schema.pattern), { size: "small" });
    case "integer":
      return fc.integer({ min: schema.minimum ?? -5, max: schema.maximum ?? 1_000 });
    case "number":
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(fittingValue(schema.items ?? {}, known), { maxLength: Math.min(schema.maxItems ?? 3, 3) });
    case "object": {
      const members = Object.entries(schema.properties ?? {}).map(([name, one]) => [name, valueOf(one, known, name)] as const);
      if (members.length === 0) return fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 })) as fc.Arbitrary<Json>;
      return fc.record(Object.fromEntries(members), { requiredKeys: [...(schema.required ?? [])] }) as fc.Arbitrary<Json>;
    }
    default:
      return fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
  }
}

/** A value that fits, or one with one place spoilt, one missing, one too many; or something else altogether. */
export function anyValueOf(schema: Schema, known: ReadonlyMap<string, readonly Json[]>, name = ""): fc.Arbitrary<Json> {
  const fits = valueOf(schema, known, name);
  const spoilt = fc.tuple(fits, fc.nat(), hostile, fc.constantFrom("replace", "remove", "add")).map(([value, place, other, how]) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return other;
    const keys = Object.keys(value);
    const key = keys[place % Math.max(1, keys.length)] ?? "x";
    const entries = Object.entries(value as Record<string, Json>);
    if (how === "remove") return Object.fromEntries(entries.filter(([one]) => one !== key));
    return Object.fromEntries([...entries, [how === "add" ? `${key}_` : key, other]]);
  });
  return fc.oneof({ weight: 4, arbitrary: fits }, { weight: 3, arbitrary: spoilt }, { weight: 1, arbitrary: hostile });
}
