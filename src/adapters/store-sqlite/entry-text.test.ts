import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, type Json, type JsonObject } from "../../core/json.ts";
import { computeNextHash, toCanonicalText, toEntryText } from "./entry-text.ts";
import { flattenBatch, readFlatBatch } from "./handover.ts";

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
const entry = fc.record({
  seq: fc.nat(),
  actor: fc.string(),
  type: fc.constantFrom("run.created", "step.started"),
  on: fc.string(),
  from: fc.string(),
  to: fc.string(),
  data: fc.dictionary(fc.string(), json) as fc.Arbitrary<JsonObject>,
  causeId: fc.string({ unit: "binary" }),
  at: fc.nat(),
});

describe("an entry's text", () => {
  test("equals its canonical JSON", () => {
    fc.assert(
      fc.property(entry, (each) => {
        const data = toCanonicalText(each.data, JSON.stringify(each.data));
        expect(toEntryText({ ...each, data })).toBe(canonicalJson(each));
      }),
    );
  });

  test("is found canonical, or made so, for every value", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(toCanonicalText(value, JSON.stringify(value))).toBe(canonicalJson(value));
      }),
    );
    expect(toCanonicalText({ b: 1, a: [{ d: 1, c: 2 }] }, "")).toBe('{"a":[{"c":2,"d":1}],"b":1}');
    expect(toCanonicalText({ 10: 1, 9: 2 }, "")).toBe('{"10":1,"9":2}');
  });

  test("chains: each hash depends on all before", () => {
    // As `printf 'run_1{}' | sha256sum` says.
    expect(computeNextHash("run_1", "{}")).toBe("2e0e29cad90291ce66e7b148937300b5c4027e7965d8b8da49c655b261e3b380");
    expect(computeNextHash(computeNextHash("run_1", "a"), "b")).not.toBe(computeNextHash(computeNextHash("run_2", "a"), "b"));
  });
});

test("a batch comes out of its flat form as it went in", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.array(entry, { maxLength: 4 }))), (runs) => {
      // The fields that matter here; ids need no brand to travel.
      const appended = runs.map(([runId, entries]) => ({ runId, entries })) as never;
      const columns = runs.map(([runId, entries]) => ({
        runId,
        entries: entries.map((each) => ({ ...each, data: JSON.stringify(each.data) })),
      }));
      expect(readFlatBatch(structuredClone(flattenBatch(appended)))).toEqual(columns);
    }),
  );
});
