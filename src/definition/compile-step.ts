/** One step of a document to a compiled step; edges to others are added when all steps are known. */
import type { Expression, Template, Text } from "../../grammar/ast.ts";
import type { StepId } from "../core/ids.ts";
import type { JsonObject } from "../core/json.ts";
import { type Reference, referencesOf } from "../expression/references.ts";
import type { Field } from "../plan/field.ts";
import type { StepTypeDeclaration } from "../plan/step-type.ts";
import type { CompiledStep, CrashPolicy, Join, Priority, SideEffect } from "../plan/workflow.ts";
import { type PolicyReading, readCache, readCatches, readFanOut, readGate, readIsolation, readTool } from "./around-policies.ts";
import { FieldReader } from "./fields.ts";
import type { PlacedStep } from "./inner-steps.ts";
import { modelSchemas } from "./model.generated.ts";
import type { PolicyReader } from "./policies.ts";
import type { Reporter } from "./reporter.ts";
import { entryOf, type MapEntry, type MapNode, mapNode, type SourceNode, toData, toObject } from "./source-node.ts";

/** A reference with the field that holds it. */
export interface FoundReference {
  readonly reference: Reference;
  readonly field: string;
  readonly source: string;
  readonly node: SourceNode;
}

/** A tree with the field that holds it, for checks of types. */
export interface FoundTree {
  readonly tree: Expression | Text | Template;
  readonly field: string;
  readonly node: SourceNode;
}

/** Everything of a compiled step that does not depend on the others. */
export type LooseStep = Omit<CompiledStep, "needs" | "dependents" | "routedBy" | "conflicts">;

export interface DraftStep {
  readonly node: MapNode;
  readonly declaration: StepTypeDeclaration;
  readonly step: LooseStep;
  readonly references: readonly FoundReference[];
  readonly trees: readonly FoundTree[];
}

export interface StepSurroundings {
  readonly declarations: ReadonlyMap<string, StepTypeDeclaration>;
  /** The `defaults` of the document. */
  readonly defaults: SourceNode | undefined;
  /** Names of functions that the document gives. */
  readonly functions: SourceNode | undefined;
  readonly policies: PolicyReader;
  readonly reporter: Reporter;
}

/** Keys that mean the same for every type; all others are the type's own. */
const GENERIC = new Set(Object.keys(modelSchemas.step.properties).filter((key) => key !== "with"));

export function compileStep(placed: PlacedStep, index: number, around: StepSurroundings): DraftStep | null {
  const { node: written, phase, handlers } = placed;
  const declaration = around.declarations.get(textAt(written, "type") ?? "");
  if (declaration === undefined) return null;
  const node = withDefaults(written, entryOf(around.defaults, declaration.type)?.value);
  const { reporter, policies } = around;
  const references: FoundReference[] = [];
  const trees: FoundTree[] = [];
  const fields = new FieldReader({
    reporter,
    visit: (tree, source, at, field) => {
      trees.push({ tree, field, node: at });
      for (const reference of referencesOf(tree)) references.push({ reference, field, source, node: at });
    },
  });
  const get = (key: string): SourceNode | undefined => entryOf(node, key)?.value;
  const value = (key: string): unknown => scalarOf(get(key));
  const when = get("when");
  const reading: PolicyReading = { fields, policies, reporter };
  const step: LooseStep = {
    id: textAt(node, "id") as StepId, // the shape has been checked: an identifier
    index,
    number: (value("number") as number | undefined) ?? null,
    title: textAt(node, "title") ?? null,
    type: declaration.type,
    place: reporter.placeOf(entryOf(written, "id")?.value ?? written),
    join: (value("join") as Join | undefined) ?? "all_success",
    when: when?.kind === "scalar" && when.value !== null ? fields.condition(when, "when") : null,
    config: configOf(node, declaration, fields, around.functions),
    env: fields.readMap(mapOf(get("env")), "env"),
    timeout: policies.timeout(get("timeout"), fields),
    retry: policies.retry(get("retry")),
    priority: (value("priority") as Priority | undefined) ?? null,
    optional: value("optional") === true,
    inputSchema: schemaOf(get("input")),
    outputSchema: schemaOf(get("output")),
    outputVariable: textAt(node, "output_variable") ?? null,
    locks: textsOf(get("locks")),
    touches: textsOf(get("touches")),
    sideEffect: (value("side_effect") as SideEffect | undefined) ?? "repeatable",
    onEngineCrash: (value("on_engine_crash") as CrashPolicy | undefined) ?? "reattach",
    cost: costOf(get("cost"), policies),
    phase,
    fanOut: readFanOut(node, reading),
    item: null,
    catches: readCatches(get("catch"), handlers, reading),
    cache: readCache(get("cache"), reading),
    gate: readGate(get("gate"), reading),
    isolation: readIsolation(get("isolation"), reading),
    tool: readTool(get("tool")),
    profile: textAt(node, "profile") ?? null,
  };
  return { node, declaration, step, references, trees };
}

/** A step's own fields win; variables are joined one by one. */
function withDefaults(step: MapNode, defaults: SourceNode | undefined): MapNode {
  if (defaults?.kind !== "map" || defaults.entries.length === 0) return step;
  const added: MapEntry[] = [];
  let own = step.entries;
  for (const one of defaults.entries) {
    const given = entryOf(step, one.key);
    if (given === undefined) added.push(one);
    else if (one.key === "env" && one.value.kind === "map" && given.value.kind === "map") {
      const variables = given.value;
      const more = one.value.entries.filter(({ key }) => entryOf(variables, key) === undefined);
      own = own.map((entry) => (entry === given ? { ...entry, value: mapNode([...more, ...variables.entries], variables) } : entry));
    }
  }
  return { ...step, entries: [...own, ...added] };
}

function configOf(
  node: MapNode,
  declaration: StepTypeDeclaration,
  fields: FieldReader,
  functions: SourceNode | undefined,
): Record<string, Field> {
  const config: Record<string, Field> = Object.create(null);
  for (const { key, value } of node.entries) {
    if (GENERIC.has(key) && !Object.hasOwn(declaration.properties, key)) continue;
    const named = declaration.type === "function" && key === "call" ? entryOf(functions, String(scalarOf(value)))?.value : undefined;
    config[key] = fields.read(named ?? value, key, declaration.fields[key] ?? "text", declaration.fields);
  }
  return config;
}

function schemaOf(node: SourceNode | undefined): JsonObject | null {
  return node?.kind === "map" ? toObject(node) : null;
}

function costOf(node: SourceNode | undefined, policies: PolicyReader): CompiledStep["cost"] {
  const number = (key: string): number | null => {
    const said = scalarOf(entryOf(node, key)?.value);
    return typeof said === "number" ? said : null;
  };
  const duration = entryOf(node, "duration")?.value;
  return {
    durationMs: duration === undefined ? null : policies.duration(duration),
    usd: number("usd"),
    manualMinutes: number("manual_minutes"),
  };
}

function textsOf(node: SourceNode | undefined): string[] {
  if (node === undefined) return [];
  return [toData(node)].flat().map(String);
}

export function scalarOf(node: SourceNode | undefined): string | number | boolean | null | undefined {
  return node?.kind === "scalar" ? node.value : undefined;
}

export function textAt(node: SourceNode, key: string): string | undefined {
  const value = scalarOf(entryOf(node, key)?.value);
  return typeof value === "string" ? value : undefined;
}

export function mapOf(node: SourceNode | undefined): MapNode | undefined {
  return node?.kind === "map" ? node : undefined;
}
