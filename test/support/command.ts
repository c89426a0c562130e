/** The built `troupe` command as a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { builtCommand } from "./built.ts";

export interface CommandEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandEnd>;
  /** Resolves when stderr or stdout has shown this text; at the end of the command at the latest. */
  shows(text: string): Promise<void>;
  /** What stdout has shown so far. */
  said(): string;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Options for Node itself. */
  readonly node?: readonly string[];
  /** A program that starts Node instead, such as `prlimit --nofile=64`. */
  readonly through?: readonly string[];
  /** File descriptor for stdout instead of a pipe to the test. */
  readonly stdout?: number;
}

export function startCommand(words: readonly string[], { cwd, env, node = [], through = [], stdout }: CommandOptions): RunningCommand {
  const [program = "", ...rest] = [...through, process.execPath, ...node, builtCommand(), ...words];
  const child = spawn(program, rest, {
    cwd,
    env: { PATH: process.env.PATH ?? "", HOME: cwd, NODE_COMPILE_CACHE: join(tmpdir(), "troupe-test-cache"), ...env },
    stdio: ["ignore", stdout ?? "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL")); // A test that failed must not leave an engine behind.
  const seen = { stdout: "", stderr: "" };
  let waiting: { readonly text: string; readonly resolve: () => void }[] = [];
  const look = (): void => {
    waiting = waiting.filter(({ text, resolve }) => {
      const isThere = seen.stdout.includes(text) || seen.stderr.includes(text);
      if (isThere) resolve();
      return !isThere;
    });
  };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (chunk: string) => {
      seen[name] += chunk;
      look();
    });
  }
  const ended = new Promise<CommandEnd>((done, fail) => {
    child.on("error", fail);
    child.on("close", (code, signal) => {
      for (const { resolve } of waiting) resolve();
      done({ code, signal, ...seen });
    });
  });
  return {
    child,
    ended,
    said: () => seen.stdout,
    shows: (text) =>
      new Promise((resolve) => {
        waiting.push({ text, resolve });
        look();
      }),
  };
}

export function runCommand(words: readonly string[], options: CommandOptions): Promise<CommandEnd> {
  return startCommand(words, options).ended;
}
