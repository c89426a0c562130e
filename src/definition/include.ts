/**
 * `include: deploy.yaml` becomes the steps of that workflow, before anything else looks at them: they are checked, planned, hashed and
 * run like steps that stand in the file itself.
 */
import type { Expression } from "../../grammar/ast.ts";
import { parseExpression } from "../../grammar/parse.ts";
import { printExpression, printTemplate, printText } from "../../grammar/print.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import { nearestName } from "../core/nearest.ts";
import { referencesOf } from "../expression/references.ts";
import type { FoundTree } from "./compile-step.ts";
import { validateData } from "./data-schema.ts";
import { FieldReader } from "./fields.ts";
import { type Fragment, fieldExpression, includedOutput, inlineFragment } from "./fragment.ts";
import type { Reporter } from "./reporter.ts";
import { type ReplacePath, rewriteExpression, rewriteParts, rewriteText } from "./rewrite-tree.ts";
import { entry, entryOf, type ListNode, type MapEntry, type MapNode, type ScalarNode, type SourceNode, toNode } from "./source-node.ts";

/** Steps that all includes of a document may bring in. */
const INLINED_MAX = 20_000;

/** What only a run as a whole has. */
const RUN_KEYS = ["concurrency", "priority", "tenant", "timeout", "labels", "profile", "secrets", "risk", "finally"];

export interface Including {
  /** Compiles the workflow at a path relative to this one; null when it has errors, which have been told. */
  readonly readFragment: (path: string, at: ScalarNode) => Fragment | null;
  /** Checks the shape of an including step. */
  readonly checkShape: (step: MapNode) => boolean;
  readonly reporter: Reporter;
}

/** By the id of an including step, what its workflow gives. */
export type Included = ReadonlyMap<string, ReadonlyMap<string, Expression>>;

export interface Expanded {
  readonly root: MapNode;
  readonly included: Included;
}

export function expandIncludes(root: MapNode, including: Including): Expanded {
  const included = new Map<string, ReadonlyMap<string, Expression>>();
  const steps = entryOf(root, "steps");
  if (steps?.value.kind !== "list" || !steps.value.items.some(isIncluding)) return { root, included };
  const last = new Map<string, readonly string[]>();
  const items: SourceNode[] = [];
  for (const step of steps.value.items) {
    if (step.kind !== "map" || !isIncluding(step)) {
      items.push(step);
      continue;
    }
    const found = expand(step, including);
    if (found === null) continue;
    included.set(found.id, found.output);
    last.set(found.id, found.last);
    items.push(...found.steps);
    if (items.length > INLINED_MAX) {
      including.reporter.error(step, "DEF_LIMIT", { problem: `it includes more than ${INLINED_MAX} steps` });
      break;
    }
  }
  const list: ListNode = { ...steps.value, items: items.map((step) => withNeeds(step, last)) };
  return { root: { ...root, entries: root.entries.map((one) => (one === steps ? { ...one, value: list } : one)) }, included };
}

function isIncluding(step: SourceNode): boolean {
  return step.kind === "map" && entryOf(step, "include") !== undefined;
}

interface Found {
  readonly id: string;
  readonly steps: readonly MapNode[];
  readonly last: readonly string[];
  readonly output: ReadonlyMap<string, Expression>;
}

function expand(step: MapNode, { readFragment, checkShape, reporter }: Including): Found | null {
  const path = entryOf(step, "include")?.value;
  const id = entryOf(step, "id")?.value;
  if (!checkShape(step) || path?.kind !== "scalar" || id?.kind !== "scalar") return null;
  const fragment = readFragment(String(path.value), path);
  if (fragment === null) return null;
  const refuse = (at: SourceNode, problem: string, fix: string): void =>
    reporter.error(at, "DEF_INCLUDE", { path: String(path.value), problem }, fix);
  for (const { key } of fragment.root.entries)
    if (RUN_KEYS.includes(key))
      refuse(
        path,
        `it says \`${key}\`, which only a run as a whole has`,
        "Remove it there, or start a run of its own with a step of `type: workflow`.",
      );
  const given = readGiven(step, fragment, reporter, refuse);
  const inlined = inlineFragment(fragment, {
    id: String(id.value),
    given,
    near: path,
    clashes: (name) =>
      refuse(
        path,
        `one of its templates gives the name \`${name}\` to something else, and \`with\` reads \`${name}\``,
        "Rename it in the template.",
      ),
  });
  return { ...inlined, id: String(id.value), steps: begin(inlined.steps, step) };
}

/** The values of `with` as expressions, checked as far as they are known. */
function readGiven(
  step: MapNode,
  { workflow: { inputSchema } }: Fragment,
  reporter: Reporter,
  refuse: (at: SourceNode, problem: string, fix: string) => void,
): Map<string, Expression> {
  const given = new Map<string, Expression>();
  const values = entryOf(step, "with")?.value;
  const properties: JsonObject = isJsonObject(inputSchema?.properties) ? inputSchema.properties : {};
  const fields = new FieldReader({ reporter, visit: (tree, _, node) => checkNames(tree, node, refuse) });
  for (const { key, value } of values?.kind === "map" ? values.entries : []) {
    const field = fields.read(value, `with.${key}`, "text");
    given.set(key, fieldExpression(field) ?? { kind: "literal", at: { offset: 0, line: 1, column: 1 }, value: null });
    const property = properties[key];
    if (property === undefined && inputSchema?.additionalProperties === false) {
      const near = nearestName(key, Object.keys(properties));
      refuse(
        value,
        `its input has no \`${key}\``,
        near === undefined ? `It has ${Object.keys(properties).join(", ") || "none"}.` : `Did you mean \`${near}\`?`,
      );
    }
    if (field.kind !== "literal" || !isJsonObject(property)) continue;
    const [wrong] = validateData({ ...inputSchema, ...property }, field.value).errors;
    if (wrong !== undefined && property.$ref === undefined) refuse(value, `${key}: ${wrong.message}`, "Correct the value.");
  }
  const required = Array.isArray(inputSchema?.required) ? inputSchema.required : [];
  for (const name of required) {
    const property = properties[String(name)];
    const hasDefault = isJsonObject(property) && property.default !== undefined;
    if (!given.has(String(name)) && !hasDefault)
      refuse(entryOf(step, "include")?.value ?? step, `its input \`${name}\` is missing`, `Give it: \`with: { ${name}: … }\`.`);
  }
  return given;
}

