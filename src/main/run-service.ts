/** What the API asks, answered by a project and whoever drives it. */
import type { Caller } from "../api/access.ts";
import type { RunAction, RunService } from "../api/service.ts";
import type { PendingDecision } from "../contract/pending-decision.ts";
import type { WaitingView } from "../contract/waiting-view.ts";
import { RequestError } from "../core/errors.ts";
import type { RunId, StepId } from "../core/ids.ts";
import { toActorId } from "../core/item-id.ts";
import type { CauseEvent } from "../kernel/cause.ts";
import type { NotifyRule } from "../plan/notify-rule.ts";
import type { Priority } from "../plan/workflow.ts";
import { toJournal } from "../steps/approval/request.ts";
import { decideApproval, pendingApprovals } from "./answer-approval.ts";
import { attemptLogs, readLog } from "./attempt-logs.ts";
import { isRestState } from "./events.ts";
import { notificationsOf } from "./notify/views.ts";
import type { Driver, Project } from "./project-shape.ts";

const LOG_PART_BYTES = 1024 * 1024;

/** @param rules who is told of what by the engine here */
export function createRunService(project: Project, driver: Driver, rules: readonly NotifyRule[] = []): RunService {
  /** S-32: the only way to a run. @throws RequestError RUN_NOT_FOUND, for another tenant's too */
  const own = (run: string, { tenant }: Caller): RunId => {
    const row = project.store.run(run as RunId); // A text that names no run finds none.
    if (row === null || row.tenant !== tenant) throw new RequestError("RUN_NOT_FOUND", { run });
    return row.id;
  };
  return {
    async start({ workflow, priority, ...request }, { tenant, name }) {
      const compiled = project.compile(workflow);
      const context = { ...request.context, startedBy: name };
      const runId = await driver.start(compiled, {
        ...request,
        context,
        tenant,
        ...(priority !== undefined && { priority: priority as Priority }), // The route's schema says so.
      });
      return project.view(runId);
    },
    list: (query, { tenant }) => project.list({ ...query, tenant }),
    view: (run, caller) => project.view(own(run, caller)),
    isAtRest: (run, caller) => isRestState(project.store.run(own(run, caller))?.state ?? ""),
    why: (run, step, caller) => project.why(own(run, caller), step) as unknown as readonly WaitingView[], // They hold nothing but JSON.
    events: (run, how, caller) => project.events(own(run, caller), how),
    async act(run, action, caller) {
      const runId = own(run, caller);
      return project.view(await act(driver, runId, action, caller.name));
    },
    log(run, { step, attempt, stream, from }, caller) {
      const runId = own(run, caller);
      const logs = attemptLogs(project.store, project.directory, runId, toActorId(step));
      const log = logs.findLast((one) => attempt === undefined || one.attempt === attempt);
      if (log === undefined) throw new RequestError("STEP_NOT_FOUND", { run, step });
      const part = log.directory === null ? { bytes: new Uint8Array(), end: from } : readLog(log.directory, stream, from, LOG_PART_BYTES);
      return { ...part, attempt: log.attempt, hasEnded: log.endedAt !== null };
    },
    approvals: (caller) =>
      pendingApprovals(project)
        .filter(({ run }) => project.store.run(run)?.tenant === caller.tenant)
        .map(toPending),
    async decide(run, decision, caller) {
      const runId = own(run, caller);
      await decideApproval(project, driver, runId, { ...decision, by: caller.name });
      return project.view(runId);
    },
    notifications: ({ tenant }) => notificationsOf(project.store, rules, tenant),
    whyNotReady: () => (driver.safeMode ? "The engine has crashed too often and starts nothing: `troupe recover` tells more." : null),
  };
}

/** Answers with the run that goes on. */
async function act(driver: Driver, runId: RunId, action: RunAction, by: string): Promise<RunId> {
  switch (action.kind) {
    case "retry":
      return await driver.startFrom(runId, { kind: "retry" });
    case "fork":
      return await driver.startFrom(runId, { kind: "fork", from: action.from });
    default:
      await driver.post(runId, toCause(action, by));
      return runId;
  }
}

function toCause(action: Exclude<RunAction, { kind: "retry" | "fork" }>, by: string): CauseEvent {
  switch (action.kind) {
    case "cancel":
      return { type: "run.cancel", by, reason: action.reason };
    case "pause":
      return { type: "run.pause", by };
    case "resume":
      return { type: "run.resume", by };
    case "release":
      return { type: "step.release", step: action.step as StepId, by }; // The kernel refuses a step that is not there.
  }
}

function toPending({ run, step, attempt, digest, request, dueAt }: ReturnType<typeof pendingApprovals>[number]): PendingDecision {
  return { run, step, attempt, digest, request: toJournal(request), dueAt };
}
