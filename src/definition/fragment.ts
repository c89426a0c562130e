/**
 * A workflow as part of another: its steps under names of their own, its input bound to what `with` gives, its output as expressions.
 *
 * - F1 Rewriting works on syntax trees, never on text: a name means the same step, and a value the same value, as before.
 * - F2 What the fragment takes from its own document (`defaults`, `use`, `env`, `functions`) is written into its steps, so that nothing
 *   of it reaches the including workflow.
 */
import type { Expression, PathNode } from "../../grammar/ast.ts";
import { printExpression, printTemplate, printText } from "../../grammar/print.ts";
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { referencesOf } from "../expression/references.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { DraftStep, FoundTree } from "./compile-step.ts";
import { mapInnerSteps } from "./inner-steps.ts";
import { nodeAt } from "./link-steps.ts";
import { NEVER } from "./policies.ts";
import { joinKeys, type ReplacePath, rewriteExpression, rewriteParts, rewriteText } from "./rewrite-tree.ts";
import { entry, entryOf, type MapEntry, type MapNode, mapNode, type ScalarNode, type SourceNode, toNode } from "./source-node.ts";

/** A workflow that compiles by itself. */
export interface Fragment {
  readonly root: MapNode;
  readonly workflow: CompiledWorkflow;
  readonly drafts: readonly DraftStep[];
  /** Those of `output` and `env`. */
  readonly trees: readonly FoundTree[];
}

export interface Inlining {
  /** Id of the step that stands for the fragment. */
  readonly id: string;
  /** What `with` gives, by name. */
  readonly given: ReadonlyMap<string, Expression>;
  /** Where the inlined steps stand in the including text. */
  readonly near: Pick<SourceNode, "start" | "end">;
  /** Called when a template sets a name that a value of `with` begins with: there it would mean something else. */
  readonly clashes: (name: string) => void;
}

export interface Inlined {
  readonly steps: readonly MapNode[];
  /** Ids of steps that nothing in the fragment waits for: when they have ended, it has. */
  readonly last: readonly string[];
  readonly output: ReadonlyMap<string, Expression>;
}

const ORIGIN = { offset: 0, line: 1, column: 1 } as const;

export function inlineFragment(fragment: Fragment, inlining: Inlining): Inlined {
  const { workflow, drafts } = fragment;
  const replace = replacer(workflow, inlining);
  const texts = new Map<SourceNode, string>();
  const nested = new Map<SourceNode, MapNode>();
  for (const { trees, node, step, declaration } of drafts) {
    nested.set(entryOf(node, "id")?.value ?? node, node);
    for (const found of trees) texts.set(found.node, printed(found, replace));
    for (const route of declaration.routes?.(step.config) ?? []) {
      const index = workflow.indexOf.get(route.step);
      if (index !== undefined) texts.set(nodeAt(node, route.field), nameOf(inlining.id, workflow.steps[index]?.id ?? ""));
    }
  }
  for (const found of fragment.trees) texts.set(found.node, printed(found, replace));
  const writing: Writing = { fragment, inlining, texts, nested };
  const main = drafts.filter(({ step }) => step.phase.kind === "main");
  const isLast = (index: number): boolean =>
    workflow.steps[index]?.dependents.every((one) => workflow.steps[one]?.phase.kind !== "main") ?? true;
  return {
    steps: main.map(({ node }) => writeStep(node, writing)),
    last: main.filter(({ step }) => isLast(step.index)).map(({ step }) => nameOf(inlining.id, step.id)),
    output: outputOf(workflow, replace),
  };
}

function nameOf(include: string, step: string): string {
  return `${include}__${step}`;
}

function printed({ tree }: FoundTree, replace: ReplacePath): string {
  if (tree.kind === "text") return printText(rewriteText(tree, replace));
  if (tree.kind === "template") return printTemplate({ ...tree, parts: rewriteParts(tree.parts, replace) });
  return printExpression(rewriteExpression(tree, replace));
}

