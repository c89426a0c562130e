/** The engine's line to its supervisor: started with the first command, started anew when it died. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { getCompileCacheDir } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { toError } from "../../core/errors.ts";
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

const LET_GO = "The engine let go of its supervisor.";

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
  let isClosed = false;
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
  const lose = (lost: ChildProcess | null, how: string): void => {
    if (supervisor !== lost) return;
    supervisor = null;
    if (!isReady && waiting.size > 0) failedStarts += 1;
    const reason = isReady
      ? "The supervisor of child processes died."
      : `The supervisor of child processes cannot start: ${lastError(log, logFrom) ?? how}`;
    for (const { resolve } of waiting.values()) resolve(unknown(reason));
    waiting.clear();
  };
  /** Null when it cannot even be tried; whoever waits has been told so. */
  const connect = (): ChildProcess | null => {
    if (supervisor !== null || isClosed) return supervisor;
    isReady = false;
    let started: ChildProcess;
    try {
      logFrom = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
      started = launch(resolve(place), log, env);
    } catch (error) {
      lose(null, toError(error).message);
      return null;
    }
    supervisor = started;
    started.on("message", (message) => {
      if (supervisor === started) hear(message as ToEngine); // only our supervisor holds the other end
    });
    started.once("exit", (code, signal) => lose(started, `it ended with ${signal ?? code}`));
    started.once("error", ({ message }) => lose(started, message));
    hold(started, false);
    return started;
  };
  const send = (to: ChildProcess, message: ToSupervisor): void => {
    // Where the line just broke, or never was, `exit` or `error` follows and settles everybody.
    if (to.connected) to.send(message, undefined, undefined, () => undefined);
  };
  return {
    warm: () => void connect(),
    run(runDirectory, spec) {
      if (isClosed) return { word: Promise.resolve(unknown(LET_GO)), stop: () => undefined };
      const id = ++lastId;
      const { promise: word, resolve } = Promise.withResolvers<Word>();
      waiting.set(id, { resolve });
      const to = connect();
      hold(to, true);
      if (to !== null) send(to, { type: "run", id, directory: runDirectory, spec });
      return {
        word,
        stop(reason) {
          if (waiting.has(id) && supervisor !== null) send(supervisor, { type: "stop", id, reason });
        },
      };
    },
    close() {
      isClosed = true;
      const last = supervisor;
      supervisor = null;
      if (last?.connected === true) last.disconnect();
      for (const { resolve } of waiting.values()) resolve(unknown(LET_GO));
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
