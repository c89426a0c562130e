/** Names to steps, and references, `needs` and switch cases to edges. */

import { isRoot } from "../../grammar/ast.ts";
import { isTroupeError } from "../core/errors.ts";
import { nearestName } from "../core/nearest.ts";
import { computeConflicts } from "../plan/conflicts.ts";
import { findCycle } from "../plan/order.ts";
import { MAIN_PHASE, type StepPhase } from "../plan/step-policies.ts";
import type { CompiledStep, Edge, EdgeReason } from "../plan/workflow.ts";
import type { DraftStep, FoundReference } from "./compile-step.ts";
import { isSameGroup, type PhaseAdvice, sightOf, whyHidden, whyNotChosen, whyNotNeeded } from "./phase-rules.ts";
import type { Remark, Reporter } from "./reporter.ts";
import { entryOf, formatPath, type SourceNode } from "./source-node.ts";

/** Ids, and for numbered steps `stepN` too. */
export function indexSteps(drafts: readonly DraftStep[], reporter: Reporter): Map<string, number> {
  const indexOf = new Map<string, number>();
  for (const { step, node } of drafts) {
    const at = entryOf(node, "id")?.value ?? node;
    // `run` and the other roots would hide the step behind `$`; `context` and the like cannot be told from it either.
    if (isRoot(step.id)) reporter.error(at, "DEF_RESERVED_ID", { step: step.id });
    if (indexOf.has(step.id)) {
      const first = drafts[indexOf.get(step.id) ?? 0];
      reporter.error(
        at,
        "DEF_DUPLICATE_STEP",
        { step: step.id },
        first && `The other one stands on line ${first.step.place.line}. Rename one of them.`,
      );
    } else indexOf.set(step.id, step.index);
  }
  for (const { step, node } of drafts) {
    if (step.number === null) continue;
    const alias = `step${step.number}`;
    const holder = indexOf.get(alias);
    const at = entryOf(node, "number")?.value ?? node;
    if (holder === undefined) indexOf.set(alias, step.index);
    else if (holder !== step.index) {
      const other = drafts[holder];
      if (other?.step.number === step.number)
        reporter.error(at, "DEF_STEP_NUMBER", { number: step.number }, `Step \`${other.step.id}\` has the same number.`);
      else reporter.error(entryOf(other?.node ?? node, "id")?.value ?? at, "DEF_STEP_NUMBER", { number: step.number });
    }
    const named = /^step(\d+)$/.exec(step.id);
    if (named !== null && Number(named[1]) !== step.number)
      reporter.error(at, "DEF_STEP_NUMBER", { number: Number(named[1]) }, `Step \`${step.id}\` has the number ${step.number}.`);
  }
  return indexOf;
}

export interface Links {
  readonly needs: readonly (readonly Edge[])[];
  readonly dependents: readonly (readonly number[])[];
  readonly routedBy: readonly (readonly number[])[];
}

/** The edges of one step in the making. Most steps have few, where looking through them is cheaper than a map. */
class EdgeList {
  readonly edges: { readonly from: number; readonly because: EdgeReason[] }[] = [];
  #byStep: Map<number, EdgeReason[]> | null = null;

  add(from: number, reason: EdgeReason): void {
    const known = this.#byStep === null ? this.edges.find((edge) => edge.from === from)?.because : this.#byStep.get(from);
    if (known !== undefined) {
      known.push(reason);
      return;
    }
    const because = [reason];
    this.edges.push({ from, because });
    if (this.#byStep !== null) this.#byStep.set(from, because);
    else if (this.edges.length > FEW_EDGES) this.#byStep = new Map(this.edges.map((edge) => [edge.from, edge.because]));
  }
}

const FEW_EDGES = 16;

export function linkSteps(drafts: readonly DraftStep[], indexOf: ReadonlyMap<string, number>, reporter: Reporter): Links {
  const needs = drafts.map(() => new EdgeList());
  const routedBy: number[][] = drafts.map(() => []);
  const linker = new Linker(drafts, indexOf, reporter);
  for (const draft of drafts) {
    const { index } = draft.step;
    const add: Add = (from, reason) => needs[index]?.add(from, reason);
    for (const found of draft.references) linker.reference(draft, found, add);
    linker.needs(draft, add);
    if (draft.declaration.routes === undefined) continue;
    linker.routes(draft, (to, reason) => {
      needs[to]?.add(index, reason);
      if (!routedBy[to]?.includes(index)) routedBy[to]?.push(index);
    });
  }
  linkHandlers(drafts, needs, reporter);
  const dependents: number[][] = drafts.map(() => []);
  for (const [to, { edges }] of needs.entries()) {
    edges.sort((one, other) => one.from - other.from);
    for (const { from } of edges) dependents[from]?.push(to);
  }
  return { needs: needs.map(({ edges }) => edges), dependents, routedBy };
}

/**
 * A handler waits for the step that it handles, and whoever needs that step waits for its handlers too, since only then is it known
 * what became of it.
 */
function linkHandlers(drafts: readonly DraftStep[], needs: readonly EdgeList[], reporter: Reporter): void {
  const handlers = new Map<number, number[]>();
  for (const { step, node } of drafts) {
    const { index, phase } = step;
    if (phase.kind !== "handler") continue;
    const list = handlers.get(phase.of) ?? [];
    handlers.set(phase.of, list);
    list.push(index);
    const at = entryOf(node, "id")?.value ?? node;
    needs[index]?.add(phase.of, { field: `catch[${phase.rule}].do`, kind: "catch", text: "", place: reporter.placeOf(at) });
  }
  if (handlers.size === 0) return;
  for (const { step } of drafts) {
    const list = needs[step.index];
    for (const { from, because } of [...(list?.edges ?? [])]) {
      if (step.phase.kind === "handler" && step.phase.of === from) continue;
      const [reason] = because;
      for (const handler of handlers.get(from) ?? []) if (reason !== undefined) list?.add(handler, { ...reason, kind: "catch", text: "" });
    }
  }
}

type Add = (step: number, reason: EdgeReason) => void;

class Linker {
  readonly #drafts: readonly DraftStep[];
  readonly #indexOf: ReadonlyMap<string, number>;
  readonly #reporter: Reporter;

