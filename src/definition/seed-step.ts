/** One step of the seed dialect. */
import { nearestName } from "../core/nearest.ts";
import type { Reporter } from "./reporter.ts";
import { asSchema, isNull, textOf } from "./seed-values.ts";
import { entry, entryOf, type MapEntry, type MapNode, mapNode, type ScalarNode, type SourceNode, toNode } from "./source-node.ts";

const MEANT = [
  "step_number",
  "step_name",
  "id",
  "title",
  "description",
  "function_to_call",
  "input_mapping",
  "output_variable",
  "condition",
  "timeout_seconds",
  "error_handling",
  "input_schema",
  "output_schema",
  "depends_on",
  "dependencies",
  "depends",
  "needs",
  "priority",
  "env",
  "locks",
  "touches",
  "cost",
  "cpu",
];
/** Taken over as they are. */
const SHARED = [
  "title",
  "output_variable",
  "depends_on",
  "dependencies",
  "depends",
  "needs",
  "priority",
  "env",
  "locks",
  "touches",
  "cost",
  "cpu",
];
const DESCRIBING = ["description", "persona", "notes", "tags", "metadata", "comment"];
const HANDLING = [
  "retry_count",
  "max_retries",
  "retry_delay",
  "retry_delay_seconds",
  "max_delay_seconds",
  "backoff",
  "on_error",
  "on_timeout",
  "fallback",
  "fallback_value",
  "default_value",
];

/** A path of this dialect that stands as a plain text: `$step1.sbc`, `$input.loads[0]`. */
const PATH = /^\$([A-Za-z_][A-Za-z0-9_]*)(?:\.[A-Za-z_][A-Za-z0-9_]*|\[\d+\])*$/;

export interface SeedSurroundings {
  readonly id: string;
  /** Names of steps that may be skipped. */
  readonly skippable: ReadonlySet<string>;
  readonly reporter: Reporter;
}

export function seedStep(step: SourceNode, around: SeedSurroundings): SourceNode {
  if (step.kind !== "map") return step;
  const { id, reporter } = around;
  const get = (key: string): SourceNode | undefined => entryOf(step, key)?.value;
  const name = get("step_name");
  const entries: MapEntry[] = [entry("id", toNode(id, get("id") ?? name ?? step))];
  const move = (from: string, to: string, value: SourceNode | undefined): void => {
    const source = entryOf(step, from);
    if (source !== undefined && value !== undefined && !isNull(value)) entries.push({ ...source, key: to, value });
  };
  if (name !== undefined && textOf(name) !== id && get("title") === undefined) move("step_name", "title", name);
  move("step_number", "number", get("step_number"));
  entries.push(entry("type", toNode("function", get("function_to_call") ?? step)));
  move("function_to_call", "call", get("function_to_call"));
  move("input_mapping", "with", mapped(get("input_mapping"), around));
  if (textOf(get("condition")) !== "") move("condition", "when", get("condition"));
  for (const key of SHARED) move(key, key, key.startsWith("de") || key === "needs" ? numbered(get(key)) : get(key));
  move("input_schema", "input", asSchema(get("input_schema")));
  move("output_schema", "output", asSchema(get("output_schema")));
  // A step whose condition is false is passed over in this dialect, and those after it go on.
  entries.push(entry("join", toNode("none_failed", step)));
  const handling = get("error_handling");
  const known = handling?.kind === "map" ? handling : mapNode([], step);
  entries.push(...retryOf(known), ...timeoutOf(step, known, around), ...optionalOf(known, around));
  for (const one of [
    ...step.entries.filter(({ key }) => !MEANT.includes(key)),
    ...known.entries.filter(({ key }) => !HANDLING.includes(key)),
  ]) {
    if (!DESCRIBING.includes(one.key)) passOver(one, known.entries.includes(one) ? HANDLING : MEANT, id, reporter);
  }
  return { ...step, entries };
}

function passOver(one: MapEntry, known: readonly string[], id: string, reporter: Reporter): void {
  const details = { where: `Step \`${id}\``, key: one.key };
  const near = nearestName(one.key, known);
  if (near === undefined)
    reporter.atKey(one, {
      code: "DEF_UNKNOWN_KEY",
      severity: "warning",
      details,
      fix: "It is passed over: nothing in a run depends on it.",
    });
  else reporter.atKey(one, { code: "DEF_UNKNOWN_KEY", details, fix: `Did you mean \`${near}\`?` });
}

