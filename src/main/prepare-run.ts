/** From a request to run a workflow to the recorded start of a run: the input is completed, checked and, when large, moved to a blob. */
import { RequestError } from "../core/errors.ts";
import type { RunId, TenantId } from "../core/ids.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import { findNotJson } from "../core/not-json.ts";
import { parseTraceParent } from "../core/trace.ts";
import { applyDefaults } from "../definition/index.ts";
import type { RunStart } from "../kernel/cause.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { NewBlob } from "../ports/attempt-runner.ts";
import { offload } from "../runtime/stored.ts";
import { digestOf, newRunId, runIdOfKey } from "./ids.ts";
import type { RunOptions } from "./troupe.ts";

export interface PreparedRun {
  readonly start: RunStart;
  readonly blobs: readonly NewBlob[];
}

/** What a run has from whoever starts it. */
export interface RunSurroundings {
  /** Absolute path. */
  readonly workspace: string;
  /** Security profile under which all of it runs, whoever drives it. */
  readonly profile: string | null;
}

/** @throws RequestError INPUT_INVALID with every violation; VALUE_NOT_JSON */
export function prepareRun(workflow: CompiledWorkflow, options: RunOptions, { workspace, profile }: RunSurroundings): PreparedRun {
  const tenant = (options.tenant ?? workflow.tenant) as TenantId; // Any text names a tenant.
  const { stored, blobs } = offload(checkedInput(workflow, copyJson(options.input, "input")), digestOf);
  // Names in the order of canonical JSON: what is in order already costs the store's writer nothing to put in order.
  const start: RunStart = {
    ...(options.cache === "off" && { cache: "off" as const }),
    carried: [],
    concurrency: options.concurrency === undefined ? workflow.concurrency : options.concurrency,
    context: copyJson(options.context, "context") ?? {},
    definition: workflow.hash,
    input: stored,
    labels: workflow.labels,
    parent: null,
    priority: options.priority ?? workflow.priority,
    ...(profile !== null && { profile }),
    runId: options.key === undefined ? newRunId() : runIdOfKey(tenant, options.key),
    tenant,
    trace: options.traceparent === undefined ? null : parseTraceParent(options.traceparent, options.tracestate),
    workflow: workflow.name,
    workspace: options.workspace ?? workspace,
  };
  return { start, blobs };
}

/**
 * A copy, so that a caller who goes on writing into a value changes nothing that is recorded.
 *
 * @throws RequestError VALUE_NOT_JSON
 */
export function copyJson<TValue extends Json>(value: TValue | undefined, name: string): TValue | undefined {
  if (value === undefined) return undefined;
  const problem = findNotJson(value, name);
  if (problem !== null) throw new RequestError("VALUE_NOT_JSON", { problem });
  return JSON.parse(JSON.stringify(value)) as TValue; // The same JSON.
}

function checkedInput(workflow: CompiledWorkflow, given: Json | undefined): Json {
  const schema = workflow.inputSchema;
  if (schema === null) return given ?? {};
  const { valid, errors, data } = applyDefaults(schema, given ?? {}, { root: "input" });
  if (valid) return data;
  const problems = errors.map(({ path, message }) => `${path}: ${message}`);
  throw new RequestError("INPUT_INVALID", { workflow: workflow.name, problems: problems.join("\n"), count: problems.length });
}

/** Whether a run was started with this definition and input; a key may not name another (I-8). */
export function isSameStart(left: RunStart, right: RunStart): boolean {
  return left.definition === right.definition && canonicalJson(left.input) === canonicalJson(right.input);
}

export function mismatch(key: string, runId: RunId): RequestError {
  return new RequestError("IDEMPOTENCY_MISMATCH", { key, run: runId });
}
