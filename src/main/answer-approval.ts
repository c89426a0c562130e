/** Decisions of people. They are checked here, and decided by the kernel alone: one of them counts (I-24). */
import { RequestError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import { validateData } from "../definition/data-schema.ts";
import { toAnswer } from "../steps/approval/decide.ts";
import { fromJournal } from "../steps/approval/request.ts";
import type { DecisionOptions, PendingApproval } from "./answer-shape.ts";
import { allParkedSteps, parkedSteps, type Readable } from "./parked-steps.ts";
import type { Driver } from "./project-shape.ts";

/** Of one run, or of all that have not ended. */
export function pendingApprovals(project: Readable, runId?: RunId): readonly PendingApproval[] {
  const parked = runId === undefined ? allParkedSteps(project, "approval") : parkedSteps(project, runId, "approval");
  return parked.map(({ runId: run, step, attempt, parking: { digest, request }, dueAt }) => {
    return { run, step, attempt, digest, request: fromJournal(request), dueAt };
  });
}

/** @throws RequestError APPROVAL_NONE, APPROVAL_WHICH */
export function findApproval(project: Readable, runId: RunId, step?: string): PendingApproval {
  const pending = pendingApprovals(project, runId).filter((approval) => step === undefined || approval.step === step);
  const [first, second] = pending;
  if (first === undefined) throw new RequestError("APPROVAL_NONE", { run: runId });
  if (second === undefined) return first;
  throw new RequestError("APPROVAL_WHICH", { run: runId, count: pending.length, steps: pending.map((one) => one.step) });
}

/** @throws RequestError APPROVAL_*, STEP_NOT_WAITING when somebody else was first */
export async function decideApproval(project: Readable, driver: Driver, runId: RunId, options: DecisionOptions): Promise<void> {
  const { decision, by, groups = [], comment = null, fields = {}, digest } = options;
  const found = findApproval(project, runId, options.step);
  const answer = toAnswer(
    found.request,
    { decision, by: { name: by, groups }, comment, fields },
    Date.now(),
    (schema, data, root) => validateData(schema, data, { root }).errors,
  );
  const { step, attempt } = found;
  await driver.post(runId, { type: "step.answer", step, attempt, answer, by, digest: digest ?? found.digest });
}
