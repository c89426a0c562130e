/** Leaves a run to a process of its own. That process starts the run, so that no attempt begins in one that is about to end. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TransientError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import { prepareRun } from "../main/prepare-run.ts";
import type { RunOptions } from "../main/troupe.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { Context, OpenProject } from "./context.ts";
import { type ObservationFlags, observationWords } from "./open-driver.ts";
import { printJson } from "./print.ts";
import { shortRunId } from "./render/run-id.ts";

export interface DetachOptions {
  readonly context: Context;
  readonly opened: OpenProject;
  readonly workflow: CompiledWorkflow;
  readonly start: RunOptions;
  readonly file: string;
  readonly maxWorkers: number;
  readonly observation: ObservationFlags;
  /** As the flag said it; variables and files reach the other process by themselves. */
  readonly profile?: string | undefined;
}

/** A cold machine takes a second to start the process; longer than this is a fault that its log tells about. */
const START_MAX_MS = 15_000;
const LOOK_EVERY_MS = 20;

export async function detachRun({
  context,
  opened,
  workflow,
  start,
  file,
  maxWorkers,
  observation,
  profile,
}: DetachOptions): Promise<number> {
  const { project, settings, output } = opened;
  const key = start.key ?? `detached-${randomUUID()}`;
  // The same checks and the same id as in the process that starts it, so that mistakes are told here.
  const { runId, input } = prepareRun(workflow, { ...start, key }, { workspace: context.cwd, profile: null }).start;
  const directory = join(project.directory, "detached");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const logFile = join(directory, `${runId}.log`);
  const log = openSync(logFile, "a", 0o600);
  const words = [
    "run",
    file,
    "--input",
    "-",
    "--key",
    key,
    "--state",
    project.directory,
    "--durability",
    settings.values.durability,
    "-o",
    "text",
    "--wait",
    ...(profile === undefined ? [] : ["--profile", profile]),
    ...flags(start, maxWorkers),
    ...observationWords(observation),
  ];
  const child = spawn(context.process.execPath, [...process.execArgv, process.argv[1] ?? "", ...words], {
    cwd: context.cwd,
    detached: true,
    stdio: ["pipe", log, log],
  });
  closeSync(log);
  child.stdin?.on("error", () => {}); // It ended before it read; its log says why.
  child.stdin?.end(JSON.stringify(start.input ?? input));
  await untilStarted(opened, runId, child, logFile);
  child.unref();
  if (output === "text") {
    context.terminal.data(`${runId}\n`);
    context.terminal.note(`In the background. Follow it with: troupe watch ${shortRunId(runId)}\n`);
  } else printJson(context.terminal, { id: runId, log: logFile }, output);
  return 0;
}

function flags({ tenant, priority, concurrency, cache }: RunOptions, maxWorkers: number): readonly string[] {
  return [
    ...(tenant === undefined ? [] : ["--tenant", tenant]),
    ...(priority === undefined ? [] : ["--priority", String(priority)]),
    ...(cache === "off" ? ["--no-cache"] : []),
    ...(concurrency === 1 ? ["--sequential"] : []),
    ...(maxWorkers > 0 ? ["--max-workers", String(maxWorkers)] : []),
  ];
}

async function untilStarted({ project }: OpenProject, runId: RunId, child: ReturnType<typeof spawn>, logFile: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = (): void => {
    if (project.store.run(runId) !== null) resolve();
  };
  const failed = (): void => reject(new TransientError("DETACH_FAILED", { log: logFile, problem: tailOf(logFile) }));
  const timer = setInterval(look, LOOK_EVERY_MS);
  const alarm = setTimeout(failed, START_MAX_MS);
  child.on("error", failed);
  child.on("exit", () => {
    look();
    failed(); // A promise settles once: a run that is there already has resolved it.
  });
  try {
    await promise;
  } finally {
    clearInterval(timer);
    clearTimeout(alarm);
  }
}

function tailOf(logFile: string): string {
  return readFileSync(logFile, "utf8").trimEnd().split("\n").at(-1) ?? "";
}
