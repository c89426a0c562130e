/** What the API asks about runs, answered by a project and whoever drives it. */
import { type Caller, demandRight } from "../api/access.ts";
import type { RunAction, RunService, StartedWorkflow } from "../api/service.ts";
import type { PendingDecision } from "../contract/pending-decision.ts";
import type { RunAnswer } from "../contract/run-view.ts";
import type { WaitingView } from "../contract/waiting-view.ts";
import { RequestError } from "../core/errors.ts";
import type { RunId, StepId } from "../core/ids.ts";
import { toActorId } from "../core/item-id.ts";
import type { CauseEvent } from "../kernel/cause.ts";
import { stepById } from "../kernel/roster.ts";
import { whyNot } from "../kernel/why-not.ts";
import type { NotifyRule } from "../plan/notify-rule.ts";
import type { CompiledWorkflow, Priority } from "../plan/workflow.ts";
import type { ParkedRow } from "../ports/store.ts";
import { decideApproval } from "./answer-approval.ts";
import { attemptLogs, readLog } from "./attempt-logs.ts";
import { isRestState } from "./events.ts";
import { notificationsOf } from "./notify/views.ts";
import { ownRun } from "./own-run.ts";
import type { Driver, Project } from "./project-shape.ts";
import { runAnswer, storeAsOf } from "./run-pages.ts";

const LOG_PART_BYTES = 1024 * 1024;
/** More than anybody reads; a run of ten thousand open items has that many. */
const WAITING_MAX = 500;
const APPROVALS_MAX = 500;

/** @param rules who is told of what by the engine here */
export function createRunService(project: Project, driver: Driver, rules: readonly NotifyRule[] = []): RunService {
  const { store, snapshots } = project;
  const own = (run: string, caller: Caller): RunId => ownRun(store, run, caller).id;
  const answer = async (runId: RunId): Promise<RunAnswer> => runAnswer(store, await snapshots.get(runId));
  const toRun = (workflow: StartedWorkflow, caller: Caller): CompiledWorkflow => {
    if (workflow.kind === "deployed") return project.deployed(caller.tenant, workflow.name, workflow.version);
    demandRight(caller, "edit"); // S-33: who may run but not edit does not say what is run.
    return project.compile(workflow.definition);
  };
  return {
    async start({ workflow, priority, ...request }, caller) {
      const context = { ...request.context, startedBy: caller.name };
      const runId = await driver.start(toRun(workflow, caller), {
        ...request,
        context,
        tenant: caller.tenant,
        ...(priority !== undefined && { priority: priority as Priority }), // The route's schema says so.
      });
      return answer(runId);
    },
    list: (query, { tenant }) => project.list({ ...query, tenant }),
    async view(run, at, caller) {
      const { id: runId, lastSeq } = ownRun(store, run, caller);
      if (at === null || at === lastSeq) return answer(runId);
      const seen = await snapshots.at(runId, at);
      const [last] = store.entries(runId, at - 1, 1);
      return runAnswer(storeAsOf(store, last?.at ?? 0), seen);
    },
    isAtRest: (run, caller) => isRestState(ownRun(store, run, caller).state),
    async why(run, name, caller) {
      const runId = own(run, caller);
      const { workflow, snapshot } = await snapshots.get(runId);
      const step = name === undefined ? undefined : stepById({ workflow, fans: snapshot.fans }, toActorId(name));
      if (name !== undefined && step === undefined) throw new RequestError("STEP_NOT_FOUND", { run, step: name });
      const found = whyNot(workflow, snapshot, step?.id, (ref) => store.blob(ref), WAITING_MAX);
      return found as unknown as readonly WaitingView[]; // They hold nothing but JSON.
    },
    events: (run, how, caller) => project.events(own(run, caller), how),
    async act(run, action, caller) {
      const runId = own(run, caller);
      return answer(await act(driver, runId, action, caller.name));
    },
    log(run, { step, attempt, stream, from }, caller) {
      const runId = own(run, caller);
      const logs = attemptLogs(store, project.directory, runId, toActorId(step));
      const log = logs.findLast((one) => attempt === undefined || one.attempt === attempt);
      if (log === undefined) throw new RequestError("STEP_NOT_FOUND", { run, step });
      const part = log.directory === null ? { bytes: new Uint8Array(), end: from } : readLog(log.directory, stream, from, LOG_PART_BYTES);
      return { ...part, attempt: log.attempt, hasEnded: log.endedAt !== null };
    },
    approvals: ({ tenant }) => store.parked(tenant, "approval", APPROVALS_MAX).flatMap(toPending),
    async decide(run, decision, caller) {
      const runId = own(run, caller);
      await decideApproval(project, driver, runId, { ...decision, by: caller.name });
      return answer(runId);
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

/** The kernel refuses a step that is not there. */
function toCause(action: Exclude<RunAction, { kind: "retry" | "fork" }>, by: string): CauseEvent {
  switch (action.kind) {
    case "cancel":
      return { type: "run.cancel", by, reason: action.reason };
    case "pause":
      return { type: "run.pause", by };
    case "resume":
      return { type: "run.resume", by };
    case "release":
      return { type: "step.release", step: action.step as StepId, by };
    case "skip":
      return { type: "step.skip", step: action.step as StepId, by, reason: action.reason };
    case "fail":
      return { type: "step.fail", step: action.step as StepId, by, reason: action.reason };
    case "override":
      return { type: "step.override", step: action.step as StepId, by, output: action.output };
  }
}

function toPending({ runId, step, attempt, parking, dueAt }: ParkedRow): readonly PendingDecision[] {
  if (parking.kind !== "approval") return [];
  const { digest, request } = parking;
  return [{ run: runId, step, attempt, digest, request, dueAt }];
}
