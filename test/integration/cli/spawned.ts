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
}

export interface SpawnOptions {
  readonly cwd: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export function start(words: readonly string[], { cwd, stdin = "", env = {} }: SpawnOptions): Spawned {
  const child = spawn(process.execPath, [builtCommand(), ...words], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME, TMPDIR: process.env.TMPDIR, ...env },
  });
  let out = "";
  let err = "";
  let isOver = false;
  const lookers = new Set<() => void>();
  const heard = (): void => {
    for (const look of lookers) look();
  };
  child.stdout.on("data", (part: Buffer) => {
    out += part;
    heard();
  });
  child.stderr.on("data", (part: Buffer) => {
    err += part;
    heard();
  });
  child.stdin.on("error", () => {}); // It ended without reading.
  child.stdin.end(stdin);
  const ended = new Promise<Ended>((settle) =>
    child.once("close", (code, signal) => {
      isOver = true;
      heard();
      settle({ code, signal, out, err });
    }),
  );
  return {
    child,
    ended,
    saw: (text) =>
      new Promise((settle, reject) => {
        const look = (): void => {
          if (out.includes(text) || err.includes(text)) settle();
          else if (isOver) reject(new Error(`it ended without writing ${JSON.stringify(text)}:\n${out}${err}`));
          else return;
          lookers.delete(look);
        };
        lookers.add(look);
        look();
      }),
  };
}

export function runToEnd(words: readonly string[], options: SpawnOptions): Promise<Ended> {
  return start(words, options).ended;
}
