/** A document in the seed dialect, where that dialect can say the same; what it cannot say is an error at its place. */
import type { Text } from "../../grammar/ast.ts";
import { parseText } from "../../grammar/parse.ts";
import { printExpression } from "../../grammar/print.ts";
import { parseDurationMs } from "../core/duration.ts";
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import type { Reporter } from "./reporter.ts";
import { entryOf, type MapEntry, type MapNode, type SourceNode, toData, toObject } from "./source-node.ts";

type Draft = Record<string, Json>;

const DOCUMENT_KEYS: Readonly<Record<string, string>> = { name: "deliverable_type", title: "display_name", timeout: "timeout_seconds" };
const DOCUMENT_SAME = ["description", "labels", "priority", "env", "tenant", "concurrency", "functions"];
const STEP_KEYS: Readonly<Record<string, string>> = {
  call: "function_to_call",
  output_variable: "output_variable",
  when: "condition",
  needs: "depends_on",
};
const STEP_SAME = ["priority", "env", "locks", "touches", "cost"];
/** Said by the dialect itself, or put together from several keys. */
const IMPLIED = ["apiVersion", "dialect", "input", "output", "steps"];

export function toSeed(root: MapNode, reporter: Reporter): JsonObject {
  const document: Draft = {};
  for (const one of root.entries) {
    const key = DOCUMENT_KEYS[one.key];
    if (one.key === "timeout") document.timeout_seconds = seconds(one.value, reporter);
    else if (key !== undefined) document[key] = toData(one.value);
    else if (DOCUMENT_SAME.includes(one.key)) document[one.key] = toData(one.value);
    else if (!IMPLIED.includes(one.key)) refuse(one, `\`${one.key}\``, reporter);
  }
  const input = entryOf(root, "input")?.value;
  if (input?.kind === "map") document.input_schema = toObject(input);
  const schema = entryOf(entryOf(root, "output")?.value, "schema")?.value;
  if (schema?.kind === "map") document.output_schema = toObject(schema);
  const steps = entryOf(root, "steps")?.value;
  const list = steps?.kind === "list" ? steps.items.filter((step) => step.kind === "map") : [];
  const values = entryOf(entryOf(root, "output")?.value, "values");
  if (values !== undefined && !isImpliedOutput(values.value, list)) document.output = toData(values.value);
  const skippable = new Set(list.filter(isSkippable).map((step) => textOf(step, "id")));
  document.workflow_steps = list.map((step, index) => toSeedStep(step, index, skippable, reporter));
  return document;
}

/** What a workflow of this dialect gives anyway: its variables. */
function isImpliedOutput(values: SourceNode, steps: readonly MapNode[]): boolean {
  if (values.kind !== "map") return false;
  return values.entries.every(({ key, value }) =>
    steps.some(
      (step) =>
        textOf(step, "output_variable") === key &&
        value.kind === "scalar" &&
        value.value === `{{ steps.${textOf(step, "id")}.output.${key} ?? null }}`,
    ),
  );
}

function isSkippable(step: MapNode): boolean {
  return entryOf(step, "when") !== undefined || toData(entryOf(step, "optional")?.value ?? step) === true;
}

function toSeedStep(step: MapNode, index: number, skippable: ReadonlySet<string>, reporter: Reporter): Draft {
  const id = textOf(step, "id");
  const number = entryOf(step, "number")?.value;
  const seed: Draft = { step_number: number === undefined ? index + 1 : toData(number), step_name: id };
  const join = textOf(step, "join");
  if (join !== "none_failed" && (join !== "" || readsSkippable(step, skippable))) {
    refuse(entryOf(step, "join") ?? entryOf(step, "id"), "that a step is skipped with those it needs", reporter);
  }
  for (const one of step.entries) {
    const key = STEP_KEYS[one.key];
    if (key !== undefined) seed[key] = toData(one.value);
    else if (STEP_SAME.includes(one.key)) seed[one.key] = toData(one.value);
    else CONVERT[one.key]?.(seed, one, reporter);
    if (one.key === "type" && textOf(step, "type") !== "function") refuse(one, `steps of type ${textOf(step, "type")}`, reporter);
    if (
      key === undefined &&
      !STEP_SAME.includes(one.key) &&
      !Object.hasOwn(CONVERT, one.key) &&
      !["id", "type", "number", "join"].includes(one.key)
    )
      refuse(one, `\`${one.key}\``, reporter);
  }
  return seed;
}