/** Steps by their new names, the input by what is given for it. */
function replacer({ indexOf, steps, inputSchema }: CompiledWorkflow, { id, given, clashes }: Inlining): ReplacePath {
  return (path, locals) => {
    const [first, ...rest] = path.keys;
    if (path.root === "steps") {
      const index = typeof first === "string" ? indexOf.get(first) : undefined;
      return index === undefined ? path : { ...path, keys: [nameOf(id, steps[index]?.id ?? ""), ...rest] };
    }
    if (path.root !== "input") return path;
    const value =
      typeof first === "string"
        ? joinKeys(inputNamed(first, given, inputSchema), rest)
        : joinKeys(wholeInput(given, inputSchema), path.keys);
    if (locals.size > 0) for (const { root } of referencesOf(value)) if (locals.has(root)) clashes(root);
    return value;
  };
}

function inputNamed(name: string, given: Inlining["given"], schema: JsonObject | null): Expression {
  const value = given.get(name) ?? defaultOf(name, schema);
  // Nothing is given: reading it from an empty map is the same error, or the same default, as in a run of its own.
  return value ?? { kind: "member", at: ORIGIN, target: { kind: "map", at: ORIGIN, entries: [] }, keys: [name] };
}

function defaultOf(name: string, schema: JsonObject | null): Expression | undefined {
  const property = isJsonObject(schema?.properties) ? schema.properties[name] : undefined;
  return isJsonObject(property) && property.default !== undefined ? literal(property.default) : undefined;
}

function wholeInput(given: Inlining["given"], schema: JsonObject | null): Expression {
  const names = new Set([...given.keys(), ...(isJsonObject(schema?.properties) ? Object.keys(schema.properties) : [])]);
  const entries = [...names].flatMap((key) => {
    const value = given.get(key) ?? defaultOf(key, schema);
    return value === undefined ? [] : [{ key, value }];
  });
  return { kind: "map", at: ORIGIN, entries };
}

function literal(value: Json): Expression {
  if (Array.isArray(value)) return { kind: "list", at: ORIGIN, items: value.map(literal) };
  if (!isJsonObject(value)) return { kind: "literal", at: ORIGIN, value: value as string | number | boolean | null }; // lists are gone already
  return { kind: "map", at: ORIGIN, entries: Object.entries(value).map(([key, one]) => ({ key, value: literal(one) })) };
}

/** Each name of the output as one expression. */
function outputOf({ output }: CompiledWorkflow, replace: ReplacePath): Map<string, Expression> {
  const found = new Map<string, Expression>();
  for (const [name, field] of Object.entries(output ?? {})) {
    const value = fieldExpression(field);
    if (value !== null) found.set(name, rewriteExpression(value, replace));
  }
  return found;
}

/** A field's value as an expression; null for templates and conditions, which no value of a document is. */
export function fieldExpression(field: NonNullable<CompiledWorkflow["output"]>[string]): Expression | null {
  switch (field.kind) {
    case "literal":
      return literal(field.value);
    case "list": {
      const items = field.items.map(fieldExpression);
      return items.includes(null) ? null : { kind: "list", at: ORIGIN, items: items as Expression[] }; // the condition before
    }
    case "map": {
      const entries = Object.entries(field.entries).map(([key, one]) => ({ key, value: fieldExpression(one) ?? literal(null) }));
      return { kind: "map", at: ORIGIN, entries };
    }
    case "text":
      return field.text.parts
        .map((part): Expression => (part.kind === "chars" ? { kind: "literal", at: ORIGIN, value: part.text } : part.expression))
        .reduce((left, right): Expression => ({ kind: "concat", at: ORIGIN, left, right }));
    default:
      return null;
  }
}

interface Writing {
  readonly fragment: Fragment;
  readonly inlining: Inlining;
  /** New texts of scalars. */
  readonly texts: ReadonlyMap<SourceNode, string>;
  /** Steps with their defaults, by the node of their id. */
  readonly nested: ReadonlyMap<SourceNode, MapNode>;
}

