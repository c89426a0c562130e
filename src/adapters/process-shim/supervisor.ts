/**
 * The parent of all child processes of one engine. It runs in a session of its own and outlives the engine: children are followed
 * to their end, deadlines hold, results are written, also while no engine runs. It ends when the engine is gone and nothing is left.
 *
 * V1 A result is on disk before anybody hears of it, unless the disk refuses it: then telling is better than losing.
 * V2 A fault in one attempt ends this attempt only.
 * V3 It imports nothing but `node:` modules and its neighbours, since its start is on the way of the first command.
 */
import { lutimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AttemptHost, type RunningAttempt, startAttempt } from "./attempt.ts";
import { createFlusher } from "./durable.ts";
import { loadLibc } from "./libc.ts";
import { createFifos, createPipes } from "./pipes.ts";
import { createSpawner } from "./posix-spawn.ts";
import type { ToEngine, ToSupervisor } from "./protocol.ts";
import { createSweeper } from "./sweeper.ts";

const BEAT_MS = 3_000;

interface Entry {
  readonly directory: string;
  readonly attempt: RunningAttempt;
}

/** Where the engine keeps what belongs to its supervisors. */
const directory = process.argv[2] ?? process.cwd();
const running = new Map<number, Entry>();
const libc = loadLibc();
const host: AttemptHost = {
  pipes: libc === null ? createFifos(directory) : createPipes(libc),
  spawner: libc && createSpawner(libc),
  sweeper: createSweeper(),
  flusher: createFlusher(),
  report,
};
let engineGone = false;

function answer(message: ToEngine): void {
  // A dead engine cannot listen; what matters is on disk.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function run({ id, directory, spec }: ToSupervisor & { type: "run" }): void {
  let attempt: RunningAttempt | null;
  try {
    attempt = startAttempt(directory, spec, host);
  } catch (error) {
    answer({ type: "refused", id, reason: String(error) });
    return;
  }
  if (attempt === null) {
    answer({ type: "refused", id, reason: "The attempt is claimed already." });
    return;
  }
  running.set(id, { directory, attempt });
  attempt.ended
    .then((result) => answer({ type: "ended", id, result }))
    .catch((error: unknown) => {
      report(error);
      answer({ type: "broken", id, reason: String(error) });
    })
    .finally(() => {
      running.delete(id);
      endIfIdle();
    });
}

function stopAll(): void {
  for (const { attempt } of running.values()) attempt.stop("cancel");
  engineGone = true;
  endIfIdle();
}

function endIfIdle(): void {
  if (!engineGone || running.size > 0) return;
  if (host.sweeper.isIdle && host.flusher.isIdle) {
    host.pipes.close();
    process.exit(0);
  }
  setTimeout(endIfIdle, 50);
}

function report(fault: unknown): void {
  process.stderr.write(`${new Date().toISOString()} ${fault instanceof Error ? fault.stack : String(fault)}\n`);
}

function beat(): void {
  const now = new Date();
  for (const { directory } of running.values()) {
    const path = join(directory, "beat");
    try {
      lutimesSync(path, now, now);
    } catch {
      try {
        writeFileSync(path, "", { flag: "wx" });
      } catch {
        // The directory was cleaned away under a running attempt (F-51): its end will be judged as lost.
      }
    }
  }
}

process.on("message", (message: ToSupervisor) => {
  if (message.type === "run") run(message);
  else running.get(message.id)?.attempt.stop(message.reason);
});
process.on("disconnect", () => {
  engineGone = true;
  endIfIdle();
});
process.on("uncaughtException", report);
process.on("unhandledRejection", report);
process.on("SIGTERM", stopAll);
for (const signal of ["SIGINT", "SIGHUP", "SIGPIPE"] as const) process.on(signal, () => undefined);
setInterval(beat, BEAT_MS);
answer({ type: "ready" });
