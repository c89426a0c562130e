import { describe, expect, test } from "vitest";
import { condition, list, literal, makeContext, makeStep, map, template, text } from "../../../test/support/attempts.ts";
import { GATE_PLAIN } from "../../../test/support/gate-policy.ts";
import type { Digest, StepId } from "../../core/ids.ts";
import type { Json } from "../../core/json.ts";
import { sha256 } from "../../core/sha256.ts";
import type { CompiledStep } from "../../plan/workflow.ts";
import { baseStepOf, groupOf, keyParts } from "./key.ts";

const digest = (content: string): Digest => sha256(content) as Digest; // It is one.
const around = { digest, zone: "z", sealId: "s", environment: (name: string) => (name === "CC" ? "digest of gcc" : null) };
const POLICY = { key: [], files: [], produces: [], env: [], ttlMs: null, version: "1" };

function partsOf(
  differs: Partial<CompiledStep>,
  how: Parameters<typeof makeContext>[1] = {},
  policy: Partial<typeof POLICY & { key: never; env: never }> = {},
) {
  const files = [
    { path: "run", sha256: "f".repeat(64) as Digest, bytes: 1, isExecutable: true },
    { path: "__proto__", sha256: "e".repeat(64) as Digest, bytes: 1, isExecutable: false },
  ];
  return keyParts(makeContext(makeStep("shell", {}, differs), how), { ...POLICY, ...policy }, { files, tool: {} }, around);
}

describe("the parts of a key", () => {
  test("hold the values of fields of every kind, one by one, and the source of all", () => {
    const config = {
      text: text("a {{ input.x }} b {{ input.y }}"),
      list: list(text("{{ input.x }}"), literal("plain")),
      map: map({ deep: text("{{ input.y }}") }),
      condition: condition("input.x == 1"),
      template: template("{% if input.y %}yes{% endif %}"),
      literal: literal({ a: 1 }),
    };
    const { inputs, definition } = partsOf({ config }, { input: { x: 1, y: ["z"] } });
    expect(inputs).toEqual({ text: [1, ["z"]], list: [[1], "plain"], map: { deep: [["z"]] }, condition: true, template: "yes" });
    expect(definition).toMatchObject({
      "config.text": { text: "a {{ input.x }} b {{ input.y }}" },
      "config.list": [{ text: "{{ input.x }}" }, { literal: "plain" }],
      "config.map": { deep: { text: "{{ input.y }}" } },
      "config.condition": { condition: "input.x == 1" },
      "config.literal": { literal: { a: 1 } },
    });
  });

  test("tell files by content and by whether they can be executed, whatever their names", () => {
    const { files } = partsOf({});
    expect(Object.entries(files as object)).toEqual([
      ["run", `${"f".repeat(64)} x`],
      ["__proto__", "e".repeat(64)],
    ]);
  });

  test("hold policies by their sources", () => {
    const gate = { ...GATE_PLAIN, report: text("{{ input.x }}.xml") };
    const isolation = { worktree: true, merge: "none", base: literal("main"), discard: false } as const;
    const tool = { name: "claude", needs: [], prefer: null };
    expect(partsOf({ gate, isolation, tool }).definition).toMatchObject({
      gate: { report: { text: "{{ input.x }}.xml" }, coverageReport: null },
      isolation: { base: { literal: "main" } },
      tool: { name: "claude" },
    });
    expect(partsOf({}, {}, { env: ["CC", "CXX"] as never }).engine_env).toEqual({ CC: "digest of gcc", CXX: null });
  });

  test("are short, however long the values are", () => {
    const long = "x".repeat(5_000);
    const { inputs } = partsOf({ config: { run: text("{{ input.x }}") } }, { input: { x: long } });
    expect(inputs).toEqual({ run: { sha256: sha256(JSON.stringify([long])), chars: 5_004 } });
  });

  test("show no secret in any form, and two secrets are two (S-38)", () => {
    const config = { run: text("{{ input.x }} {{ input.y }}") };
    const how = { input: { x: "hunter2", y: "other3" } };
    const parts = partsOf({ config }, { ...how, masks: ["hunter2", "", "other3"] });
    expect(parts.inputs).toEqual({ run: '["***0","***2"]' });
    expect(JSON.stringify(parts)).not.toMatch(/hunter2|other3/);
    const swapped = partsOf({ config }, { input: { x: "other3", y: "hunter2" }, masks: ["hunter2", "", "other3"] });
    expect(swapped.inputs).not.toEqual(parts.inputs);
    expect(partsOf({ config }, { ...how, masks: ["elsewhere"] }).inputs).toEqual({ run: ["hunter2", "other3"] });
  });
});

test("an item lies with the step that fans out", () => {
  const outer = makeStep("shell", {}, { id: "outer" as StepId });
  const item = makeStep("shell", {}, { id: "outer[k]" as StepId, item: { of: 0, key: "k", index: 0 } });
  const baseOf = (steps: readonly CompiledStep[]): Json => baseStepOf(makeContext(item, { workflow: { steps } }));
  expect([baseOf([outer]), baseOf([])]).toEqual(["outer", "outer[k]"]);
});

test("a group is that of one tenant, zone, secret, workflow and step", () => {
  const place = { tenant: "t", workflow: "w", step: "s" };
  const groups = [
    groupOf(place, around),
    groupOf({ ...place, tenant: "u" }, around),
    groupOf({ ...place, workflow: "x" }, around),
    groupOf({ ...place, step: "y" }, around),
    groupOf(place, { ...around, zone: "other" }),
    groupOf(place, { ...around, sealId: "other" }),
    // Names cannot be shifted into each other.
    groupOf({ tenant: "tw", workflow: "", step: "s" }, around),
  ];
  expect(new Set(groups).size).toBe(groups.length);
  expect(groups[0]).toMatch(/^[0-9a-f]{32}$/);
});