/** A step of its own, with nothing left to look up elsewhere. */
function writeStep(node: MapNode, writing: Writing): MapNode {
  return writeMap(
    mapInnerSteps(node, (inner) => writing.nested.get(entryOf(inner, "id")?.value ?? inner) ?? inner),
    writing,
    true,
  );
}

function writeMap(node: MapNode, writing: Writing, isStep: boolean): MapNode {
  const { near } = writing.inlining;
  const isInner = isStep || (entryOf(node, "id") !== undefined && writing.nested.has(entryOf(node, "id")?.value ?? node));
  const entries = node.entries
    .filter(({ key }) => !(isInner && key === "number"))
    .map(({ key, value }): MapEntry => entry(key, isInner ? writeField(key, value, writing) : writeNode(value, writing), near));
  if (isInner) addEnvironment(entries, writing);
  return mapNode(entries, near);
}

function writeField(key: string, value: SourceNode, writing: Writing): SourceNode {
  const { fragment, inlining } = writing;
  const rename = (node: SourceNode): SourceNode => {
    const index = node.kind === "scalar" ? fragment.workflow.indexOf.get(String(node.value)) : undefined;
    return index === undefined ? node : toNode(nameOf(inlining.id, fragment.workflow.steps[index]?.id ?? ""), inlining.near);
  };
  if (key === "id") return rename(value);
  if (key === "needs" && value.kind === "list") return { ...value, items: value.items.map(rename) };
  if (key === "retry" || key === "timeout")
    return writeNode(named(entryOf(entryOf(fragment.root, "use")?.value, key)?.value, value), writing);
  if (key === "call") return writeNode(named(entryOf(fragment.root, "functions")?.value, value), writing);
  return writeNode(value, writing);
}

/** A policy or a function by its name; anything else is what it says. */
function named(names: SourceNode | undefined, value: SourceNode): SourceNode {
  return value.kind === "scalar" && typeof value.value === "string" && value.value !== NEVER
    ? (entryOf(names, value.value)?.value ?? value)
    : value;
}

function writeNode(node: SourceNode, writing: Writing): SourceNode {
  const { start, end } = writing.inlining.near;
  switch (node.kind) {
    case "scalar": {
      const value = writing.texts.get(node) ?? node.value;
      return { kind: "scalar", value, style: "made", start, end } satisfies ScalarNode;
    }
    case "list":
      return { kind: "list", items: node.items.map((item) => writeNode(item, writing)), start, end };
    case "map":
      return writeMap(node, writing, false);
  }
}

/** The fragment's variables, under the step's own. */
function addEnvironment(entries: MapEntry[], writing: Writing): void {
  const { fragment, inlining } = writing;
  const shared = entryOf(fragment.root, "env")?.value;
  if (shared?.kind !== "map" || shared.entries.length === 0) return;
  const position = entries.findIndex(({ key }) => key === "env");
  const own = entries[position]?.value;
  const mine = own?.kind === "map" ? own.entries : [];
  const more = shared.entries
    .filter(({ key }) => !mine.some((one) => one.key === key))
    .map(({ key, value }) => entry(key, writeNode(value, writing), inlining.near));
  const env = entry("env", mapNode([...more, ...mine], inlining.near), inlining.near);
  if (position < 0) entries.push(env);
  else entries[position] = env;
}

/** Rewrites `steps.<include>.output.<name>` in the including workflow; null for any other path. */
export function includedOutput(path: PathNode, output: ReadonlyMap<string, Expression>): Expression | null {
  const [, part, name, ...rest] = path.keys;
  if (part !== "output") return null;
  if (typeof name === "string") {
    const value = output.get(name);
    return value === undefined ? null : joinKeys(value, rest);
  }
  const whole: Expression = { kind: "map", at: path.at, entries: [...output].map(([key, value]) => ({ key, value })) };
  return joinKeys(whole, path.keys.slice(2));
}
