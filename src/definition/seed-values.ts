/** Small questions that the readers of the seed dialect ask of nodes. */
import { entry, entryOf, type ScalarNode, type SourceNode, toNode } from "./source-node.ts";

/** Always a schema here, so an empty one must not be read as the shorthand for "no inputs". */
export function asSchema(node: SourceNode | undefined): SourceNode | undefined {
  if (node?.kind !== "map" || entryOf(node, "$schema") !== undefined) return node;
  return { ...node, entries: [entry("$schema", toNode("http://json-schema.org/draft-07/schema#", node)), ...node.entries] };
}

export function textOf(node: SourceNode | undefined): string | undefined {
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}

export function numberOf(step: SourceNode | undefined): number | undefined {
  const node = entryOf(step, "step_number")?.value;
  return node?.kind === "scalar" && typeof node.value === "number" ? node.value : undefined;
}

export function isNull(node: SourceNode | undefined): node is ScalarNode | undefined {
  return node === undefined || (node.kind === "scalar" && node.value === null);
}
