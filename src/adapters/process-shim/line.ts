/** The engine's line to its supervisor: started with the first command, started anew when it died. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { getCompileCacheDir } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProcessResult, ProcessSpec } from "../../ports/processes.ts";
import { type StopOrder, TOKEN_VARIABLE, type ToEngine, type ToSupervisor } from "./protocol.ts";

/** What the supervisor said, or that it is gone and the control directory has to tell. */
export type Word = { readonly kind: "ended"; readonly result: ProcessResult } | { readonly kind: "unknown"; readonly reason: string };

export interface Line {
  /** Starts the supervisor ahead of need; about 45 ms that can pass beside other work. */
  warm(): void;
  run(directory: string, spec: ProcessSpec): { readonly word: Promise<Word>; stop(reason: StopOrder): void };
  close(): void;
}

interface Waiting {
  readonly resolve: (word: Word) => void;
}

// tsc rewrites the specifiers of imports, not strings.
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
const SUPERVISOR = fileURLToPath(new URL(`./supervisor.${EXTENSION}`, import.meta.url));

/** `place` holds the supervisor's log of its own faults, the cache of its compiled code and its spare pipes. */
export function createLine(place: string, env: Readonly<Record<string, string | undefined>>): Line {
  const waiting = new Map<number, Waiting>();
  let supervisor: ChildProcess | null = null;
  let lastId = 0;

  const hear = (message: ToEngine): void => {
    if (message.type === "ready") return;
    const word: Word = message.type === "ended" ? { kind: "ended", result: message.result } : { kind: "unknown", reason: message.reason };
    waiting.get(message.id)?.resolve(word);
    forget(message.id);
  };
  const forget = (id: number): void => {
    waiting.delete(id);
    if (waiting.size === 0) hold(supervisor, false);
  };
  const lose = (lost: ChildProcess): void => {
    if (supervisor !== lost) return;
    supervisor = null;
    for (const { resolve } of waiting.values()) resolve({ kind: "unknown", reason: "The supervisor of child processes died." });
    waiting.clear();
  };
  const connect = (): ChildProcess => {
    if (supervisor !== null) return supervisor;
    const started = launch(resolve(place), env);
    supervisor = started;
    started.on("message", (message) => hear(message as ToEngine)); // only our supervisor holds the other end
    started.once("exit", () => lose(started));
    started.once("error", () => lose(started));
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
      for (const { resolve } of waiting.values()) resolve({ kind: "unknown", reason: "The engine let go of its supervisor." });
      waiting.clear();
    },
  };
}

function launch(directory: string, env: Readonly<Record<string, string | undefined>>): ChildProcess {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const log = openSync(join(directory, "supervisor.log"), "a", 0o600);
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
