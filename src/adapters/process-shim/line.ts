/** The engine's line to its supervisor: started with the first command, started anew when it died. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { getCompileCacheDir } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProcessResult, ProcessSpec } from "../../ports/processes.ts";
import { readPart } from "./durable.ts";
import { type StopOrder, TOKEN_VARIABLE, type ToEngine, type ToSupervisor } from "./protocol.ts";

/** What the supervisor said, or that it is gone and the control directory has to tell. */
export type Word = { readonly kind: "ended"; readonly result: ProcessResult } | Unknown;

export interface Unknown {
  readonly kind: "unknown";
  readonly reason: string;
  /** Supervisors in a row that ended before they were ready. */
  readonly failedStarts: number;
}

export interface Line {
  /** Starts the supervisor ahead of need; about 45 ms that can pass beside other work. */
  warm(): void;
  run(directory: string, spec: ProcessSpec): { readonly word: Promise<Word>; stop(reason: StopOrder): void };
  close(): void;
}

/** Enough to hold what Node says when a program of its cannot be loaded. */
const LOG_END_BYTES = 4_096;

interface Waiting {
  readonly resolve: (word: Word) => void;
}

// tsc rewrites the specifiers of imports, not strings.
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
const SUPERVISOR = fileURLToPath(new URL(`./supervisor.${EXTENSION}`, import.meta.url));

/** `place` holds the supervisor's log of its own faults, the cache of its compiled code and its spare pipes. */
export function createLine(place: string, env: Readonly<Record<string, string | undefined>>): Line {
  const waiting = new Map<number, Waiting>();
  const log = resolve(place, "supervisor.log");
  let supervisor: ChildProcess | null = null;
  let isReady = false;
  /** Where what the supervisor complains of begins in its log. */
  let logFrom = 0;
  let failedStarts = 0;
  let lastId = 0;

  const unknown = (reason: string): Unknown => ({ kind: "unknown", reason, failedStarts });
  const hear = (message: ToEngine): void => {
    if (message.type === "ready") {
      isReady = true;
      failedStarts = 0;
      return;
    }
    waiting.get(message.id)?.resolve(message.type === "ended" ? { kind: "ended", result: message.result } : unknown(message.reason));
    forget(message.id);
  };
  const forget = (id: number): void => {
    waiting.delete(id);
    if (waiting.size === 0) hold(supervisor, false);
  };
  const lose = (lost: ChildProcess, how: string): void => {
    if (supervisor !== lost) return;
    supervisor = null;
    if (!isReady) failedStarts += 1;
    const reason = isReady
      ? "The supervisor of child processes died."
      : `The supervisor of child processes cannot start: ${lastError(log, logFrom) ?? how}`;
    for (const { resolve } of waiting.values()) resolve(unknown(reason));
    waiting.clear();
  };
  const connect = (): ChildProcess => {
    if (supervisor !== null) return supervisor;
    logFrom = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    const started = launch(resolve(place), log, env);
    supervisor = started;
    isReady = false;
    started.on("message", (message) => hear(message as ToEngine)); // only our supervisor holds the other end
    started.once("exit", (code, signal) => lose(started, `it ended with ${signal ?? code}`));
    started.once("error", ({ message }) => lose(started, message));
    hold(started, false);
    return started;
  };
  const send = (message: ToSupervisor): void => {
    const to = connect();
    // A line that just broke: `exit` follows and settles everybody.
    to.send(message, undefined, undefined, () => undefined);
  };
  return {
    warm: () => void connect(),
    run(runDirectory, spec) {
      const id = ++lastId;
      const { promise: word, resolve } = Promise.withResolvers<Word>();
      waiting.set(id, { resolve });
      hold(connect(), true);
      send({ type: "run", id, directory: runDirectory, spec });
      return { word, stop: (reason) => void (waiting.has(id) && send({ type: "stop", id, reason })) };
    },
    close() {
      const last = supervisor;
      supervisor = null;
      if (last?.connected === true) last.disconnect();
      for (const { resolve } of waiting.values()) resolve(unknown("The engine let go of its supervisor."));
      waiting.clear();
    },
  };
}

function launch(directory: string, logFile: string, env: Readonly<Record<string, string | undefined>>): ChildProcess {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const log = openSync(logFile, "a", 0o600);
  try {
    return spawn(process.execPath, ["--disable-sigusr1", SUPERVISOR, directory], {
      detached: true,
      cwd: "/",
      stdio: ["ignore", "ignore", log, "ipc"],
      // Little of the engine's environment: steps get theirs whole from their spec (S-13). An outer attempt's token stays, so that
      // ending the outer attempt ends ours.
      env: {
        PATH: env.PATH,
        TMPDIR: env.TMPDIR,
        [TOKEN_VARIABLE]: env[TOKEN_VARIABLE],
        NODE_COMPILE_CACHE: getCompileCacheDir() ?? join(directory, "code"),
      },
    });
  } finally {
    closeSync(log);
  }
}

/** What was complained of since, as Node words it. */
function lastError(log: string, from: number): string | null {
  const end = readPart(log, LOG_END_BYTES, "end");
  if (end === null || end === "bad") return null;
  const since = end.content.subarray(Math.max(0, end.content.length - (end.bytes - from)));
  const lines = since.toString("utf8").split("\n");
  return lines.findLast((line) => /^\w*Error\b/.test(line)) ?? null;
}

/** An engine stays for commands that run, not for an idle supervisor. */
function hold(supervisor: ChildProcess | null, isHeld: boolean): void {
  if (supervisor === null) return;
  if (isHeld) {
    supervisor.ref();
    supervisor.channel?.ref();
  } else {
    supervisor.unref();
    supervisor.channel?.unref();
  }
}