/** Texts that are paths become expressions; everything else stays what it is. */
function mapped(node: SourceNode | undefined, around: SeedSurroundings): SourceNode | undefined {
  if (node === undefined || node.kind === "scalar") return node === undefined ? undefined : pathToExpression(node, around);
  if (node.kind === "list") return { ...node, items: node.items.map((item) => mapped(item, around) ?? item) };
  return { ...node, entries: node.entries.map((one) => ({ ...one, value: mapped(one.value, around) ?? one.value })) };
}

function pathToExpression(node: ScalarNode, { skippable }: SeedSurroundings): ScalarNode {
  const root = typeof node.value === "string" ? PATH.exec(node.value.trim())?.[1] : undefined;
  if (root === undefined) return node;
  const path = String(node.value).trim();
  return {
    ...node,
    style: "made",
    start: node.style === "plain" ? node.start : node.start + 1,
    value: skippable.has(root) ? `{{ ${path} ?? null }}` : `{{ ${path} }}`,
  };
}

/** `[1, 2]` means the steps with those numbers. */
function numbered(node: SourceNode | undefined): SourceNode | undefined {
  if (node === undefined || node.kind === "map") return node;
  if (node.kind === "list") return { ...node, items: node.items.map((item) => numbered(item) ?? item) };
  return typeof node.value === "number" ? { ...node, value: `step${node.value}` } : node;
}

function retryOf(handling: MapNode): MapEntry[] {
  const count = entryOf(handling, "retry_count") ?? entryOf(handling, "max_retries");
  const base = entryOf(handling, "retry_delay_seconds") ?? entryOf(handling, "retry_delay");
  const cap = entryOf(handling, "max_delay_seconds");
  if (count === undefined || isNull(count.value)) return [];
  const backoff = entryOf(handling, "backoff");
  const rule = [
    { ...count, key: "max" },
    ...(base === undefined ? [] : [{ ...base, key: "base" }]),
    ...(cap === undefined ? [] : [{ ...cap, key: "cap" }]),
    ...(textOf(backoff?.value) === undefined || backoff === undefined ? [] : [{ ...backoff, key: "strategy" }]),
  ];
  return rule.length === 1 ? [{ ...count, key: "retry" }] : [entry("retry", mapNode(rule, handling))];
}

const FALLBACK = ["fallback", "use_fallback", "fallback_value", "use_default"];
const SKIP = ["skip", "continue", "ignore", "skip_step"];

function fallbackOf(handling: MapNode): MapEntry | undefined {
  return entryOf(handling, "fallback_value") ?? entryOf(handling, "fallback") ?? entryOf(handling, "default_value");
}

function timeoutOf(step: MapNode, handling: MapNode, { id, reporter }: SeedSurroundings): MapEntry[] {
  const after = entryOf(step, "timeout_seconds");
  if (after === undefined || isNull(after.value)) return [];
  const value = fallbackOf(handling);
  const said = entryOf(handling, "on_timeout") ?? entryOf(handling, "on_error");
  const strategy = textOf(said?.value) ?? "fail";
  const then = FALLBACK.includes(strategy) ? "fallback" : SKIP.includes(strategy) ? "skip" : "fail";
  if (then === "fail") return [{ ...after, key: "timeout" }];
  if (then === "fallback" && value === undefined) {
    reporter.error(said?.value ?? handling, "DEF_SCHEMA", {
      path: `error_handling of step ${id}`,
      problem: "A fallback needs `fallback_value`",
    });
  }
  const rule = [
    { ...after, key: "after" },
    entry("then", toNode(then, said?.value ?? handling)),
    ...(then === "fallback" && value !== undefined ? [{ ...value, key: "value" }] : []),
  ];
  return [entry("timeout", mapNode(rule, after.value))];
}

function optionalOf(handling: MapNode, { id, reporter }: SeedSurroundings): MapEntry[] {
  const said = entryOf(handling, "on_error");
  const strategy = textOf(said?.value);
  if (said === undefined || strategy === undefined || strategy === "fail") return [];
  if (FALLBACK.includes(strategy)) reporter.at(said.value, { code: "DEF_FALLBACK", severity: "warning", details: { step: id } });
  else if (!SKIP.includes(strategy)) {
    reporter.error(said.value, "DEF_SCHEMA", {
      path: `error_handling.on_error of step ${id}`,
      problem: `Value '${strategy}' is not one of ['fail', 'skip', 'continue', 'fallback']`,
    });
    return [];
  }
  return [entry("optional", toNode(true, said.value))];
}