function readsSkippable(step: MapNode, skippable: ReadonlySet<string>): boolean {
  const text = JSON.stringify(toData(step));
  return [...skippable].some((id) => new RegExp(`\\b${id}\\b`).test(text) && id !== textOf(step, "id"));
}

type Convert = (seed: Draft, one: MapEntry, reporter: Reporter) => void;

const CONVERT: Readonly<Record<string, Convert>> = {
  title: (seed, one) => {
    seed.title = toData(one.value);
  },
  with: (seed, one, reporter) => {
    seed.input_mapping = mapping(one.value, reporter);
  },
  input: (seed, one) => {
    seed.input_schema = toData(one.value);
  },
  output: (seed, one) => {
    seed.output_schema = toData(one.value);
  },
  optional: (seed, one) => {
    if (toData(one.value) === true) handling(seed).on_error ??= "skip";
  },
  retry: (seed, one, reporter) => {
    const rule = toData(one.value);
    if (typeof rule === "number" || rule === "never") handling(seed).retry_count = rule === "never" ? 0 : rule;
    else if (isJsonObject(rule) && Object.keys(rule).every((key) => ["max", "base", "cap", "strategy"].includes(key))) {
      const { max = 6, base, cap, strategy } = rule;
      const more = {
        retry_count: max,
        ...(base !== undefined && { retry_delay_seconds: base }),
        ...(cap !== undefined && { max_delay_seconds: cap }),
        ...(strategy !== undefined && { backoff: strategy }),
      };
      Object.assign(handling(seed), more);
    } else refuse(one, "this `retry`", reporter);
  },
  timeout: (seed, one, reporter) => {
    if (one.value.kind === "scalar") seed.timeout_seconds = seconds(one.value, reporter);
    const after = entryOf(one.value, "after");
    if (after === undefined) return;
    if (entryOf(one.value, "grace") !== undefined) refuse(one, "`grace`", reporter);
    seed.timeout_seconds = seconds(after.value, reporter);
    const then = textOf(one.value, "then");
    if (then === "skip" || then === "fallback") handling(seed).on_timeout = then;
    const value = entryOf(one.value, "value");
    if (value !== undefined) handling(seed).fallback_value = mapping(value.value, reporter);
  },
};

function handling(seed: Draft): Draft {
  seed.error_handling ??= {};
  return seed.error_handling as Draft; // the line above, or an earlier call, has made it
}

/** Texts that are one path become `$step.path`; other expressions have no form in a mapping. */
function mapping(node: SourceNode, reporter: Reporter): Json {
  if (node.kind === "list") return node.items.map((item) => mapping(item, reporter));
  if (node.kind === "map") return Object.fromEntries(node.entries.map(({ key, value }) => [key, mapping(value, reporter)]));
  if (typeof node.value !== "string" || !node.value.includes("{{")) return node.value;
  const path = seedPath(parseText(node.value));
  if (path !== null) return path;
  reporter.error(node, "DEF_NOT_EXPRESSIBLE", { dialect: "seed", what: "an expression that is more than a path" });
  return node.value;
}

function seedPath({ parts }: Text): string | null {
  const [only] = parts;
  if (parts.length !== 1 || only?.kind !== "output") return null;
  let { expression } = only;
  // `$step2.x ?? null` is what the dialect itself means by `$step2.x` where the step may be skipped.
  if (expression.kind === "coalesce" && expression.right.kind === "literal" && expression.right.value === null)
    expression = expression.left;
  if (expression.kind !== "path") return null;
  const [step, part, ...rest] = expression.keys;
  if (expression.root !== "steps") return `$${printExpression(expression)}`;
  return part === "output" && typeof step === "string" ? `$${printExpression({ ...expression, root: step, keys: rest })}` : null;
}

function seconds(node: SourceNode, reporter: Reporter): number {
  const value = toData(node);
  const ms = typeof value === "string" || typeof value === "number" ? parseDurationMs(value) : null;
  if (ms === null) reporter.error(node, "DEF_NOT_EXPRESSIBLE", { dialect: "seed", what: "a named policy" });
  return (ms ?? 0) / 1_000;
}

function textOf(node: SourceNode, key: string): string {
  const value = entryOf(node, key)?.value;
  return value?.kind === "scalar" && typeof value.value === "string" ? value.value : "";
}

function refuse(one: MapEntry | undefined, what: string, reporter: Reporter): void {
  if (one !== undefined) reporter.atKey(one, { code: "DEF_NOT_EXPRESSIBLE", details: { dialect: "seed", what } });
}
