/** What is there and does nothing: policies, defaults and inputs that nothing uses, steps that can never run or whose work is lost. */
import type { Expression } from "../../grammar/ast.ts";
import { isTroupeError } from "../core/errors.ts";
import { isJsonObject } from "../core/json.ts";
import { evaluateCondition } from "../expression/evaluate.ts";
import { referencesOf } from "../expression/references.ts";
import { scopeOf } from "../expression/scope.ts";
import type { CompiledStep, CompiledWorkflow } from "../plan/workflow.ts";
import type { DraftStep, FoundReference } from "./compile-step.ts";
import type { PolicyReader } from "./policies.ts";
import type { Reporter } from "./reporter.ts";
import { entryOf, type MapEntry, type MapNode, type SourceNode } from "./source-node.ts";

export interface UseChecking {
  readonly root: MapNode;
  readonly workflow: Omit<CompiledWorkflow, "document" | "hash">;
  readonly drafts: readonly DraftStep[];
  readonly workflowReferences: readonly FoundReference[];
  readonly policies: PolicyReader;
  readonly reporter: Reporter;
}

export function checkUse(given: UseChecking): void {
  checkPolicies(given);
  checkInputs(given);
  checkUnreachable(given);
  checkLostWork(given);
}

function checkPolicies({ root, drafts, policies, reporter }: UseChecking): void {
  const unused = (one: MapEntry, problem: string): void =>
    reporter.atKey(one, { code: "DEF_UNUSED", severity: "warning", details: { problem }, fix: "Remove it, or refer to it." });
  for (const kind of ["retry", "timeout"] as const) {
    for (const one of entriesOf(entryOf(entryOf(root, "use")?.value, kind)?.value)) {
      if (!policies.used.has(`${kind}.${one.key}`)) unused(one, `No step uses the ${kind} policy \`${one.key}\`.`);
    }
  }
  const types = new Set(drafts.map(({ step }) => step.type));
  for (const one of entriesOf(entryOf(root, "defaults")?.value))
    if (!types.has(one.key)) unused(one, `There is no ${one.key} step for these defaults.`);
}

function entriesOf(node: SourceNode | undefined): readonly MapEntry[] {
  return node?.kind === "map" ? node.entries : [];
}

/** Inputs are checked only where none is read as a whole, since then each may be meant. */
function checkInputs({ root, workflow, drafts, workflowReferences, reporter }: UseChecking): void {
  const used = new Set<string>();
  for (const { reference } of [...workflowReferences, ...drafts.flatMap(({ references }) => references)]) {
    if (reference.root !== "input") continue;
    const [name] = reference.path;
    if (typeof name !== "string") return;
    used.add(name);
  }
  const properties = workflow.inputSchema?.properties;
  if (!isJsonObject(properties) || workflow.dialect === "seed") return;
  for (const one of entriesOf(entryOf(entryOf(root, "input")?.value, "properties")?.value)) {
    if (!used.has(one.key))
      reporter.atKey(one, {
        code: "DEF_UNUSED",
        severity: "warning",
        details: { problem: `Nothing reads the input \`${one.key}\`.` },
        fix: "Remove it, or use it.",
      });
  }
}

/** A condition that is false whatever the input, and what needs such a step. */
function checkUnreachable({ workflow, drafts, reporter }: UseChecking): void {
  const dead = new Map<number, string>();
  const queue: number[] = [];
  for (const step of workflow.steps) {
    if (step.when === null || !isNeverTrue(step.when.expression)) continue;
    dead.set(step.index, "its condition is always false");
    queue.push(step.index);
  }
  for (const index of queue) {
    // A handler that is never called keeps nobody waiting, and one of a dead step needs no word of its own.
    if (workflow.steps[index]?.phase.kind === "handler") continue;
    for (const dependent of workflow.steps[index]?.dependents ?? []) {
      const step = workflow.steps[dependent];
      if (step === undefined || dead.has(dependent) || step.join !== "all_success" || step.phase.kind === "handler") continue;
      dead.set(dependent, `it needs \`${workflow.steps[index]?.id}\``);
      queue.push(dependent);
    }
  }
  for (const [index, problem] of dead) {
    const node = drafts[index]?.node;
    const step = workflow.steps[index];
    if (node !== undefined && step !== undefined)
      reporter.at(entryOf(node, "id")?.value ?? node, {
        code: "DEF_UNREACHABLE",
        severity: "warning",
        details: { step: step.id, problem },
      });
  }
}

function isNeverTrue(expression: Expression): boolean {
  if (referencesOf(expression).length > 0) return false;
  try {
    return !evaluateCondition(expression, scopeOf({}));
  } catch (thrown) {
    if (isTroupeError(thrown)) return false; // reported as what it is, elsewhere
    throw thrown;
  }
}

/** A step without effects, whose output nobody reads: all it does is lost. */
function checkLostWork({ workflow, drafts, workflowReferences, reporter }: UseChecking): void {
  // What a later phase reads makes no edge, but is a use.
  const references = [...workflowReferences, ...drafts.flatMap((draft) => (draft.step.phase.kind === "main" ? [] : draft.references))];
  const read = new Set(references.map(({ reference }) => workflow.indexOf.get(reference.step ?? "")));
  const isLost = (step: CompiledStep): boolean =>
    step.phase.kind === "main" && step.sideEffect === "none" && step.dependents.length === 0 && !read.has(step.index);
  for (const step of workflow.steps) {
    const node = drafts[step.index]?.node;
    if (node === undefined || !isLost(step)) continue;
    reporter.at(entryOf(node, "id")?.value ?? node, {
      code: "DEF_UNUSED",
      severity: "warning",
      details: { problem: `Step \`${step.id}\` has no side effect, and nothing uses its output.` },
      fix: "Use its output, or remove the step.",
    });
  }
}
