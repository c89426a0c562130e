/**
 * A document as a tree of nodes, each with the place in the text where it stands. YAML and JSON both become this, the dialects are
 * rewritten on it, and the workflow is compiled from it: so a finding can always point at the author's own text.
 *
 * Nodes are never changed once made, and one that is reached through an alias is shared.
 */
import { isJsonObject, type Json, type JsonObject, type JsonPrimitive } from "../core/json.ts";

/** How a scalar was written: it decides how an offset inside its value maps to the text. `made` for one that stands in no text. */
export type ScalarStyle = "plain" | "single" | "double" | "literal" | "folded" | "made";

/** `start` and `end` are offsets in the source text. */
export interface ScalarNode {
  readonly kind: "scalar";
  readonly value: JsonPrimitive;
  readonly style: ScalarStyle;
  readonly start: number;
  readonly end: number;
}
export interface ListNode {
  readonly kind: "list";
  readonly items: readonly SourceNode[];
  readonly start: number;
  readonly end: number;
}
export interface MapEntry {
  readonly key: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly value: SourceNode;
}
export interface MapNode {
  readonly kind: "map";
  readonly entries: readonly MapEntry[];
  readonly start: number;
  readonly end: number;
}
export type SourceNode = ScalarNode | ListNode | MapNode;

/** A key or an index on the way from the root to a node. */
export type Segment = string | number;

export function entryOf(node: SourceNode | undefined, key: string): MapEntry | undefined {
  if (node?.kind !== "map") return undefined;
  for (const entry of node.entries) if (entry.key === key) return entry;
  return undefined;
}

export function childOf(node: SourceNode | undefined, segment: Segment): SourceNode | undefined {
  if (node === undefined || node.kind === "scalar") return undefined;
  if (node.kind === "map") return entryOf(node, String(segment))?.value;
  return typeof segment === "number" ? node.items[segment] : undefined;
}

/** The node's value as plain data. Objects have no prototype, so that no key can reach one (S-5). */
export function toData(node: SourceNode): Json {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(toData);
    case "map": {
      const data: Record<string, Json> = Object.create(null);
      for (const { key, value } of node.entries) data[key] = toData(value);
      return data;
    }
  }
}

/** As `toData` for a node that is known to be a map. */
export function toObject(node: MapNode): JsonObject {
  return toData(node) as JsonObject; // a map becomes an object
}

/** Nodes for a value that stands in no text; their places are that of `near`, else the beginning. */
export function toNode(value: Json, near: Pick<SourceNode, "start" | "end"> = { start: 0, end: 0 }): SourceNode {
  const { start, end } = near;
  if (Array.isArray(value)) return { kind: "list", items: value.map((item) => toNode(item, near)), start, end };
  if (!isJsonObject(value)) return { kind: "scalar", value: value as JsonPrimitive, style: "made", start, end }; // lists are gone already
  return mapNode(
    Object.keys(value).map((key) => entry(key, toNode(value[key] ?? null, near), near)),
    near,
  );
}

export function mapNode(entries: readonly MapEntry[], near: Pick<SourceNode, "start" | "end">): MapNode {
  return { kind: "map", entries, start: near.start, end: near.end };
}

export function entry(key: string, value: SourceNode, near: Pick<SourceNode, "start" | "end"> = value): MapEntry {
  return { key, keyStart: near.start, keyEnd: near.end, value };
}

/** `steps[2].with.load` */
export function formatPath(path: readonly Segment[]): string {
  let text = "";
  for (const segment of path) {
    if (typeof segment === "number") text += `[${segment}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(segment)) text += text === "" ? segment : `.${segment}`;
    else text += `[${JSON.stringify(segment)}]`;
  }
  return text;
}