  constructor(drafts: readonly DraftStep[], indexOf: ReadonlyMap<string, number>, reporter: Reporter) {
    this.#drafts = drafts;
    this.#indexOf = indexOf;
    this.#reporter = reporter;
  }

  reference({ step }: DraftStep, { reference, field, source, node }: FoundReference, add: Add): void {
    if (reference.root !== "steps") return;
    const { offset } = reference.place;
    const text = writtenReference(source, offset);
    if (reference.step === undefined) {
      this.#reporter.inside(node, offset, text.length, {
        code: "DEF_UNKNOWN_NAME",
        details: { problem: "Which step is meant is only known when the workflow runs, so nothing could wait for it." },
        fix: "Name the step: `steps.build.output`.",
      });
      return;
    }
    const from = this.#indexOf.get(reference.step);
    if (from === undefined) {
      this.#unknown(step.id, reference.step, (remark) => this.#reporter.inside(node, offset, text.length, remark));
      return;
    }
    if (from === step.index) {
      this.#reporter.inside(node, offset, text.length, { code: "DEF_SELF_REFERENCE", details: { step: step.id } });
      return;
    }
    const sight = sightOf(step.phase, this.#phaseOf(from));
    if (sight === "hidden") this.#reporter.inside(node, offset, text.length, remarkFor(whyHidden(reference.step, this.#phaseOf(from))));
    if (sight !== "edge") return;
    add(from, { field, kind: "reference", text, place: this.#reporter.placeInside(node, offset, text.length) });
  }

  needs({ step, node }: DraftStep, add: Add): void {
    const list = entryOf(node, "needs")?.value;
    if (list?.kind !== "list") return;
    for (const [position, item] of list.items.entries()) {
      const name = item.kind === "scalar" ? String(item.value) : "";
      const from = this.#indexOf.get(name);
      if (from === undefined) this.#unknown(step.id, name, (remark) => this.#reporter.at(item, remark));
      else if (from === step.index) this.#reporter.error(item, "DEF_SELF_REFERENCE", { step: step.id });
      else if (sightOf(step.phase, this.#phaseOf(from)) === "hidden")
        this.#reporter.at(item, remarkFor(whyHidden(name, this.#phaseOf(from))));
      else if (sightOf(step.phase, this.#phaseOf(from)) === "free") this.#reporter.at(item, remarkFor(whyNotNeeded(name)));
      else add(from, { field: `needs[${position}]`, kind: "needs", text: "", place: this.#reporter.placeOf(item) });
    }
  }

  routes({ step, node, declaration }: DraftStep, add: Add): void {
    for (const route of declaration.routes?.(step.config) ?? []) {
      const target = this.#indexOf.get(route.step);
      const at = nodeAt(node, route.field);
      // A text that names no step is a value; only one that nearly names a step is worth a word.
      if (target === undefined) this.#nearly(step.id, route.step, at);
      else if (target === step.index) this.#reporter.error(at, "DEF_SELF_REFERENCE", { step: step.id });
      else if (!isSameGroup(step.phase, this.#phaseOf(target))) this.#reporter.at(at, remarkFor(whyNotChosen(route.step)));
      else add(target, { field: route.field, kind: "switch", text: route.step, place: this.#reporter.placeOf(at) });
    }
  }

  #phaseOf(index: number): StepPhase {
    return this.#drafts[index]?.step.phase ?? MAIN_PHASE;
  }

  #nearly(step: string, text: string, at: SourceNode): void {
    const near = nearestName(text, this.#othersThan(step));
    if (near !== undefined)
      this.#reporter.at(at, {
        code: "DEF_UNKNOWN_STEP",
        severity: "warning",
        details: { step, needs: text },
        fix: `It is taken for a value. Did you mean the step \`${near}\`?`,
      });
  }

  #unknown(
    step: string,
    needs: string,
    report: (remark: { code: "DEF_UNKNOWN_STEP"; details: { step: string; needs: string }; fix: string }) => void,
  ): void {
    const others = this.#othersThan(step);
    const near = nearestName(needs, others);
    const shown = `${others.slice(0, 8).join(", ")}${others.length > 8 ? ", …" : ""}`;
    const fix =
      near !== undefined ? `Did you mean \`${near}\`?` : others.length === 0 ? "There is no other step." : `The other steps are ${shown}.`;
    report({ code: "DEF_UNKNOWN_STEP", details: { step, needs }, fix });
  }

  /** Names that a step can mean: nobody who misspells a name means the step itself. */
  #othersThan(step: string): readonly string[] {
    const own = this.#indexOf.get(step);
    return [...this.#indexOf].flatMap(([name, index]) => (index === own ? [] : [name]));
  }
}

function remarkFor({ problem, fix }: PhaseAdvice): Remark {
  return { code: "DEF_PHASE", details: { problem }, fix };
}

/** The node below a step at a path such as `cases[0].do`; the nearest that exists. */
export function nodeAt(from: SourceNode, path: string): SourceNode {
  let node = from;
  for (const part of path.split(/[.[\]]+/).filter((text) => text !== "")) {
    const next: SourceNode | undefined = node.kind === "list" ? node.items[Number(part)] : entryOf(node, part)?.value;
    if (next === undefined) return node;
    node = next;
  }
  return node;
}

/** The reference as the author wrote it, from its offset on. */
export function writtenReference(source: string, offset: number): string {
  const text = /^\$?[A-Za-z_][\w]*(?:\.\w+|\[(?:\d+|"[^"]*"|'[^']*')\])*/.exec(source.slice(offset, offset + 500));
  return text?.[0] ?? source.slice(offset, offset + 1);
}

/** Reports a circle with all its edges; true if there is one. */
export function reportCycle(drafts: readonly DraftStep[], { needs }: Links, reporter: Reporter): boolean {
  const cycle = findCycle(drafts.length, (index) => needs[index]?.map(({ from }) => from) ?? []);
  if (cycle === null) return false;
  const names = cycle.map((index) => drafts[index]?.step.id ?? "");
  const places: string[] = [];
  let at: EdgeReason | undefined;
  for (let position = 0; position + 1 < cycle.length; position++) {
    const [to, from] = [cycle[position] ?? 0, cycle[position + 1] ?? 0];
    const reason = needs[to]?.find((edge) => edge.from === from)?.because[0];
    if (reason === undefined) continue;
    at ??= reason;
    places.push(`\`${names[position]}\` needs \`${names[position + 1]}\` (line ${reason.place.line}: \`${reason.field}\`)`);
  }
  const shown = places.length > 12 ? [...places.slice(0, 12), "…"] : places;
  reporter.findings.add({
    code: "DEF_CYCLE",
    details: { path: names.length > 14 ? [...names.slice(0, 14), "…"].join(" → ") : names.join(" → ") },
    place: at?.place ?? reporter.placeOf(drafts[0]?.node ?? { start: 0, end: 1 }),
    path: formatPath(["steps", cycle[0] ?? 0]),
    fix: `Remove one of these: ${shown.join("; ")}.`,
  });
  return true;
}

/** Conflicts by step; an empty list for each where there are too many, which is reported. */
export function conflictsOf(drafts: readonly DraftStep[], reporter: Reporter): readonly (readonly number[])[] {
  if (drafts.every(({ step }) => step.locks.length === 0 && step.touches.length === 0)) return drafts.map(() => []);
  try {
    return computeConflicts(drafts.map(({ step }) => step));
  } catch (thrown) {
    if (!isTroupeError(thrown)) throw thrown;
    const first = drafts.find(({ step }) => step.locks.length + step.touches.length > 0);
    reporter.at(first?.node ?? { kind: "scalar", value: null, style: "made", start: 0, end: 1 }, {
      code: thrown.code,
      details: thrown.details,
    });
    return drafts.map(() => []);
  }
}

export function finishStep({ step }: DraftStep, links: Links, conflicts: readonly (readonly number[])[]): CompiledStep {
  const { index } = step;
  return {
    ...step,
    needs: links.needs[index] ?? [],
    dependents: links.dependents[index] ?? [],
    routedBy: links.routedBy[index] ?? [],
    conflicts: conflicts[index] ?? [],
  };
}
