/** Follows a run that this command drives until it rests, is interrupted, or its engine has to stop; and tells how it ended. */
import type { EventView } from "../contract/event-view.ts";
import type { RunView } from "../contract/run-view.ts";
import type { RunId } from "../core/ids.ts";
import { isJsonObject } from "../core/json.ts";
import type { Place } from "../core/place.ts";
import type { Driver } from "../main/project-shape.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { Context, OpenProject } from "./context.ts";
import { EXIT, exitCodeOf } from "./exit-code.ts";
import { type Driving, isSuspension } from "./open-driver.ts";
import { printJson, printLines } from "./print.ts";
import { shortRunId } from "./render/run-id.ts";
import { createReporter } from "./reporter.ts";
import type { Reporter } from "./reporter-shape.ts";
import type { StillRun } from "./until-still.ts";

export interface DriveRunOptions {
  readonly context: Context;
  readonly opened: OpenProject;
  readonly driving: Driving;
  readonly runId: RunId;
  /** Entries up to this one are old news. @defaultValue 0 */
  readonly afterSeq?: number;
  /** Stays also when nobody sits here and only a person can let the run go on. @defaultValue false */
  readonly waits?: boolean;
  /** The end that was asked for; it is a success then. @defaultValue succeeded */
  readonly wanted?: "succeeded" | "canceled";
  /** File for a JUnit report of the end. */
  readonly junit?: string | undefined;
  /** The workflow as its file has it, where that was read: what is stored knows no lines. */
  readonly written?: CompiledWorkflow;
}

/** Who acts when a command does, as the journal records it. */
export const BY = "cli";

/** What attempts inside this process get to end by themselves when it is told to step aside. Shell steps outlive it anyhow. */
const SUSPEND_GRACE_MS = 2_000;
/** After a forced end, what the journal gets to record it. */
const FORCE_GRACE_MS = 500;

type Ending =
  /** `wasInterrupted`: its cancel came from the keyboard of this process. */
  | { readonly kind: "rest"; readonly view: RunView; readonly wasInterrupted: boolean }
  /** Nothing goes on before somebody decides, and nobody sits here. */
  | { readonly kind: "person"; readonly view: RunView }
  | { readonly kind: "forced" }
  | { readonly kind: "suspended" };

export async function driveRun(options: DriveRunOptions): Promise<number> {
  const { context, opened, runId, junit } = options;
  const ending = await follow(options);
  const exitCode = await tellEnding(options, ending);
  if (context.ci !== undefined || junit !== undefined) {
    const { reportRun } = await import("./ci/report-run.ts");
    await reportRun(context, opened, { view: "view" in ending ? ending.view : opened.project.view(runId), exitCode, junit });
  }
  return exitCode;
}

async function tellEnding({ context, opened, runId, wanted, driving }: DriveRunOptions, ending: Ending): Promise<number> {
  const { terminal, ci } = context;
  switch (ending.kind) {
    case "rest":
      await printEnd(context, opened, ending.view);
      if (ending.view.state === wanted) return EXIT.succeeded;
      if (ending.view.state === "canceled" && ending.wasInterrupted) return EXIT.interrupted;
      return exitCodeOf(ending.view, opened.project.snapshot(runId).workflow);
    case "person":
      // Its summary names the decisions.
      await printEnd(context, opened, ending.view);
      ci?.remark({ severity: "warning", title: `${ending.view.workflow} waits for a person`, message: personText(ending.view) });
      return EXIT.waitsForPerson;
    case "forced":
      terminal.note(`Killed. What its steps had done by then is unknown: troupe show ${shortRunId(runId)}\n`);
      return EXIT.interrupted;
    case "suspended":
      terminal.note(`Suspended; nothing is lost. Go on with: troupe resume ${shortRunId(runId)}\n`);
      return driving.interrupts.exitCode ?? EXIT.terminated;
  }
}

/** Nobody sits before a CI job; what it leaves behind is enough to go on with. */
function personText({ id, waitingFor }: RunView): string {
  const run = shortRunId(id);
  return [
    `It waits for ${waitingFor ?? "a decision"}. Nothing is lost, and this job ends with ${EXIT.waitsForPerson}.`,
    `Decide where the state directory is: troupe approve ${run}`,
    `Then let it go on in a job that has the state directory again: troupe resume ${run} --ci`,
  ].join("\n");
}

