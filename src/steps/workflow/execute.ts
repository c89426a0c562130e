/** Starts the child run, and leaves the waiting to the engine: a parked step holds no place while its child needs one. */
import { isTroupeError, toError } from "../../core/errors.ts";
import type { FailureClass } from "../../core/failure.ts";
import type { RunId } from "../../core/ids.ts";
import { isJsonObject } from "../../core/json.ts";
import type { AttemptContext, Execution, StepType } from "../../ports/attempt.ts";
import type { ChildRuns } from "../../ports/child-runs.ts";
import { untilDeadline } from "../../ports/parked-deadline.ts";
import { workflowDeclaration } from "./schema.ts";

const CLASSES: Readonly<Record<string, FailureClass>> = { transient: "transient", request: "validation", definition: "validation" };

const NEVER_STARTED: Execution = { kind: "lost", withEngine: true, reason: "Its engine ended before its run was started." };

/** A child that is not done in time is canceled by the engine, like every child for which nobody waits any more. */
function waitingFor(runId: RunId, context: AttemptContext): Execution {
  return { kind: "parked", until: { parking: { kind: "run", runId }, ...untilDeadline(context, `Run ${runId} did not end in time.`) } };
}

export function createWorkflowStep(children: ChildRuns): StepType {
  async function execute(context: AttemptContext): Promise<Execution> {
    const document = context.value("workflow");
    if (!isJsonObject(document)) throw new TypeError("the workflow of this step is no document");
    try {
      return waitingFor(await children.start(context.request, document, context.value("with") ?? {}), context);
    } catch (thrown) {
      const error = toError(thrown);
      if (!isTroupeError(error)) throw error;
      const { code, message, fix } = error;
      const failure = { class: CLASSES[error.kind] ?? "permanent", code, title: "The child run could not be started", detail: message };
      return { kind: "failed", failure: fix === undefined ? failure : { ...failure, hint: fix } };
    }
  }

  return {
    declaration: workflowDeclaration,
    // Asked again after a crash, it finds the child that it had started.
    survivesEngine: true,
    execute,
    // A child that its engine had started just before it died would otherwise go on beside the one of the next attempt.
    async reattach(context, mode) {
      if (mode === "follow") return await execute(context);
      const child = children.find(context.request);
      return child === null ? NEVER_STARTED : waitingFor(child, context);
    },
  };
}
