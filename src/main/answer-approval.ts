/** Decisions of people. They are checked here, and decided by the kernel alone: one of them counts (I-24). */
import { RequestError } from "../core/errors.ts";
import type { RunId, StepId } from "../core/ids.ts";
import type { JsonObject } from "../core/json.ts";
import { validateData } from "../definition/data-schema.ts";
import { toAnswer } from "../steps/approval/decide.ts";
import { type ApprovalRequest, fromJournal } from "../steps/approval/request.ts";
import { allParkedSteps, parkedSteps, type Readable } from "./parked-steps.ts";
import type { Driver } from "./project-shape.ts";

export interface PendingApproval {
  readonly run: RunId;
  readonly step: StepId;
  readonly attempt: number;
  /** SHA-256 of the canonical JSON of `request`. */
  readonly digest: string;
  /** All that the person is shown. */
  readonly request: ApprovalRequest;
  /** Epoch milliseconds; null for ever. */
  readonly dueAt: number | null;
}

export interface DecisionOptions {
  readonly decision: "approved" | "rejected";
  /** Who decides. The caller has to know who that is: nothing here can find out. */
  readonly by: string;
  /** Groups that this person belongs to. @defaultValue none */
  readonly groups?: readonly string[];
  /** May be left out where the run waits for one approval only. */
  readonly step?: string;
  readonly comment?: string;
  readonly fields?: JsonObject;
  /** Of what the person was shown. @defaultValue that of what is asked now */
  readonly digest?: string;
}

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
