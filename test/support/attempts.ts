/** Steps made by hand, and attempts of them, for tests that need no definition and no engine. */
import { parseExpression, parseTemplate, parseText } from "../../grammar/parse.ts";
import type { Digest, RunId, StepId, TenantId } from "../../src/core/ids.ts";
import type { Json, JsonObject } from "../../src/core/json.ts";
import { scopeOf } from "../../src/expression/scope.ts";
import type { Field } from "../../src/plan/field.ts";
import { RETRY_DEFAULTS } from "../../src/plan/retry-delay.ts";
import { PLAIN_POLICIES } from "../../src/plan/step-policies.ts";
import type { CompiledStep, CompiledWorkflow } from "../../src/plan/workflow.ts";
import type { AttemptRequest } from "../../src/ports/attempt.ts";
import { EvaluatingContext } from "../../src/runtime/attempt-context.ts";

const place = { file: "test.yaml", line: 1, column: 1 };

/** A text field as the definition layer makes one: literal when it holds no expression. */
export function text(source: string): Field {
  const parsed = parseText(source);
  if (parsed.parts.every((part) => part.kind === "chars")) return { kind: "literal", value: source };
  return { kind: "text", text: parsed, source, place };
}

export function condition(source: string): Field {
  return { kind: "condition", expression: parseExpression(source), source, place };
}

export function template(source: string): Field {
  return { kind: "template", template: parseTemplate(source), source, place };
}

export function literal(value: Json): Field {
  return { kind: "literal", value };
}

export function list(...items: Field[]): Field {
  return { kind: "list", items };
}

export function map(entries: Record<string, Field>): Field {
  return { kind: "map", entries };
}

export function makeStep(type: string, config: Record<string, Field>, differs: Partial<CompiledStep> = {}): CompiledStep {
  return {
    id: "it" as StepId,
    index: 0,
    number: null,
    title: null,
    type,
    place,
    needs: [],
    dependents: [],
    join: "all_success",
    when: null,
    routedBy: [],
    config,
    env: {},
    timeout: null,
    retry: RETRY_DEFAULTS,
    priority: 3,
    optional: false,
    inputSchema: null,
    outputSchema: null,
    outputVariable: null,
    locks: [],
    touches: [],
    conflicts: [],
    sideEffect: "repeatable",
    onEngineCrash: "reattach",
    cost: { durationMs: null, usd: null, manualMinutes: null },
    ...PLAIN_POLICIES,
    ...differs,
  };
}

export interface RequestDiffers extends Partial<Omit<AttemptRequest, "workflow">> {
  readonly workflow?: Partial<CompiledWorkflow>;
}

let runs = 0;

/** A request of its own run, so that no two share a control directory or a token. */
export function makeRequest(step: CompiledStep, differs: RequestDiffers = {}): AttemptRequest {
  const runId = `run_${process.pid.toString(16).padStart(8, "0")}${(++runs).toString(16).padStart(24, "0")}` as RunId;
  const workflow: CompiledWorkflow = {
    hash: "0".repeat(64) as Digest,
    name: "test",
    title: null,
    description: null,
    dialect: "troupe",
    document: {},
    file: "test.yaml",
    inputSchema: null,
    outputSchema: null,
    output: null,
    env: {},
    concurrency: null,
    priority: 3,
    tenant: "default" as TenantId,
    labels: {},
    timeoutMs: null,
    risk: [],
    secrets: {},
    triggers: { schedules: [], events: [] },
    profile: null,
    steps: [step],
    indexOf: new Map([[step.id, 0]]),
    ...differs.workflow,
  };
  const own = {
    runId,
    tenant: workflow.tenant,
    step,
    attempt: 1,
    idempotencyKey: `${runId}/${step.id}`,
    trace: null,
    deadlineAt: null,
    graceMs: 500,
    workspace: process.cwd(),
    epoch: 1,
  };
  return { ...own, ...differs, workflow };
}

export interface ContextDiffers extends RequestDiffers {
  readonly input?: JsonObject;
  readonly steps?: JsonObject;
  readonly signal?: AbortSignal;
  readonly masks?: readonly string[];
  readonly progress?: (data: JsonObject) => void;
  readonly isReattached?: boolean;
}

export function makeContext(step: CompiledStep, differs: ContextDiffers = {}): EvaluatingContext {
  const {
    input = {},
    steps = {},
    signal = new AbortController().signal,
    masks = [],
    progress = () => undefined,
    isReattached = false,
    ...request
  } = differs;
  return new EvaluatingContext(makeRequest(step, request), {
    scope: scopeOf({ input, steps }),
    signal,
    progress,
    masks,
    isReattached,
    fault: null,
  });
}