async function follow({ opened, driving, runId, afterSeq = 0, context, waits = false, written }: DriveRunOptions): Promise<Ending> {
  const { driver, interrupts } = driving;
  const { project, settings, output } = opened;
  const { workflow } = project.snapshot(runId);
  const workers = settings.values.max_workers || workflow.steps.length;
  const reporting = { terminal: context.terminal, output, project, runId, workflow, workers };
  const places = new Map<string, Place>(written?.steps.map(({ id, place }) => [id, place]));
  using reporter = await createReporter(context.ci === undefined ? reporting : { ...reporting, ci: { job: context.ci, places } });
  const { promise: interrupted, resolve: interrupt, reject } = Promise.withResolvers<Ending>();
  const force = async (): Promise<Ending> => {
    reporter.say("Killing.");
    const { stopProcesses } = await import("../main/stop-processes.ts");
    await stopProcesses(project.directory, runId);
    await driver.suspend(FORCE_GRACE_MS);
    return { kind: "forced" };
  };
  const suspend = async (isAgain: boolean): Promise<Ending> => {
    await driver.suspend(isAgain ? 0 : SUSPEND_GRACE_MS);
    return { kind: "suspended" };
  };
  using _answering = interrupts.answer({
    cancel() {
      reporter.say("Canceling: running steps are asked to end. Press Ctrl-C again to force.");
      // A refusal says that the run has ended meanwhile, and its end is on the way.
      driver.post(runId, { type: "run.cancel", by: BY, reason: "interrupted" }).catch(() => {});
    },
    force: () => void force().then(interrupt, reject),
    suspend: (isAgain) => void suspend(isAgain).then(interrupt, reject),
  });
  // What is needed at the end is loaded while the first step runs.
  if (output === "text") setImmediate(() => void loadSummary());
  const stays = waits || context.terminal.isInteractive || !mayAsk(workflow);
  const rest = untilRest(opened, driver, runId, { reporter, afterSeq, stays }).then(({ view, isAtRest }): Ending => {
    return isAtRest ? { kind: "rest", view, wasInterrupted: interrupts.isCanceling } : { kind: "person", view };
  });
  // A suspended driver ends every wait with an error; the interrupt that caused it is the answer.
  return await Promise.race([interrupted, rest.catch((error) => (isSuspension(error) ? interrupted : Promise.reject(error)))]);
}

/** Whether a run of it can come to wait for a person. */
function mayAsk({ steps }: CompiledWorkflow): boolean {
  return steps.some(({ type }) => type === "approval" || type === "workflow");
}

interface Following {
  readonly reporter: Reporter;
  readonly afterSeq: number;
  /** Goes on also when only a person can let the run go on. */
  readonly stays: boolean;
}

async function untilRest(
  { project }: OpenProject,
  driver: Driver,
  runId: RunId,
  { reporter, afterSeq, stays }: Following,
): Promise<StillRun> {
  const { untilStill } = await import("./until-still.ts");
  return untilStill(project, driver, runId, {
    stays,
    event: (event) => {
      reporter.event(event, event.seq > afterSeq);
      if (stays && event.seq > afterSeq && event.to === "running.parked") offerDecision(event, reporter);
    },
  });
}

/** Whoever sits here may decide in another terminal; this one goes on showing the run. */
function offerDecision({ runId, stepId, data }: EventView, reporter: Reporter): void {
  const parking = isJsonObject(data.until) && isJsonObject(data.until.parking) ? data.until.parking : {};
  if (parking.kind === "approval") reporter.say(`Decide in another terminal: troupe approve ${shortRunId(runId)} ${stepId ?? ""}`);
}

/** With `-o jsonl` the events have said it all. */
export async function printEnd({ terminal }: Context, { project, output }: OpenProject, view: RunView): Promise<void> {
  if (output === "json") printJson(terminal, view);
  if (output !== "text") return;
  const [{ renderSummary }, { gatherSummary }] = await loadSummary();
  printLines(terminal, renderSummary(await gatherSummary(project, view), terminal.dataLook));
}

function loadSummary() {
  return Promise.all([import("./render/run-summary.ts"), import("./summary.ts")]);
}
