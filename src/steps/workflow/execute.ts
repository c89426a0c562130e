/** Starts the child run, and leaves the waiting to the engine: a parked step holds no place while its child needs one. */
import { isTroupeError, toError } from "../../core/errors.ts";
import type { FailureClass } from "../../core/failure.ts";
import { isJsonObject } from "../../core/json.ts";
import type { Execution, StepType } from "../../ports/attempt.ts";
import type { ChildRuns } from "../../ports/child-runs.ts";
import { workflowDeclaration } from "./schema.ts";

const CLASSES: Readonly<Record<string, FailureClass>> = { transient: "transient", request: "validation", definition: "validation" };

export function createWorkflowStep(children: ChildRuns): StepType {
  return {
    declaration: workflowDeclaration,
    // Asked again after a crash, it finds the child that it had started.
    survivesEngine: false,
    async execute(context): Promise<Execution> {
      const document = context.value("workflow");
      if (!isJsonObject(document)) throw new TypeError("the workflow of this step is no document");
      try {
        const runId = await children.start(context.request, document, context.value("with") ?? {});
        return { kind: "parked", until: { parking: { kind: "run", runId }, dueAt: null, onDue: { kind: "again" } } };
      } catch (thrown) {
        const error = toError(thrown);
        if (!isTroupeError(error)) throw error;
        const { code, message, fix } = error;
        const failure = { class: CLASSES[error.kind] ?? "permanent", code, title: "The child run could not be started", detail: message };
        return { kind: "failed", failure: fix === undefined ? failure : { ...failure, hint: fix } };
      }
    },
  };
}