/** Names that mean something else inside the included steps. */
function checkNames(tree: FoundTree["tree"], node: SourceNode, refuse: (at: SourceNode, problem: string, fix: string) => void): void {
  for (const { root } of referencesOf(tree))
    if (root === "item" || root === "env" || root === "error")
      refuse(
        node,
        `\`with\` reads \`${root}\`, which means something else inside it`,
        "Give it what `input`, `context`, `run` or a step holds.",
      );
}

/** What the including step waits for, its steps wait for; its condition is theirs. */
function begin(steps: readonly MapNode[], including: MapNode): MapNode[] {
  const needs = entryOf(including, "needs");
  const when = entryOf(including, "when");
  return steps.map((step) => {
    let entries: readonly MapEntry[] = step.entries;
    const own = entryOf(step, "needs");
    if (needs !== undefined && (own === undefined || (own.value.kind === "list" && own.value.items.length === 0)))
      entries = [...entries.filter((one) => one !== own), needs];
    if (when !== undefined) entries = withCondition(entries, when);
    return { ...step, entries };
  });
}

function withCondition(entries: readonly MapEntry[], outer: MapEntry): MapEntry[] {
  const own = entries.find(({ key }) => key === "when");
  if (own?.value.kind !== "scalar" || own.value.value === null || outer.value.kind !== "scalar")
    return [...entries.filter((one) => one !== own), outer];
  const operands = [outer.value, own.value].map(({ value }) => parsed(String(value)));
  const [left, right] = operands;
  // A condition that cannot be read is told when the step is compiled.
  if (left === null || left === undefined || right === null || right === undefined) return [...entries];
  const both: Expression = { kind: "logic", at: left.at, operator: "and", operands: [left, right] };
  return [...entries.filter((one) => one !== own), entry("when", toNode(printExpression(both), outer.value), outer.value)];
}

function parsed(source: string): Expression | null {
  try {
    return parseExpression(source);
  } catch {
    return null;
  }
}

/** Who needs the including step needs those that end it. */
function withNeeds(step: SourceNode, last: ReadonlyMap<string, readonly string[]>): SourceNode {
  const needs = entryOf(step, "needs");
  if (step.kind !== "map" || needs?.value.kind !== "list") return step;
  const { items } = needs.value;
  if (!items.some((item) => item.kind === "scalar" && last.has(String(item.value)))) return step;
  const value: ListNode = {
    ...needs.value,
    items: items.flatMap((item) =>
      item.kind === "scalar" ? (last.get(String(item.value))?.map((id) => toNode(id, item)) ?? [item]) : [item],
    ),
  };
  return { ...step, entries: step.entries.map((one) => (one === needs ? { ...one, value } : one)) };
}

/**
 * `steps.deploy.output.url`, where `deploy` includes a workflow, is what that workflow says its `url` is. Texts that read it are written
 * anew; all others keep their nodes.
 */
export function bindOutputs(root: MapNode, trees: readonly FoundTree[], included: Included, reporter: Reporter): MapNode {
  const texts = new Map<SourceNode, string>();
  for (const found of trees) {
    const { tree, node } = found;
    if (!referencesOf(tree).some(({ step }) => step !== undefined && included.has(step))) continue;
    const replace: ReplacePath = (path) => {
      const [id] = path.keys;
      const output = path.root === "steps" && typeof id === "string" ? included.get(id) : undefined;
      if (output === undefined) return path;
      const value = includedOutput(path, output);
      if (value === null)
        reporter.error(
          node,
          "DEF_UNKNOWN_NAME",
          { problem: `\`${printExpression(path)}\` is nothing that the workflow included as \`${String(id)}\` gives.` },
          output.size === 0
            ? "Give it an `output`."
            : `It gives ${[...output.keys()].map((name) => `\`steps.${String(id)}.output.${name}\``).join(", ")}.`,
        );
      return value ?? path;
    };
    texts.set(node, rewritten(tree, replace));
  }
  return texts.size === 0 ? root : (replaceTexts(root, texts) as MapNode); // a map stays one
}

function rewritten(tree: FoundTree["tree"], replace: ReplacePath): string {
  if (tree.kind === "text") return printText(rewriteText(tree, replace));
  if (tree.kind === "template") return printTemplate({ ...tree, parts: rewriteParts(tree.parts, replace) });
  return printExpression(rewriteExpression(tree, replace));
}

function replaceTexts(node: SourceNode, texts: ReadonlyMap<SourceNode, string>): SourceNode {
  switch (node.kind) {
    case "scalar": {
      const value = texts.get(node);
      return value === undefined ? node : { ...node, value, style: "made" };
    }
    case "list":
      return { ...node, items: node.items.map((item) => replaceTexts(item, texts)) };
    case "map":
      return { ...node, entries: node.entries.map((one) => ({ ...one, value: replaceTexts(one.value, texts) })) };
  }
}
