/**
 * The seed dialect (`deliverable_type`, `workflow_steps`, `function_to_call` …) in terms of the other one. Files in it come from
 * elsewhere and run as they are: keys that only describe become labels or are named in a warning, never an error, unless they look
 * like a misspelt one that matters.
 */
import { isIdentifier } from "../core/ids.ts";
import { nearestName } from "../core/nearest.ts";
import type { Reporter } from "./reporter.ts";
import { seedStep } from "./seed-step.ts";
import { asSchema, numberOf, textOf } from "./seed-values.ts";
import { entry, entryOf, type MapEntry, type MapNode, mapNode, type SourceNode, toNode } from "./source-node.ts";

const MEANT = [
  "deliverable_type",
  "workflow_steps",
  "input_schema",
  "output_schema",
  "name",
  "display_name",
  "title",
  "description",
  "timeout_seconds",
  "labels",
  "priority",
  "env",
  "tenant",
  "concurrency",
  "output",
  "functions",
];
/** A rule that is not enforced must not be passed over in silence. */
const GUARDS = /risk|approv|policy|budget/i;

export function isSeed(root: MapNode): boolean {
  return (
    entryOf(root, "workflow_steps") !== undefined ||
    (entryOf(root, "deliverable_type") !== undefined && entryOf(root, "steps") === undefined)
  );
}

/** The same document in the dialect of `apiVersion: troupe/v1`; nodes keep the places that the author gave them. */
export function fromSeed(root: MapNode, reporter: Reporter): MapNode {
  const get = (key: string): SourceNode | undefined => entryOf(root, key)?.value;
  const title = get("title") ?? get("display_name") ?? get("name");
  const labels: MapEntry[] = [];
  for (const one of root.entries) if (!MEANT.includes(one.key)) describe(one, labels, reporter);
  const entries: MapEntry[] = [entry("apiVersion", toNode("troupe/v1", root)), entry("dialect", toNode("seed", root))];
  const move = (from: string, to: string, value: SourceNode | undefined): void => {
    const source = entryOf(root, from);
    if (source !== undefined && value !== undefined && !(value.kind === "scalar" && value.value === null))
      entries.push({ ...source, key: to, value });
  };
  move("deliverable_type", "name", toName(get("deliverable_type")));
  if (title !== undefined) entries.push(entry("title", title));
  for (const key of ["description", "priority", "env", "tenant", "concurrency", "functions"]) move(key, key, get(key));
  move("timeout_seconds", "timeout", get("timeout_seconds"));
  move("input_schema", "input", asSchema(get("input_schema")));
  const given = get("labels");
  if (given?.kind === "map") labels.unshift(...given.entries);
  if (labels.length > 0) entries.push(entry("labels", mapNode(labels, root)));
  const steps = get("workflow_steps");
  if (steps?.kind !== "list") {
    const node = steps ?? root;
    reporter.error(node, "DEF_SCHEMA", { path: "workflow_steps", problem: "A list of steps is needed" });
    return mapNode([...entries, entry("steps", { kind: "list", items: [], start: node.start, end: node.end })], root);
  }
  const names = stepNames(steps.items);
  const skippable = skippableSteps(steps.items, names);
  const converted = steps.items.map((step, index) => seedStep(step, { id: names[index] ?? `step${index + 1}`, skippable, reporter }));
  entries.push(output(root, steps.items, names));
  move("workflow_steps", "steps", { ...steps, items: converted });
  return mapNode(entries, root);
}

function describe(one: MapEntry, labels: MapEntry[], reporter: Reporter): void {
  const { key, value } = one;
  const near = nearestName(key, MEANT);
  if (GUARDS.test(key)) reporter.atKey(one, { code: "DEF_NOT_YET", details: { key } });
  else if (near !== undefined)
    reporter.atKey(one, { code: "DEF_UNKNOWN_KEY", details: { where: "A workflow", key }, fix: `Did you mean \`${near}\`?` });
  else if (value.kind === "scalar" && value.value !== null) labels.push({ ...one, value: { ...value, value: String(value.value) } });
  else
    reporter.atKey(one, {
      code: "DEF_UNKNOWN_KEY",
      severity: "warning",
      details: { where: "A workflow", key },
      fix: "It is passed over: nothing in a run depends on it.",
    });
}

/** Names of workflows hold no blanks. */
function toName(node: SourceNode | undefined): SourceNode | undefined {
  if (node?.kind !== "scalar" || typeof node.value !== "string") return node;
  return { ...node, value: node.value.trim().replace(/[^A-Za-z0-9_.-]+/g, "_") };
}

/** The step's name where it is an identifier of its own, else `stepN`. */
function stepNames(steps: readonly SourceNode[]): string[] {
  const names = steps.map((step) => textOf(entryOf(step, "id")?.value) ?? textOf(entryOf(step, "step_name")?.value) ?? "");
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return names.map((name, index) => {
    const isName = isIdentifier(name) && (counts.get(name) === 1 || entryOf(steps[index], "id") !== undefined);
    return isName ? name : `step${numberOf(steps[index]) ?? index + 1}`;
  });
}

/** Names under which a step that may be skipped is referred to: reading from it gives null instead of an error, as this dialect always did. */
function skippableSteps(steps: readonly SourceNode[], names: readonly string[]): Set<string> {
  const skippable = new Set<string>();
  for (const [index, step] of steps.entries()) {
    const handling = entryOf(step, "error_handling")?.value;
    const onError = textOf(entryOf(handling, "on_error")?.value) ?? "fail";
    const condition = entryOf(step, "condition")?.value;
    const isConditional = condition !== undefined && !(condition.kind === "scalar" && (condition.value === null || condition.value === ""));
    if (!isConditional && onError === "fail" && textOf(entryOf(handling, "on_timeout")?.value) !== "skip") continue;
    skippable.add(names[index] ?? "");
    skippable.add(`step${numberOf(step) ?? index + 1}`);
  }
  return skippable;
}

/** What the run gives: each step's variable, null where the step was skipped. */
function output(root: MapNode, steps: readonly SourceNode[], names: readonly string[]): MapEntry {
  const given = entryOf(root, "output");
  const values: MapEntry[] = [];
  for (const [index, step] of steps.entries()) {
    const variable = entryOf(step, "output_variable")?.value;
    const name = textOf(variable);
    if (variable === undefined || name === undefined || values.some(({ key }) => key === name)) continue;
    values.push(entry(name, toNode(`{{ steps.${names[index]}.output.${name} ?? null }}`, variable)));
  }
  const schema = asSchema(entryOf(root, "output_schema")?.value);
  const parts = [given ?? entry("values", mapNode(values, root), root)].map((one) => ({ ...one, key: "values" }));
  if (schema !== undefined) parts.push(entry("schema", schema));
  return entry("output", mapNode(parts, root), root);
}
