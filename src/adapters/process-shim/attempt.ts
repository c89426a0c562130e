/** One attempt from claim to result (reliability §5), inside the supervisor. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProcessResult, ProcessSpec } from "../../ports/processes.ts";
import { openCapture } from "./capture.ts";
import { type Child, type ChildEnd, startChild } from "./child.ts";
import { type Flusher, writeWhole } from "./durable.ts";
import { setFarTimeout } from "./far-timer.ts";
import { createOomWatch, preferAsVictim } from "./memory.ts";
import { settleOutputFile } from "./output-file.ts";
import type { Pipes } from "./pipes.ts";
import type { Spawner } from "./posix-spawn.ts";
import { identityOf, ownIdentity } from "./proc.ts";
import type { ClaimFile, PidFile, StopOrder } from "./protocol.ts";
import type { Sweeper } from "./sweeper.ts";

const CLEANUP_CAPTURE_MAX_BYTES = 64 * 1024;

export interface AttemptHost {
  readonly pipes: Pipes;
  readonly spawner: Spawner | null;
  readonly sweeper: Sweeper;
  readonly flusher: Flusher;
  /** Notes a fault that must not stop anything. */
  readonly report: (fault: unknown) => void;
}

export interface RunningAttempt {
  readonly ended: Promise<ProcessResult>;
  stop(reason: StopOrder): void;
}

/**
 * Takes the claim and runs the child; null when the claim is taken, since then another supervisor runs it or a new owner forbade it.
 *
 * @throws when the control directory is gone or cannot be written.
 */
export function startAttempt(directory: string, spec: ProcessSpec, host: AttemptHost): RunningAttempt | null {
  if (!claim(directory)) return null;
  let order: StopOrder | null = null;
  let child: Child | null = null;
  const stop = (reason: StopOrder): void => {
    order ??= reason;
    child?.stop();
  };
  const deadline = spec.deadlineAt === null ? null : setFarTimeout(() => stop("timeout"), spec.deadlineAt - Date.now());
  const execute = async (): Promise<ProcessResult> => {
    const startedAt = Date.now();
    const oom = createOomWatch();
    const [stdout, stderr] = (["stdout", "stderr"] as const).map((name) =>
      openCapture(join(directory, name), spec.captureMaxBytes, spec.masks),
    ) as [Capture, Capture]; // two names give two captures
    child = await startChild({ ...childOptions(directory, spec, spec, host), stdin: spec.stdin, stdout, stderr });
    if (child.pid !== null) recordStart(directory, spec, child.pid, startedAt, host);
    if (order !== null) child.stop();
    const end = await child.ended;
    deadline?.clear();
    // The stop order of a new owner stands in a file, since it has no line to this supervisor.
    const stopped = order ?? readStopOrder(directory, end);
    const cleanup = await tidy(directory, spec, child.pid, stopped !== null, host);
    const { unkillable, exitCode, signal, spawnError } = end;
    const result: ProcessResult = {
      token: spec.token,
      exitCode,
      signal,
      stopped,
      unkillable,
      outOfMemory: signal === "SIGKILL" && stopped === null ? oom() : false,
      spawnError,
      startedAt,
      endedAt: Date.now(),
      stdout: stdout.finish(),
      stderr: stderr.finish(),
      outputBytes: settleOutputFile(directory, spec.masks),
      cleanup,
    };
    record(join(directory, "result.json"), result, host);
    return result;
  };
  return { ended: execute().finally(() => deadline?.clear()), stop };
}

/**
 * Ends what the child left behind and runs the clean-up command. Nobody waits for the first where nothing depends on it: whoever
 * was stopped has to be gone when the outcome is known, and a clean-up must neither meet what it cleans up after nor be swept itself.
 */
async function tidy(
  directory: string,
  spec: ProcessSpec,
  group: number | null,
  isStopped: boolean,
  host: AttemptHost,
): Promise<ProcessResult["cleanup"]> {
  const swept = group === null ? null : host.sweeper.sweep(spec.token, group, spec.graceMs, isStopped || spec.cleanup !== null);
  if (isStopped || spec.cleanup !== null) await swept;
  if (spec.cleanup === null) return null;
  const cleanup = await runCleanup(directory, spec, spec.cleanup, host);
  void host.sweeper.sweep(spec.token, null, spec.graceMs);
  return cleanup;
}

type Capture = ReturnType<typeof openCapture>;

function claim(directory: string): boolean {
  const mine: ClaimFile = { by: "supervisor", supervisor: ownIdentity() };
  try {
    writeFileSync(join(directory, "claim"), JSON.stringify(mine), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Whole and visible at once, synced soon after: the sync costs one to three milliseconds and guards only against a power cut before
 * the engine has committed the result itself. Such a cut leaves no result or a damaged one, and both are judged as lost.
 */
function record(path: string, result: ProcessResult, host: AttemptHost): void {
  try {
    writeWhole(path, JSON.stringify(result));
    host.flusher.add(path);
  } catch (error) {
    host.report(error);
  }
}

/** A full disk costs the file, never the attempt (F-7): a later engine finds the supervisor by the claim, and processes by their token. */
function recordStart(directory: string, spec: ProcessSpec, pid: number, startedAt: number, host: AttemptHost): void {
  preferAsVictim(pid);
  const file: PidFile = { supervisor: ownIdentity(), child: identityOf(pid), group: pid, epoch: spec.epoch, startedAt };
  try {
    writeWhole(join(directory, "pid.json"), JSON.stringify(file));
  } catch (error) {
    host.report(error);
  }
}

function readStopOrder(directory: string, end: ChildEnd): StopOrder | null {
  if (end.spawnError !== null) return null;
  try {
    return readFileSync(join(directory, "stop"), "utf8") === "timeout" ? "timeout" : "cancel";
  } catch {
    return null;
  }
}

interface Command {
  readonly argv: readonly [string, ...string[]];
  readonly script: string | null;
}

function childOptions(directory: string, spec: ProcessSpec, command: Command, host: AttemptHost, name = "script") {
  const { cwd, env, graceMs } = spec;
  const script = command.script === null ? null : { path: join(directory, name), text: command.script };
  const argv = script === null ? command.argv : [...command.argv, script.path];
  return { argv, script, cwd, env, graceMs, scratch: directory, pipes: host.pipes, spawner: host.spawner };
}

/** Runs whatever became of the child, and is bounded by the grace so that it cannot hold the outcome. */
async function runCleanup(directory: string, spec: ProcessSpec, command: Command, host: AttemptHost): Promise<ProcessResult["cleanup"]> {
  const capture = openCapture(join(directory, "cleanup.log"), CLEANUP_CAPTURE_MAX_BYTES, spec.masks);
  const options = childOptions(directory, spec, command, host, "cleanup-script");
  const child = await startChild({ ...options, graceMs: Math.min(spec.graceMs, 1_000), stdin: null, stdout: capture, stderr: capture });
  const limit = setTimeout(child.stop, spec.graceMs);
  const { exitCode, signal } = await child.ended;
  clearTimeout(limit);
  capture.finish();
  return { exitCode, signal };
}
