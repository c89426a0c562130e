/** Spellings that are pure aliases become one: `depends_on` is `needs`, and a field such as `run` says the type of its step. */
import type { StepTypeDeclaration } from "../plan/step-type.ts";
import { type InnerRole, mapInnerSteps } from "./inner-steps.ts";
import type { Reporter } from "./reporter.ts";
import { entry, entryOf, type MapEntry, type MapNode, type SourceNode, toNode } from "./source-node.ts";

export const NEEDS_ALIASES: readonly string[] = ["depends_on", "dependencies", "depends"];

export function canonicalKeys(root: MapNode, stepTypes: readonly StepTypeDeclaration[], reporter: Reporter): MapNode {
  const entries = root.entries
    .filter(({ key }) => key !== "$schema")
    .map((one) =>
      (one.key === "steps" || one.key === "finally") && one.value.kind === "list"
        ? { ...one, value: { ...one.value, items: one.value.items.map((step) => canonicalTree(step, stepTypes, reporter)) } }
        : one,
    );
  return { ...root, entries };
}

/** A step with those inside it. */
function canonicalTree(step: SourceNode, stepTypes: readonly StepTypeDeclaration[], reporter: Reporter): SourceNode {
  const canonical = canonicalStep(step, stepTypes, reporter);
  if (canonical.kind !== "map") return canonical;
  const id = entryOf(canonical, "id")?.value;
  const name = id?.kind === "scalar" ? String(id.value) : "";
  return mapInnerSteps(canonical, (inner, role) => canonicalStep(named(inner, role, name, reporter), stepTypes, reporter));
}

/** A compensation is called after the step that it undoes. */
function named(inner: MapNode, role: InnerRole, of: string, reporter: Reporter): MapNode {
  if (role === "handler") return inner;
  const name = `${of}__compensate`;
  const given = entryOf(inner, "id");
  if (given === undefined) return { ...inner, entries: [entry("id", toNode(name, inner)), ...inner.entries] };
  if (given.value.kind !== "scalar" || given.value.value !== name)
    reporter.atKey(given, {
      code: "DEF_PHASE",
      details: { problem: `A compensation has no \`id\` of its own: this one is called \`${name}\`.` },
      fix: "Remove the `id`.",
    });
  return inner;
}

function canonicalStep(step: SourceNode, stepTypes: readonly StepTypeDeclaration[], reporter: Reporter): SourceNode {
  if (step.kind !== "map") return step;
  const needs = step.entries.filter(isNeeds);
  const inferred =
    entryOf(step, "type") === undefined
      ? stepTypes.find(({ inferredBy }) => inferredBy !== null && entryOf(step, inferredBy) !== undefined)
      : undefined;
  const isPlain =
    inferred === undefined && (needs.length === 0 || (needs.length === 1 && needs[0]?.key === "needs" && needs[0].value.kind === "list"));
  if (isPlain) return step;
  const [first, ...others] = needs;
  for (const other of others)
    reporter.atKey(other, {
      code: "DEF_DUPLICATE_KEY",
      details: { key: other.key },
      fix: `\`${other.key}\` means the same as \`${first?.key}\`: keep one.`,
    });
  const entries = step.entries.flatMap((one): MapEntry[] => {
    if (one === first) return [{ ...one, key: "needs", value: asList(one.value) }];
    return needs.includes(one) ? [] : [one];
  });
  if (inferred !== undefined) entries.splice(1, 0, entry("type", toNode(inferred.type, step)));
  return { ...step, entries };
}

function isNeeds({ key }: MapEntry): boolean {
  return key === "needs" || (key.startsWith("depend") && NEEDS_ALIASES.includes(key));
}

/** A single name stands for a list of one. */
function asList(node: SourceNode): SourceNode {
  return node.kind === "scalar" && node.value !== null ? { kind: "list", items: [node], start: node.start, end: node.end } : node;
}
