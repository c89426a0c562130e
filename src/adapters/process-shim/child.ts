/** One child process: started in a group of its own, its output captured, ended by TERM and KILL. */
import { spawn } from "node:child_process";
import { closeSync, openSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Capture } from "./capture.ts";
import { writeNew } from "./durable.ts";
import type { Pipe, Pipes } from "./pipes.ts";
import type { Spawner } from "./posix-spawn.ts";
import { signalProcess } from "./proc.ts";

/** Output that was written before the exit is in the pipe by then; a grandchild that keeps it open must not hold up the outcome. */
const DRAIN_IDLE_MS = 20;
const DRAIN_MAX_MS = 250;
/** After KILL, how long to wait for the exit before it counts as unkillable (I-16). */
const UNKILLABLE_AFTER_MS = 1_500;

export interface ChildOptions {
  /** Written before the start, for an interpreter to read. */
  readonly script: { readonly path: string; readonly text: string } | null;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string | null;
  readonly graceMs: number;
  readonly stdout: Capture;
  readonly stderr: Capture;
  /** For the file that holds `stdin`, gone before the child begins. */
  readonly scratch: string;
  readonly pipes: Pipes;
  /** Null where only Node can start a program. */
  readonly spawner: Spawner | null;
}

export interface ChildEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly spawnError: string | null;
  readonly unkillable: boolean;
}

export interface Child {
  /** Null when it could not be started. */
  readonly pid: number | null;
  readonly ended: Promise<ChildEnd>;
  /** TERM to the group, KILL after the grace. Once is enough. */
  stop(): void;
}

/** A machine short of anything is told by `spawnError`, never by a throw: then nothing has begun, and nothing is left open (F-19). */
export async function startChild(options: ChildOptions): Promise<Child> {
  const opened: Pipe[] = [];
  const open = async (): Promise<Pipe | null> => {
    const pipe = await options.pipes.open();
    if (pipe !== null) opened.push(pipe);
    return pipe;
  };
  try {
    return launch(options, await open(), await open());
  } catch (error) {
    // E2BIG, EMFILE and their like are thrown, ENOENT and its like come as events.
    for (const pipe of opened) pipe.reader.destroy();
    return { pid: null, ended: Promise.resolve(notSpawned(error)), stop: () => undefined };
  } finally {
    for (const pipe of opened) closeSync(pipe.writer);
  }
}

function launch(options: ChildOptions, out: Pipe | null, err: Pipe | null): Child {
  if (options.script !== null) writeNew(options.script.path, options.script.text);
  if (!isDirectory(options.cwd)) throw Object.assign(new Error("The working directory is missing"), { code: "CWD_MISSING" });
  const stdin = options.stdin === null ? null : openText(options.stdin, join(options.scratch, "stdin"));
  let program: Program;
  try {
    program = startProgram(options, stdin, out, err);
  } finally {
    if (stdin !== null) closeSync(stdin);
  }
  const drained = drain([
    { stream: program.stdout, capture: options.stdout },
    { stream: program.stderr, capture: options.stderr },
  ]);
  const stopping = createStop(program.pid, options.graceMs);
  const unkillable = stopping.unkillable.then((): ChildEnd => ({ exitCode: null, signal: null, spawnError: null, unkillable: true }));
  const ended = Promise.race([program.exit, unkillable])
    .finally(stopping.clear)
    .then(
      async (end) => {
        await drained(end.spawnError === null && !end.unkillable);
        return end;
      },
      async (error: unknown) => {
        await drained(false);
        throw error;
      },
    );
  return { pid: program.pid, ended, stop: stopping.stop };
}

interface Program {
  /** Null when it could not be started. */
  readonly pid: number | null;
  readonly exit: Promise<ChildEnd>;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
}

function startProgram({ argv, cwd, env, spawner }: ChildOptions, stdin: number | null, out: Pipe | null, err: Pipe | null): Program {
  if (spawner !== null && out !== null && err !== null) {
    const program = spawner.spawn({ argv, cwd, env, stdin, stdout: out.writer, stderr: err.writer });
    if (program !== null) {
      const exit = program.exit.then((end) => ({ ...end, spawnError: null, unkillable: false }));
      return { pid: program.pid, exit, stdout: out.reader, stderr: err.reader };
    }
  }
  const [command = "", ...args] = argv;
  const process = spawn(command, args, {
    cwd,
    env,
    detached: true,
    stdio: [stdin ?? "ignore", out?.writer ?? "pipe", err?.writer ?? "pipe"],
  });
  const exit = new Promise<ChildEnd>((resolve) => {
    process.once("exit", (exitCode, signal) => resolve({ exitCode, signal, spawnError: null, unkillable: false }));
    process.once("error", (error) => resolve(notSpawned(error)));
  });
  return { pid: process.pid ?? null, exit, stdout: out?.reader ?? process.stdout ?? null, stderr: err?.reader ?? process.stderr ?? null };
}

function createStop(pid: number | null, graceMs: number): { stop(): void; clear(): void; readonly unkillable: Promise<void> } {
  const { promise: unkillable, resolve } = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  return {
    unkillable,
    stop() {
      if (stopped || pid === null) return;
      stopped = true;
      signalProcess(-pid, "SIGTERM");
      signalProcess(-pid, "SIGCONT"); // a stopped process hears TERM only when it goes on
      timer = setTimeout(() => {
        signalProcess(-pid, "SIGKILL");
        timer = setTimeout(resolve, UNKILLABLE_AFTER_MS);
      }, graceMs);
    },
    clear() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Reads the streams into their captures; the function returned waits for what is still under way after the exit. */
function drain(sources: readonly { stream: Readable | null; capture: Capture }[]): (wait: boolean) => Promise<void> {
  let open = 0;
  let heard = 0;
  const all = Promise.withResolvers<void>();
  const close = (): void => {
    if (--open === 0) all.resolve();
  };
  for (const { stream, capture } of sources) {
    if (stream === null) continue;
    open++;
    stream.on("data", (chunk: Buffer) => {
      heard++;
      capture.write(chunk);
    });
    stream.once("close", close);
    stream.on("error", () => stream.destroy());
  }
  return async (wait) => {
    if (wait && open > 0) await Promise.race([all.promise, quiet(() => heard)]);
    for (const { stream } of sources) stream?.destroy();
  };
}

/** Resolves when nothing was heard for a while. Looks only after the event loop has polled, so that a busy loop loses nothing. */
function quiet(heard: () => number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const until = performance.now() + DRAIN_MAX_MS;
  let last = heard();
  const look = (): void => {
    const now = heard();
    if (now === last || performance.now() > until) resolve();
    else {
      last = now;
      wait();
    }
  };
  const wait = (): void => void setTimeout(() => setImmediate(() => setImmediate(look)), DRAIN_IDLE_MS);
  wait();
  return promise;
}

/** A file without a name: seekable, never blocking, openable as /dev/stdin, and gone with its last reader. */
function openText(text: string, path: string): number {
  writeNew(path, text);
  const file = openSync(path, "r");
  unlinkSync(path);
  return file;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function notSpawned(error: unknown): ChildEnd {
  return { exitCode: null, signal: null, spawnError: (error as NodeJS.ErrnoException).code ?? "UNKNOWN", unkillable: false };
}
