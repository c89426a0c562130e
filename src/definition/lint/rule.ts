/** What a rule of the validator is: data for the documentation, and a search. */
import type { CompiledStep, CompiledWorkflow } from "../../plan/workflow.ts";
import type { DraftStep, FoundReference } from "../compile-step.ts";
import { entryOf, type MapEntry, type MapNode, type ScalarNode, type SourceNode } from "../source-node.ts";

export const FAMILIES = ["logic", "performance", "security", "practice"] as const;
export type Family = (typeof FAMILIES)[number];

export type Severity = "error" | "warning" | "note";

/** A workflow that compiles, with the text that it comes from. */
export interface Subject {
  readonly workflow: CompiledWorkflow;
  readonly root: MapNode;
  /** By step index. */
  readonly drafts: readonly DraftStep[];
  /** References outside the steps. */
  readonly references: readonly FoundReference[];
}

export interface Found {
  /** Where: a value, or an entry for its key. */
  readonly at: SourceNode | MapEntry;
  readonly message: string;
  /** Where it is better than the rule's own advice. */
  readonly fix?: string;
  /** Part of a text, by offsets in its value. */
  readonly part?: { readonly offset: number; readonly length: number };
}

export interface LintRule {
  readonly code: `LINT_${string}`;
  readonly severity: Severity;
  readonly family: Family;
  /** What it looks for, in half a sentence. */
  readonly what: string;
  /** Why that matters. */
  readonly why: string;
  readonly fix: string;
  /** A workflow with exactly this finding, and one without any. Both are executed by a test. */
  readonly bad: string;
  readonly good: string;
  readonly find: (subject: Subject) => Iterable<Found>;
}

/** The entry of a step's field, else the value of its id, else the step. */
export function fieldAt({ node }: DraftStep, key: string): MapEntry | SourceNode {
  const entry = entryOf(node, key);
  return entry === undefined || key === "id" ? (entryOf(node, "id")?.value ?? node) : entry;
}

export interface TextAt {
  /** Path below the step, such as `with.load`. */
  readonly path: string;
  readonly node: ScalarNode;
  readonly text: string;
}

/** Fields that hold steps of their own, which are looked at by themselves. */
const INNER: ReadonlySet<string> = new Set(["catch", "compensate"]);

/** Every text of a step, but those of the steps inside it. */
export function* textsOf(step: MapNode): Generator<TextAt> {
  for (const { key, value } of step.entries) if (!INNER.has(key)) yield* textsIn(value, key);
}

export function* textsIn(node: SourceNode, path: string): Generator<TextAt> {
  if (node.kind === "scalar") {
    if (typeof node.value === "string") yield { path, node, text: node.value };
    return;
  }
  if (node.kind === "list") for (const [index, item] of node.items.entries()) yield* textsIn(item, `${path}[${index}]`);
  else for (const { key, value } of node.entries) yield* textsIn(value, `${path}.${key}`);
}

/** Each step with its draft. */
export function* stepsOf({ workflow, drafts }: Subject): Generator<{ readonly step: CompiledStep; readonly draft: DraftStep }> {
  for (const step of workflow.steps) {
    const draft = drafts[step.index];
    if (draft !== undefined) yield { step, draft };
  }
}
