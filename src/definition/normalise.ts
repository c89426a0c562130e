/**
 * A document of the right shape to the one form that is stored and hashed: defaults of the language written out, shorthand schemas as
 * schemas, files inlined. Normalising its result changes nothing.
 */
import type { StepTypeDeclaration } from "../plan/step-type.ts";
import { schemaProblem } from "./data-schema.ts";
import { type Embedding, embedWorkflows } from "./embed-workflow.ts";
import { inlineFiles, type ReadFile } from "./inline-files.ts";
import { mapInnerSteps } from "./inner-steps.ts";
import type { Reporter } from "./reporter.ts";
import { isJsonSchema, notSchemas, toJsonSchema } from "./shorthand.ts";
import { childOf, entry, entryOf, type MapEntry, type MapNode, mapNode, type SourceNode, toNode, toObject } from "./source-node.ts";

export interface Normalising {
  readonly declarations: ReadonlyMap<string, StepTypeDeclaration>;
  readonly readFile: ReadFile | undefined;
  /** The name of a workflow that gives none. */
  readonly fallbackName: string;
  readonly reporter: Reporter;
  readonly embedding: Embedding;
}

export function normalise(root: MapNode, around: Normalising): MapNode {
  const { reporter } = around;
  const entries = root.entries.map((one): MapEntry => {
    if (one.key === "input" && one.value.kind === "map") return { ...one, value: schema(one.value, true, reporter) };
    if (one.key === "output" && one.value.kind === "map") return { ...one, value: runOutput(one.value, reporter) };
    if ((one.key === "steps" || one.key === "finally") && one.value.kind === "list") {
      return {
        ...one,
        value: { ...one.value, items: one.value.items.map((step) => (step.kind === "map" ? normaliseTree(step, around) : step)) },
      };
    }
    return one;
  });
  if (entryOf(root, "name") === undefined) entries.unshift(entry("name", toNode(around.fallbackName, root)));
  if (entryOf(root, "apiVersion") === undefined) entries.unshift(entry("apiVersion", toNode("troupe/v1", root)));
  return { ...root, entries };
}

function normaliseTree(step: MapNode, around: Normalising): MapNode {
  return mapInnerSteps(normaliseStep(step, around), (inner) => normaliseStep(inner, around));
}

function normaliseStep(step: MapNode, { declarations, readFile, reporter, embedding }: Normalising): MapNode {
  const type = entryOf(step, "type")?.value;
  const declaration = declarations.get(type?.kind === "scalar" ? String(type.value) : "");
  const embedded = declaration?.embeds === undefined ? step : embedWorkflows(step, declaration.embeds, embedding);
  const complete = declaration === undefined ? step : inlineFiles(embedded, declaration, readFile, reporter);
  if (entryOf(complete, "input") === undefined && entryOf(complete, "output") === undefined) return complete;
  const entries = complete.entries.map((one): MapEntry => {
    if (one.value.kind !== "map") return one;
    if (one.key === "input") return { ...one, value: schema(one.value, true, reporter) };
    if (one.key === "output") return { ...one, value: schema(unwrapped(one.value), false, reporter) };
    return one;
  });
  return { ...complete, entries };
}

/** `output: { schema: … }` says nothing else, so the schema may stand there itself. */
function unwrapped(node: MapNode): MapNode {
  const [only] = node.entries;
  return node.entries.length === 1 && only?.key === "schema" && only.value.kind === "map" ? only.value : node;
}

/** The run's output always in its long form. */
function runOutput(node: MapNode, reporter: Reporter): MapNode {
  const values = entryOf(node, "values")?.value;
  const given = entryOf(node, "schema")?.value;
  const isLong =
    node.entries.length > 0 && node.entries.every(({ key, value }) => (key === "values" || key === "schema") && value.kind === "map");
  if (!isLong) return mapNode([entry("values", node)], node);
  const entries = [entry("values", values ?? mapNode([], node), values ?? node)];
  if (given?.kind === "map") entries.push(entry("schema", schema(given, false, reporter)));
  return mapNode(entries, node);
}

/** Shorthand or schema to schema; whether it is a usable one is told at the part that is not. */
function schema(node: MapNode, closed: boolean, reporter: Reporter): MapNode {
  if (!isJsonSchema(node)) {
    const wrong = notSchemas(node);
    for (const { key, value } of wrong) {
      reporter.error(
        value,
        "DEF_BAD_SCHEMA",
        { problem: `\`${key}\` holds neither a schema nor the name of a type` },
        `Write \`${key}: { type: string }\`.`,
      );
    }
    if (wrong.length > 0) return mapNode([], node);
  }
  const result = toJsonSchema(node, closed);
  const found = schemaProblem(toObject(result));
  if (found !== null) {
    let at: SourceNode = result;
    for (const segment of found.segments) at = childOf(at, segment) ?? at;
    reporter.error(at, "DEF_BAD_SCHEMA", { problem: found.problem });
  }
  return result;
}
