/** What a step asks of the engine around its attempts, from nodes to `plan/step-policies.ts`. The shape has been checked. */
import type { FailureClass } from "../core/failure.ts";
import type { Field } from "../plan/field.ts";
import type { CachePolicy, CatchMatch, CatchRule, FanOut, GatePolicy, IsolationPolicy, ToolPolicy } from "../plan/step-policies.ts";
import type { FieldReader } from "./fields.ts";
import type { CacheRule, GateRule, IsolationRule, ToolRule } from "./model.ts";
import type { PolicyReader } from "./policies.ts";
import type { Reporter } from "./reporter.ts";
import { entryOf, type MapNode, type SourceNode, toData } from "./source-node.ts";

export interface PolicyReading {
  readonly fields: FieldReader;
  readonly policies: PolicyReader;
  readonly reporter: Reporter;
}

const FAN_OUT_KEYS = ["key", "max_parallel", "on_item_error"];

export function readFanOut(step: MapNode, { fields, reporter }: PolicyReading): FanOut | null {
  const list = entryOf(step, "for_each");
  const matrix = entryOf(step, "matrix");
  if (list === undefined && matrix === undefined) {
    for (const one of step.entries)
      if (FAN_OUT_KEYS.includes(one.key))
        reporter.atKey(one, {
          code: "DEF_FAN_OUT",
          details: { problem: `\`${one.key}\` concerns the items of a fan-out, and this step has none.` },
          fix: "Add `for_each` or `matrix`, or remove it.",
        });
    return null;
  }
  if (list !== undefined && matrix !== undefined) {
    reporter.atKey(matrix, {
      code: "DEF_FAN_OUT",
      details: { problem: "A step fans out over `for_each` or over `matrix`, not over both." },
      fix: "Keep one of the two; a list is one more axis of a matrix.",
    });
  }
  const key = entryOf(step, "key")?.value;
  const maxParallel = entryOf(step, "max_parallel")?.value;
  const onItemError = entryOf(step, "on_item_error")?.value;
  return {
    over:
      list === undefined
        ? readMatrix(matrix?.value, fields, reporter)
        : { kind: "list", items: itemsField(list.value, "for_each", fields, reporter) },
    key: key === undefined ? null : fields.read(key, "key", "text"),
    maxParallel: maxParallel === undefined ? null : Number(toData(maxParallel)),
    onItemError: onItemError !== undefined && toData(onItemError) === "collect" ? "collect" : "fail",
  };
}

function readMatrix(node: SourceNode | undefined, fields: FieldReader, reporter: Reporter): FanOut["over"] {
  const axes: Record<string, Field> = Object.create(null);
  const combinations = (name: string): Field[] => {
    const list = entryOf(node, name)?.value;
    return list?.kind === "list" ? list.items.map((item, index) => fields.read(item, `matrix.${name}[${index}]`, "text")) : [];
  };
  for (const { key, value } of node?.kind === "map" ? node.entries : [])
    if (key !== "include" && key !== "exclude") axes[key] = itemsField(value, `matrix.${key}`, fields, reporter);
  const over = { kind: "matrix", axes, include: combinations("include"), exclude: combinations("exclude") } as const;
  if (Object.keys(axes).length === 0 && over.include.length === 0 && node !== undefined)
    reporter.error(
      node,
      "DEF_FAN_OUT",
      { problem: "A matrix without axes has no combinations." },
      "Give a list by name: `os: [linux, macos]`.",
    );
  return over;
}

/** A text must be an expression: nothing else in it can be a list. */
function itemsField(node: SourceNode, path: string, fields: FieldReader, reporter: Reporter): Field {
  const text = node.kind === "scalar" ? String(node.value).trim() : null;
  if (text !== null && !(text.startsWith("{{") && text.endsWith("}}"))) {
    reporter.error(
      node,
      "DEF_FAN_OUT",
      { problem: `\`${path}\` goes over ${path === "for_each" ? "a list or a map" : "a list"}; this is a text.` },
      "Write a list, or one `{{ … }}` that gives one.",
    );
  }
  return fields.read(node, path, "text");
}

/** @param handlers by rule, the indices of the steps in its `do`. */
export function readCatches(node: SourceNode | undefined, handlers: readonly (readonly number[])[], reading: PolicyReading): CatchRule[] {
  if (node?.kind !== "list") return [];
  return node.items.flatMap((item, index): CatchRule[] => {
    if (item.kind !== "map") return [];
    const path = `catch[${index}]`;
    const match = readMatch(entryOf(item, "match")?.value, path, reading);
    return [{ match, action: readAction(item, path, handlers[index] ?? [], reading) }];
  });
}

