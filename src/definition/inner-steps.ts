/**
 * Steps inside steps: the handlers of a `catch`, and a compensation. They are looked at, rewritten and compiled as steps of their own,
 * behind the main ones.
 */
import type { StepPhase } from "../plan/step-policies.ts";
import { MAIN_PHASE } from "../plan/step-policies.ts";
import { entryOf, type ListNode, type MapEntry, type MapNode, type SourceNode } from "./source-node.ts";

/** What a step inside another is there for. */
export type InnerRole = "handler" | "compensation";

/** The same step with each step inside it replaced. Steps without any, which are nearly all, come back as they are. */
export function mapInnerSteps(step: MapNode, change: (inner: MapNode, role: InnerRole) => SourceNode): MapNode {
  if (entryOf(step, "catch") === undefined && entryOf(step, "compensate") === undefined) return step;
  const entries = step.entries.map((one): MapEntry => {
    if (one.key === "compensate" && one.value.kind === "map") return { ...one, value: change(one.value, "compensation") };
    if (one.key === "catch" && one.value.kind === "list") {
      return { ...one, value: mapItems(one.value, (rule) => withHandlers(rule, (inner) => change(inner, "handler"))) };
    }
    return one;
  });
  return { ...step, entries };
}

function withHandlers(rule: MapNode, change: (inner: MapNode) => SourceNode): MapNode {
  const entries = rule.entries.map(
    (one): MapEntry => (one.key === "do" && one.value.kind === "list" ? { ...one, value: mapItems(one.value, change) } : one),
  );
  return { ...rule, entries };
}

function mapItems(list: ListNode, change: (item: MapNode) => SourceNode): ListNode {
  return { ...list, items: list.items.map((item) => (item.kind === "map" ? change(item) : item)) };
}

/** A step of the document where it stands in the compiled workflow. */
export interface PlacedStep {
  readonly node: MapNode;
  readonly phase: StepPhase;
  /** By rule of its `catch`, the indices of the steps that handle its failure. */
  readonly handlers: readonly (readonly number[])[];
}

const NO_HANDLERS: PlacedStep["handlers"] = [];

/** Main steps, handlers, compensations, `finally`: each group in the order of the file. The position in the list is the step's index. */
export function placeSteps(root: MapNode): PlacedStep[] {
  const main = mapsOf(entryOf(root, "steps")?.value);
  const handling: PlacedStep[] = [];
  const compensating: PlacedStep[] = [];
  const placed = main.map((node, of): PlacedStep => {
    const compensation = entryOf(node, "compensate")?.value;
    if (compensation?.kind === "map") compensating.push({ node: compensation, phase: { kind: "compensation", of }, handlers: NO_HANDLERS });
    const rules = entryOf(node, "catch")?.value;
    if (rules?.kind !== "list") return { node, phase: MAIN_PHASE, handlers: NO_HANDLERS };
    const handlers = rules.items.map((item, rule) =>
      mapsOf(entryOf(item, "do")?.value).map(
        (handler) => main.length - 1 + handling.push({ node: handler, phase: { kind: "handler", of, rule }, handlers: NO_HANDLERS }),
      ),
    );
    return { node, phase: MAIN_PHASE, handlers };
  });
  const last = mapsOf(entryOf(root, "finally")?.value).map(
    (node): PlacedStep => ({ node, phase: { kind: "finally" }, handlers: NO_HANDLERS }),
  );
  return [...placed, ...handling, ...compensating, ...last];
}

function mapsOf(node: SourceNode | undefined): MapNode[] {
  return node?.kind === "list" ? node.items.filter((item) => item.kind === "map") : [];
}
