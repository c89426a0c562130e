/** Starts the real command as a process, and waits on what it writes. */
import { type ChildProcess, spawn } from "node:child_process";
import { builtCommand } from "../../support/built.ts";

export interface Ended {
  /** Null when it was killed. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface Spawned {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stdout or stderr holds this. Rejects when the process ends before. */
  saw(text: string): Promise<void>;
  /** As `saw`, in what stdout holds behind this many lines. */
  sawAfter(lines: number, text: string): Promise<void>;
  /** What stdout holds so far. */
  written(): string;
}

export interface SpawnOptions {
  readonly cwd: string;
  readonly stdin?: string;
  /** A file descriptor in the place of stdout's pipe. */
  readonly stdout?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** A program that starts Node instead, such as `prlimit --fsize=1000`. */
  readonly through?: readonly string[];
}

export function start(words: readonly string[], { cwd, stdin = "", stdout, env = {}, through = [] }: SpawnOptions): Spawned {
  const [program = "", ...rest] = [...through, process.execPath, builtCommand(), ...words];
  const child = spawn(program, rest, {
    cwd,
    stdio: ["pipe", stdout ?? "pipe", "pipe"],
    env: { PATH: process.env.PATH, HOME: cwd, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME, TMPDIR: process.env.TMPDIR, ...env },
  });
  let out = "";
  let err = "";
  let isOver = false;
  const lookers = new Set<() => void>();
  const heard = (): void => {
    for (const look of lookers) look();
  };
  child.stdout?.on("data", (part: Buffer) => {
    out += part;
    heard();
  });
  child.stderr?.on("data", (part: Buffer) => {
    err += part;
    heard();
  });
  child.stdin?.on("error", () => {}); // It ended without reading.
  child.stdin?.end(stdin);
  const ended = new Promise<Ended>((settle) =>
    child.once("close", (code, signal) => {
      isOver = true;
      heard();
      settle({ code, signal, out, err });
    }),
  );
  const until = (text: string, isThere: () => boolean): Promise<void> =>
    new Promise((settle, reject) => {
      const look = (): void => {
        if (isThere()) settle();
        else if (isOver) reject(new Error(`it ended without writing ${JSON.stringify(text)}:\n${out}${err}`));
        else return;
        lookers.delete(look);
      };
      lookers.add(look);
      look();
    });
  return {
    child,
    ended,
    written: () => out,
    saw: (text) => until(text, () => out.includes(text) || err.includes(text)),
    sawAfter: (lines, text) => until(text, () => out.split("\n").slice(lines).join("\n").includes(text)),
  };
}

export function runToEnd(words: readonly string[], options: SpawnOptions): Promise<Ended> {
  return start(words, options).ended;
}
