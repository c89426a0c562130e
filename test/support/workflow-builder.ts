/**
 * Compiled workflows for tests, without a document: only what a test is about is said, the rest has quiet defaults.
 * Ids are not checked and cycles are allowed, so that tests can build what a definition would refuse.
 */
import type { Digest, StepId } from "../../src/core/ids.ts";
import { TENANT_DEFAULT } from "../../src/core/ids.ts";
import type { Place } from "../../src/core/place.ts";
import { computeConflicts } from "../../src/plan/conflicts.ts";
import { RETRY_DEFAULTS } from "../../src/plan/retry-delay.ts";
import { PLAIN_POLICIES } from "../../src/plan/step-policies.ts";
import type { CompiledStep, CompiledWorkflow, Edge, EdgeReason, RetryPolicy, TimeoutPolicy } from "../../src/plan/workflow.ts";
import { PRIORITY_DEFAULT } from "../../src/plan/workflow.ts";

/** A need by id alone stands for `needs:`; the long form stands for a reference found in a field. */
export type NeedSpec = string | { readonly step: string; readonly field: string; readonly text: string };

type Plain = Omit<CompiledStep, "id" | "index" | "needs" | "dependents" | "routedBy" | "conflicts" | "retry" | "timeout" | "cost">;

export interface StepSpec extends Partial<Plain> {
  readonly id: string;
  readonly needs?: readonly NeedSpec[];
  /** Ids of `switch` steps that lead here; each makes an edge as well. */
  readonly routedBy?: readonly string[];
  readonly retry?: Partial<RetryPolicy>;
  /** Milliseconds, or the parts that differ from a failing time-out without grace. */
  readonly timeout?: number | (Partial<TimeoutPolicy> & Pick<TimeoutPolicy, "afterMs">) | null;
  readonly durationMs?: number;
  readonly usd?: number;
  readonly manualMinutes?: number;
}

export type WorkflowSpec = Partial<Omit<CompiledWorkflow, "steps" | "indexOf">>;

export function buildWorkflow(specs: readonly StepSpec[], workflow: WorkflowSpec = {}): CompiledWorkflow {
  const indexOf = new Map(specs.map((spec, index) => [spec.id, index]));
  const needs = specs.map((spec, line) => toEdges(spec, line + 1, indexOf));
  const dependents: number[][] = specs.map(() => []);
  for (const [to, edges] of needs.entries()) for (const edge of edges) dependents[edge.from]?.push(to);
  const conflicts = computeConflicts(specs.map((spec) => ({ locks: spec.locks ?? [], touches: spec.touches ?? [] })));
  const steps = specs.map((spec, index) =>
    toStep(spec, index, {
      needs: needs[index] ?? [],
      dependents: dependents[index] ?? [],
      conflicts: conflicts[index] ?? [],
      routedBy: (spec.routedBy ?? []).map((id) => lookUp(indexOf, id)),
    }),
  );
  return {
    // Any 64 hexadecimal digits are a digest as far as tests are concerned.
    hash: "0".repeat(64) as Digest,
    name: "sample",
    title: null,
    description: null,
    dialect: "troupe",
    document: {},
    file: "sample.troupe.yaml",
    inputSchema: null,
    outputSchema: null,
    output: null,
    env: {},
    concurrency: null,
    priority: PRIORITY_DEFAULT,
    tenant: TENANT_DEFAULT,
    labels: {},
    timeoutMs: null,
    risk: [],
    secrets: {},
    triggers: { schedules: [], events: [] },
    profile: null,
    ...workflow,
    steps,
    indexOf,
  };
}

function toStep(
  { durationMs, usd, manualMinutes, retry, timeout, ...spec }: StepSpec,
  index: number,
  links: Pick<CompiledStep, "needs" | "dependents" | "conflicts" | "routedBy">,
): CompiledStep {
  return {
    number: null,
    title: null,
    type: "shell",
    place: placeAt(index + 1),
    join: "all_success",
    when: null,
    config: {},
    env: {},
    priority: PRIORITY_DEFAULT,
    optional: false,
    inputSchema: null,
    outputSchema: null,
    outputVariable: null,
    locks: [],
    touches: [],
    sideEffect: "repeatable",
    onEngineCrash: "reattach",
    ...PLAIN_POLICIES,
    ...spec,
    ...links,
    // Tests name steps by plain text; the brand only keeps other strings out of production code.
    id: spec.id as StepId,
    index,
    retry: { ...RETRY_DEFAULTS, ...retry },
    timeout: toTimeout(timeout),
    cost: { durationMs: durationMs ?? null, usd: usd ?? null, manualMinutes: manualMinutes ?? null },
  };
}

function toTimeout(timeout: StepSpec["timeout"]): TimeoutPolicy | null {
  if (timeout === undefined || timeout === null) return null;
  const said = typeof timeout === "number" ? { afterMs: timeout } : timeout;
  // biome-ignore lint/suspicious/noThenProperty: `then` is the author's word for what follows a time-out; nobody awaits a policy.
  return { then: "fail", value: null, graceMs: 0, ...said };
}

function toEdges(spec: StepSpec, line: number, indexOf: ReadonlyMap<string, number>): Edge[] {
  const reasons = new Map<number, EdgeReason[]>();
  const add = (id: string, reason: Omit<EdgeReason, "place">): void => {
    const from = lookUp(indexOf, id);
    reasons.set(from, [...(reasons.get(from) ?? []), { ...reason, place: placeAt(line) }]);
  };
  for (const [position, need] of (spec.needs ?? []).entries()) {
    if (typeof need === "string") add(need, { field: `needs[${position}]`, kind: "needs", text: "" });
    else add(need.step, { field: need.field, kind: "reference", text: need.text });
  }
  for (const id of spec.routedBy ?? []) add(id, { field: "cases[0].do", kind: "switch", text: spec.id });
  return [...reasons].map(([from, because]) => ({ from, because }));
}

function lookUp(indexOf: ReadonlyMap<string, number>, id: string): number {
  const index = indexOf.get(id);
  if (index === undefined) throw new Error(`the test's workflow has no step ${id}`);
  return index;
}

function placeAt(line: number): Place {
  return { file: "sample.troupe.yaml", line, column: 1 };
}
