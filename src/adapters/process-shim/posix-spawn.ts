/**
 * Starts programs with the C library's `posix_spawn`, which takes 0.25 ms whatever memory we hold. Node forks on Linux: 1.3 ms with the
 * least of heaps, 18 with 200 MB, and every page that is written afterwards is copied (ADR-0028). What it cannot start is left to Node,
 * which knows how to tell why.
 */
import { constants } from "node:fs";
import { constants as system } from "node:os";
import { join, resolve } from "node:path";
import { isProgram } from "./interpreter.ts";
import type { Libc } from "./libc.ts";

export interface ProgramOrder {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Null for an empty one. */
  readonly stdin: number | null;
  readonly stdout: number;
  readonly stderr: number;
}

export interface ProgramExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

export interface Program {
  readonly pid: number;
  /** Rejects when its end cannot be known. */
  readonly exit: Promise<ProgramExit>;
}

export interface Spawner {
  /** Starts a program in a session of its own, with default signals; null when Node has to try. */
  spawn(order: ProgramOrder): Program | null;
}

// Values of Linux, the same for glibc and musl.
const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const SETSID = 0x80;
const WNOHANG = 1;
/** More than any of their structures takes: posix_spawnattr_t has 336 bytes, posix_spawn_file_actions_t 80, sigset_t 128. */
const STRUCTURE_BYTES = 512;

/** Null where the C library refuses one of the attributes: a child without a group of its own could not be stopped. */
export function createSpawner(c: Libc): Spawner | null {
  const attributes = makeAttributes(c);
  if (attributes === null) return null;
  const actions = Buffer.alloc(STRUCTURE_BYTES);
  const pidCell = Buffer.alloc(4);
  const statusCell = Buffer.alloc(4);
  const running = new Map<number, PromiseWithResolvers<ProgramExit>>();

  /** A child stays until we have asked for it, so that its pid cannot be another's. */
  const reap = (): void => {
    for (const [pid, { resolve: settle, reject }] of running) {
      const answer = c.waitpid(pid, statusCell, WNOHANG);
      if (answer === 0) continue;
      running.delete(pid);
      if (answer === pid) settle(exitOf(statusCell.readInt32LE()));
      else reject(new Error(`The end of process ${pid} was taken by somebody else.`));
    }
  };
  process.on("SIGCHLD", reap);

  const run = (path: string, { argv, cwd, env, stdin, stdout, stderr }: ProgramOrder): number | null => {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    if ([cwd, ...argv, ...variables].some((text) => text.includes("\0"))) return null;
    if (c.posix_spawn_file_actions_init(actions) !== 0) return null;
    try {
      const errors = [
        c.posix_spawn_file_actions_addchdir_np(actions, cwd),
        stdin === null
          ? c.posix_spawn_file_actions_addopen(actions, 0, "/dev/null", constants.O_RDONLY, 0)
          : c.posix_spawn_file_actions_adddup2(actions, stdin, 0),
        c.posix_spawn_file_actions_adddup2(actions, stdout, 1),
        c.posix_spawn_file_actions_adddup2(actions, stderr, 2),
      ];
      if (errors.some((error) => error !== 0)) return null;
      const error = c.posix_spawn(pidCell, path, actions, attributes, [...argv, null], [...variables, null]);
      return error === 0 ? pidCell.readInt32LE() : null;
    } catch {
      return null; // more text than koffi holds for one call
    } finally {
      c.posix_spawn_file_actions_destroy(actions);
    }
  };

  return {
    spawn(order) {
      const path = findProgram(order);
      const pid = path === null ? null : run(path, order);
      if (pid === null) return null;
      const exit = Promise.withResolvers<ProgramExit>();
      running.set(pid, exit);
      return { pid, exit: exit.promise };
    },
  };
}

/** A session of its own; no signal blocked, none ignored, whatever we do about ours. */
function makeAttributes(c: Libc): Buffer | null {
  const attributes = Buffer.alloc(STRUCTURE_BYTES);
  const errors = [
    c.posix_spawnattr_init(attributes),
    c.posix_spawnattr_setflags(attributes, SETSID | SETSIGDEF | SETSIGMASK),
    c.posix_spawnattr_setsigdefault(attributes, Buffer.alloc(STRUCTURE_BYTES, 0xff)),
    c.posix_spawnattr_setsigmask(attributes, Buffer.alloc(STRUCTURE_BYTES)),
  ];
  return errors.every((error) => error === 0) ? attributes : null;
}

/** As execvp looks, in the PATH and the directory that the program will have. Where there is no PATH, C libraries differ. */
function findProgram({ argv: [name = ""], cwd, env: { PATH } }: ProgramOrder): string | null {
  if (name.includes("/")) return name;
  const folders = PATH?.split(":").map((folder) => resolve(cwd, folder)) ?? [];
  return folders.map((folder) => join(folder, name)).find(isProgram) ?? null;
}

/** The first name of each number is that which Node gives it: 6 is SIGABRT before it is SIGIOT. */
const SIGNAL_NAMES = new Map(
  Object.entries(system.signals)
    .toReversed()
    .map(([name, number]) => [number, name]),
);

/** A wait status: the signal in the low seven bits, or else the exit code above the eighth. */
function exitOf(status: number): ProgramExit {
  const signal = status & 0x7f;
  if (signal === 0) return { exitCode: (status >> 8) & 0xff, signal: null };
  return { exitCode: null, signal: SIGNAL_NAMES.get(signal) ?? `signal ${signal}` };
}
