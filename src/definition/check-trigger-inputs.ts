/** Whether what triggers give fits the workflow's input, as far as that can be said before an event has come. */
import type { JsonObject } from "../core/json.ts";
import { validateData } from "./data-schema.ts";
import type { Reporter } from "./reporter.ts";
import { entryOf, formatPath, type MapNode, type Segment, type SourceNode, toData } from "./source-node.ts";

/** What is wrong with a map as a whole can be told although some of its values are not known. */
const OF_MAPS: ReadonlySet<string> = new Set(["required", "additionalProperties", "propertyNames", "minProperties", "maxProperties"]);

export function checkTriggerInputs(on: SourceNode | undefined, schema: JsonObject | null, reporter: Reporter): void {
  if (schema === null) return;
  for (const kind of ["schedule", "event"]) {
    const items = entryOf(on, kind)?.value;
    for (const item of items?.kind === "list" ? items.items : []) if (item.kind === "map") checkItem(item, kind, schema, reporter);
  }
}

function checkItem(item: MapNode, kind: string, schema: JsonObject, reporter: Reporter): void {
  const input = entryOf(item, "input")?.value;
  const nodes: { readonly path: string; readonly node: SourceNode; readonly isOpen: boolean }[] = [];
  if (input !== undefined) collect(input, ["input"], nodes);
  const open = nodes.filter(({ isOpen }) => isOpen).map(({ path }) => path);
  for (const { path, message, keyword } of validateData(schema, input === undefined ? {} : toData(input)).errors) {
    const isUnknown = open.some((one) => isWithin(path, one) || (isWithin(one, path) && !OF_MAPS.has(keyword)));
    if (isUnknown) continue;
    const at = nodes.findLast((one) => isWithin(path, one.path))?.node ?? item;
    const details = { problem: `What the ${kind} gives does not fit the workflow's input: ${path}: ${message}.` };
    reporter.error(at, "DEF_TRIGGER", details, "Give it under the `input` of the trigger, or give the workflow's input a default.");
  }
}

/** Each node with its path, parents first. Open ones hold an expression. */
function collect(node: SourceNode, path: readonly Segment[], nodes: { path: string; node: SourceNode; isOpen: boolean }[]): void {
  nodes.push({
    path: formatPath(path),
    node,
    isOpen: node.kind === "scalar" && typeof node.value === "string" && node.value.includes("{{"),
  });
  if (node.kind === "list") for (const [index, item] of node.items.entries()) collect(item, [...path, index], nodes);
  if (node.kind === "map") for (const { key, value } of node.entries) collect(value, [...path, key], nodes);
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
}
