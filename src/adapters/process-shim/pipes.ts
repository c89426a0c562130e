/**
 * Pipes for children. Node's own are sockets, and a socket cannot be opened by name: `echo … > /dev/stderr` in a script then fails
 * with ENXIO. So children get pipes of the C library; where that cannot be called, FIFOs, made in batches by mkfifo (about 0.1 ms each
 * that way) and unlinked as soon as both ends are open. Where mkfifo is missing too, Node's own have to do.
 */
import { execFile } from "node:child_process";
import { closeSync, constants, mkdirSync, openSync, readdirSync, rmSync, unlinkSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { getSystemErrorName } from "node:util";
import type { Libc } from "./libc.ts";
import { signalProcess } from "./proc.ts";

const BATCH = 32;
const LOW = 12;
const PREFIX = "pipes-";
/** Of Linux: no other child inherits an end. */
const O_CLOEXEC = 0o2_000_000;

export interface Pipe {
  readonly reader: Socket;
  /** For the child; close it once the child is started. */
  readonly writer: number;
}

export interface Pipes {
  /** Null where there are none. @throws the system's error, such as EMFILE */
  open(): Promise<Pipe | null>;
  close(): void;
}

export function createPipes({ pipe2, errno }: Libc): Pipes {
  const ends = Buffer.alloc(8);
  return {
    async open() {
      if (pipe2(ends, O_CLOEXEC) === 0) return { reader: readerOf(ends.readInt32LE(0)), writer: ends.readInt32LE(4) };
      throw Object.assign(new Error("No pipe can be made"), { code: getSystemErrorName(-errno()) });
    },
    close: () => undefined,
  };
}

/** Those that are made but not used yet lie below `parent`. */
export function createFifos(parent: string): Pipes {
  removeAbandoned(parent);
  const directory = join(parent, `${PREFIX}${process.pid}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const ready: string[] = [];
  let made = 0;
  let making: Promise<boolean> | null = null;

  /** False when none could be made, as on a machine without mkfifo or short of processes. */
  const make = (): Promise<boolean> => {
    making ??= new Promise((resolve) => {
      const names = Array.from({ length: BATCH }, () => join(directory, String(made++)));
      execFile("mkfifo", ["-m", "600", ...names], (error) => {
        if (error === null) ready.push(...names);
        making = null;
        resolve(error === null);
      });
    });
    return making;
  };
  void make();
  return {
    async open() {
      while (ready.length === 0) if (!(await make())) return null;
      const name = ready.pop() as string; // there is one
      if (ready.length < LOW) void make();
      return openFifo(name);
    },
    close() {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A supervisor that was killed could not clean up. */
function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length)) : 0;
    if (pid > 0 && (pid === process.pid || !signalProcess(pid, 0))) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function openFifo(name: string): Pipe {
  // Read end first and without waiting; the write end then opens at once, and blocks when full as programs expect.
  const read = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const writer = openSync(name, constants.O_WRONLY);
    return { reader: readerOf(read), writer };
  } catch (error) {
    closeSync(read);
    throw error;
  } finally {
    unlinkSync(name);
  }
}

function readerOf(fd: number): Socket {
  return new Socket({ fd, readable: true, writable: false });
}
