/** Drives runs of an open project for a command, watched as its flags and its environment ask for. */
import { resolve } from "node:path";
import type { ObservationOptions } from "../main/observation-shape.ts";
import type { DriveOptions, Driver } from "../main/project-shape.ts";
import type { Context, OpenProject } from "./context.ts";

/** The flags of `observationOptions`, as commander gives them. */
export interface ObservationFlags {
  readonly metricsPort?: number | undefined;
  readonly metricsFile?: string | undefined;
  readonly inspect?: boolean | undefined;
  readonly inspectPort?: number | undefined;
  readonly logFile?: string | undefined;
  readonly logLevel?: ObservationOptions["logLevel"];
}

/** Lets go of the driver first, then of what watches it, so that the last entries are passed on too. */
export interface OpenDriver extends AsyncDisposable {
  readonly driver: Driver;
}

export async function openDriver(
  context: Context,
  { project, settings }: OpenProject,
  flags: ObservationFlags,
  how: Pick<DriveOptions, "adopt"> = {},
): Promise<OpenDriver> {
  const { openObservation } = await import("../main/observation.ts");
  const { metricsPort, metricsFile, inspect, inspectPort, logFile, logLevel } = flags;
  const { max_workers: maxWorkers } = settings.values;
  const warn = (message: string): void => context.terminal.note(`warning: ${message}\n`);
  await using stack = new AsyncDisposableStack();
  const { observers, heard } = stack.use(
    await openObservation({
      store: project.store,
      env: context.env,
      warn,
      note: (message) => context.terminal.note(`${message}\n`),
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
  const driver = stack.use(await project.drive({ ...how, warn: warnAndLog, observers, ...(maxWorkers > 0 && { maxWorkers }) }));
  const kept = stack.move();
  return { driver, [Symbol.asyncDispose]: () => kept.disposeAsync() };
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
