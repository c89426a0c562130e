import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DERIVED_EVENT_TYPES } from "../../src/contract/derived-events.ts";
import { ENTRY_TYPES } from "../../src/kernel/entry.ts";
import { anyExploration, explore } from "../support/explore.ts";

const rows = [
  ...readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8").matchAll(/^\| `((?:run|step|attempt)\.\w+)` \|(.*)\|$/gm),
];
const documented = rows.map(([, name]) => name);

test("docs/events.md describes every event", () => {
  expect(ENTRY_TYPES.filter((type) => !documented.includes(type))).toEqual([]);
});

test("docs/events.md describes no event that does not exist, and none twice", () => {
  expect(documented.filter((name) => !(ENTRY_TYPES as readonly string[]).includes(name ?? ""))).toEqual([]);
  expect(new Set(documented).size).toBe(documented.length);
});

test("docs/events.md describes every derived event, and only those", () => {
  const text = readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8");
  const derived = text.slice(text.indexOf("## Derived events"));
  const named = [...derived.matchAll(/`((?:step|gate|merge|anomaly)\.\w+)`/g)].map(([, name]) => name);
  expect([...new Set(named)].sort()).toEqual([...DERIVED_EVENT_TYPES].sort());
});

test("docs/events.md names the data that events carry", () => {
  const words = new Map(rows.map(([, name = "", row = ""]) => [name, row]));
  const missing = new Set<string>();
  for (const { type, data } of fc.sample(anyExploration, { numRuns: 400, seed: 7 }).flatMap((one) => explore(one).journal)) {
    const row = words.get(type) ?? "";
    const phrases = [
      ["as a timer", ["timer", "delayMs", "dueAt"]],
      ["the attempt's end", ["attempt", "outcome", "usage", "verdict", "repeatable", "counted", "caught"]],
      ["the answer", ["attempt", "answer", "by", "digest", "caught"]],
      ["the items' end", ["failed", "failure", "caught"]],
      ["the engine's death", ["attempt", "epoch", "quarantine"]],
    ] as const;
    const isNamed = (key: string): boolean =>
      row.includes(`\`${key}`) || phrases.some(([phrase, keys]) => row.includes(phrase) && (keys as readonly string[]).includes(key));
    for (const key of Object.keys(data)) if (!isNamed(key)) missing.add(`${type}: ${key}`);
  }
  expect([...missing].toSorted()).toEqual([]);
});