function readMatch(node: SourceNode | undefined, path: string, { fields }: PolicyReading): CatchMatch {
  const listed = <TItem>(key: string): readonly TItem[] | null => {
    const value = entryOf(node, key)?.value;
    return value === undefined ? null : ([toData(value)].flat() as TItem[]); // the shape admits no others
  };
  const when = entryOf(node, "when")?.value;
  return {
    classes: listed<FailureClass>("class"),
    codes: listed<string>("code"),
    tools: listed<string>("tool"),
    statuses: listed<number>("status"),
    when: when?.kind === "scalar" ? fields.condition(when, `${path}.match.when`) : null,
  };
}

function readAction(rule: MapNode, path: string, steps: readonly number[], { fields, reporter }: PolicyReading): CatchRule["action"] {
  const action = entryOf(rule, "do")?.value;
  const value = entryOf(rule, "value");
  const kind = action?.kind === "scalar" ? String(action.value) : action?.kind === "list" ? "handle" : "fallback";
  if (kind === "fallback" && action?.kind === "scalar") {
    if (value !== undefined) return { kind, value: fields.read(value.value, `${path}.value`, "text") };
    reporter.error(rule, "DEF_SCHEMA", { path, problem: "`do: fallback` needs a `value`" }, "Give the output that the step has then.");
  } else if (value !== undefined) {
    reporter.atKey(value, {
      code: "DEF_UNUSED",
      severity: "warning",
      details: { problem: "The `value` is only used under `do: fallback`." },
    });
  }
  if (kind === "handle") return { kind, steps };
  if (kind !== "fallback") return { kind: kind === "skip" ? "skip" : "fail" };
  const given = entryOf(action, "fallback")?.value;
  return { kind, value: given === undefined ? { kind: "literal", value: null } : fields.read(given, `${path}.do.fallback`, "text") };
}

export function readCache(node: SourceNode | undefined, { fields, policies }: PolicyReading): CachePolicy | null {
  if (node === undefined || (node.kind === "scalar" && node.value !== true)) return null;
  const said = node.kind === "map" ? (toData(node) as CacheRule) : {};
  const key = entryOf(node, "key")?.value;
  const ttl = entryOf(node, "ttl")?.value;
  return {
    key:
      key === undefined
        ? []
        : key.kind === "list"
          ? key.items.map((item, index) => fields.read(item, `cache.key[${index}]`, "text"))
          : [fields.read(key, "cache.key", "text")],
    files: texts(said.files),
    produces: texts(said.produces),
    env: texts(said.env),
    ttlMs: ttl === undefined ? null : policies.duration(ttl),
    version: String(said.version ?? ""),
  };
}

export function readGate(node: SourceNode | undefined, { fields }: PolicyReading): GatePolicy | null {
  if (node === undefined || (node.kind === "scalar" && node.value === null)) return null;
  const said = node.kind === "map" ? (toData(node) as GateRule) : {};
  const field = (key: string): Field | null => {
    const given = entryOf(node, key)?.value;
    return given === undefined ? null : fields.read(given, `gate.${key}`, "text");
  };
  return {
    report: field("report"),
    format: said.format ?? "auto",
    minPassed: said.min_passed ?? 0,
    maxFailed: said.max_failed ?? 0,
    maxSkipped: said.max_skipped ?? null,
    coverage: said.coverage ?? null,
    coverageReport: field("coverage_report"),
    allowEmpty: said.allow_empty ?? false,
  };
}

/** `worktree: false` takes back what `defaults` say. */
export function readIsolation(node: SourceNode | undefined, { fields }: PolicyReading): IsolationPolicy | null {
  if (node?.kind !== "map") return null;
  const said = toData(node) as IsolationRule; // the shape has been checked
  if (said.worktree === false) return null;
  const base = entryOf(node, "base")?.value;
  return {
    worktree: true,
    merge: said.merge ?? "queue",
    base: base === undefined ? null : fields.read(base, "isolation.base", "text"),
    discard: said.discard ?? false,
  };
}

export function readTool(node: SourceNode | undefined): ToolPolicy | null {
  if (node === undefined) return null;
  if (node.kind !== "map")
    return node.kind === "scalar" && typeof node.value === "string" ? { name: node.value, needs: [], prefer: null } : null;
  const said = toData(node) as ToolRule; // the shape has been checked
  return { name: said.name ?? null, needs: texts(said.needs), prefer: said.prefer ?? null };
}

function texts(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : [value].flat();
}
