/** Drives runs of an open project for a command, watched as its flags and its environment ask for. */
import { resolve } from "node:path";
import { limitNursery } from "../main/limit-nursery.ts";
import type { Observation, ObservationOptions } from "../main/observation-shape.ts";
import type { DriveOptions, Driver } from "../main/project-shape.ts";
import type { Context, OpenProject } from "./context.ts";
import { type HeldInterrupts, holdInterrupts } from "./interrupts.ts";
import { notifyOptionsFor } from "./notify-options.ts";

/** The flags of `observationOptions`, as commander gives them. */
export interface ObservationFlags {
  readonly metricsPort?: number | undefined;
  readonly metricsFile?: string | undefined;
  readonly inspect?: boolean | undefined;
  readonly inspectPort?: number | undefined;
  readonly logFile?: string | undefined;
  readonly logLevel?: ObservationOptions["logLevel"];
}

export interface Driving {
  readonly driver: Driver;
  readonly interrupts: HeldInterrupts;
  /** There where they were asked for. */
  readonly metrics?: Observation["metrics"];
}

/** Drives while `use` runs. Lets go of the driver first, then of what watches it, so that the last entries are passed on too. */
export async function withDriver(
  context: Context,
  { project, settings }: OpenProject,
  flags: ObservationFlags & Pick<DriveOptions, "adopt"> & Pick<ObservationOptions, "metrics">,
  use: (driving: Driving) => Promise<number>,
): Promise<number> {
  const { metrics: keepsMetrics = false, metricsPort, metricsFile, inspect, inspectPort, logFile, logLevel, adopt = "asked" } = flags;
  const { openObservation } = await import("../main/observation.ts");
  const { max_workers: maxWorkers } = settings.values;
  const notify = await notifyOptionsFor(context, settings);
  const warn = (message: string): void => context.terminal.note(`warning: ${message}\n`);
  await using stack = new AsyncDisposableStack();
  stack.use(limitNursery());
  const { observers, heard, metrics } = stack.use(
    await openObservation({
      store: project.store,
      env: context.env,
      warn,
      note: (message) => context.terminal.note(`${message}\n`),
      metrics: keepsMetrics,
      ...(metricsPort !== undefined && { metricsPort }),
      ...(metricsFile !== undefined && { metricsFile: resolve(context.cwd, metricsFile) }),
      ...(inspect === true && { inspect }),
      ...(inspectPort !== undefined && { inspectPort }),
      ...(logFile !== undefined && { logFile: resolve(context.cwd, logFile) }),
      ...(logLevel !== undefined && { logLevel }),
    }),
  );
  const warnAndLog = (message: string): void => {
    warn(message);
    heard?.(message);
  };
  const leave = (): void => void opening.then((driver) => driver.suspend(0)).catch(() => {}); // Whoever waits for it hears of a failure.
  const interrupts = stack.use(holdInterrupts(context.process, leave));
  const opening = project.drive({ adopt, warn: warnAndLog, observers, notify, ...(maxWorkers > 0 && { maxWorkers }) });
  const driver = stack.use(await opening);
  try {
    return await use({ driver, interrupts, ...(metrics !== undefined && { metrics }) });
  } catch (error) {
    if (interrupts.exitCode === null || !isSuspension(error)) throw error;
    context.terminal.note("Stopped before it began; nothing is lost. What is unfinished: troupe recover list\n");
    return interrupts.exitCode;
  }
}

/** A driver that was told to step aside ends every wait with this. */
export function isSuspension(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENGINE_STOPPED";
}

/** The same flags, for a process that drives in the place of this one. */
export function observationWords({
  metricsPort,
  metricsFile,
  inspect,
  inspectPort,
  logFile,
  logLevel,
}: ObservationFlags): readonly string[] {
  return [
    ...(metricsPort === undefined ? [] : ["--metrics-port", String(metricsPort)]),
    ...(metricsFile === undefined ? [] : ["--metrics-file", metricsFile]),
    ...(inspect === true ? ["--inspect"] : []),
    ...(inspectPort === undefined ? [] : ["--inspect-port", String(inspectPort)]),
    ...(logFile === undefined ? [] : ["--log-file", logFile]),
    ...(logLevel === undefined ? [] : ["--log-level", logLevel]),
  ];
}
