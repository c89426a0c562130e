/** Starts the runs of workflow steps in the engine that drives their parents. */
import { InvariantError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import { attemptSpanId, traceContext } from "../core/trace.ts";
import { compile } from "../definition/index.ts";
import type { RunStart } from "../kernel/cause.ts";
import type { StepTypeDeclaration } from "../plan/step-type.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { AttemptRequest } from "../ports/attempt.ts";
import type { NewBlob } from "../ports/attempt-runner.ts";
import type { ChildRuns } from "../ports/child-runs.ts";
import { runIdOfKey } from "./ids.ts";
import { prepareRun } from "./prepare-run.ts";

type StartRun = (workflow: CompiledWorkflow, start: RunStart, blobs: readonly NewBlob[]) => Promise<RunId>;

export interface ChildStarter extends ChildRuns {
  /** From here on runs start in this engine. */
  attach(has: (runId: RunId) => boolean, start: StartRun): void;
}

export function createChildStarter(stepTypes: readonly StepTypeDeclaration[]): ChildStarter {
  let startRun: StartRun = () => Promise.reject(new InvariantError("INV_NO_RUN", { event: "child" }));
  let hasRun = (_runId: RunId): boolean => false;
  const childOf = ({ tenant, idempotencyKey, attempt }: AttemptRequest): RunId => runIdOfKey(tenant, `${idempotencyKey}/${attempt}`);
  return {
    attach(has, start) {
      hasRun = has;
      startRun = start;
    },
    find(parent) {
      const child = childOf(parent);
      return hasRun(child) ? child : null;
    },
    async start(parent, document, input) {
      const { runId, step, attempt, tenant, workspace, profile = null } = parent;
      // Where the parent was read, so that modules that the child names are found beside it.
      const workflow = compile(document, { file: parent.workflow.file, stepTypes });
      const { traceparent, tracestate } = traceContext(parent, attemptSpanId(parent, step.id, attempt));
      const { start, blobs } = prepareRun(workflow, { input, tenant, workspace, traceparent, tracestate }, { workspace, profile });
      return await startRun(workflow, { ...start, runId: childOf(parent), parent: { runId, relation: "child", from: step.id } }, blobs);
    },
  };
}
