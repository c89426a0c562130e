/**
 * What a disk holds after the power went, from a recorded trace of what a process wrote and synced (F-4). strace tells every write and
 * every fsync in their order; what was not synced may be there, be missing, or be torn at any sector.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Starts a program so that it leaves such a trace. */
export function recordWrites(trace: string): readonly string[] {
  const calls = "trace=openat,write,pwrite64,pwritev,pwritev2,ftruncate,fallocate,fsync,fdatasync,unlink,unlinkat,rename,renameat2";
  return ["strace", "-f", "--seccomp-bpf", "-qq", "-y", "-xx", "-s", "1000000", "-o", trace, "-e", calls];
}

type DiskOp =
  | { readonly kind: "create"; readonly path: string }
  | { readonly kind: "unlink"; readonly path: string }
  | { readonly kind: "sync"; readonly path: string }
  | { readonly kind: "write"; readonly path: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: "truncate"; readonly path: string; readonly size: number };

/** A write to a pipe or to a file outside of the disk that is looked at: what somebody could have seen then. */
interface Seen {
  readonly kind: "seen";
  readonly path: string;
  readonly text: string;
}

export type TracedOp = DiskOp | Seen;

/** What others can see of a process: its stdout, a pipe or socket to the test, and files besides. */
type IsWatched = (path: string, fd: number) => boolean;

/** Reads a trace: operations on files directly in this directory are the disk's; of other writes, those that are watched are kept. */
export function readTrace(trace: string, directory: string, isWatched: IsWatched): readonly TracedOp[] {
  const begun = new Map<string, string>();
  const ops: TracedOp[] = [];
  for (const line of readFileSync(trace, "latin1").split("\n")) {
    const [, pid = "", rest = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    if (resumed !== null) {
      const call = (begun.get(pid) ?? "") + (resumed[1] ?? "");
      // What others can see is seen when the call begins, what the disk keeps is kept when it returns.
      ops.push(...parseCall(call, directory, isWatched).filter(({ kind }) => kind !== "seen"));
    } else if (rest.endsWith("<unfinished ...>")) {
      const call = rest.slice(0, -"<unfinished ...>".length).trimEnd();
      begun.set(pid, call);
      ops.push(...parseCall(`${call}) = 1`, directory, isWatched).filter(({ kind }) => kind === "seen"));
    } else ops.push(...parseCall(rest, directory, isWatched));
  }
  return ops;
}

function parseCall(call: string, directory: string, isWatched: IsWatched): readonly TracedOp[] {
  const [, name = "", inside = "", result = ""] = /^(\w+)\((.*)\) += (-?\d+)/.exec(call) ?? [];
  if (name === "" || Number(result) < 0) return [];
  const [, fd = "", fdPath = ""] = /^(\d+)<([^>]*)>/.exec(inside) ?? [];
  const path = unhex(fdPath);
  const isOurs = dirname(path) === directory;
  switch (name) {
    case "openat": {
      const [, named = ""] = /"((?:\\x[0-9a-f]{2})*)"/.exec(inside) ?? [];
      const opened = unhex(named);
      return inside.includes("O_CREAT") && dirname(opened) === directory ? [{ kind: "create", path: opened }] : [];
    }
    case "unlink":
    case "unlinkat": {
      const [, named = ""] = /"((?:\\x[0-9a-f]{2})*)"/.exec(inside) ?? [];
      const removed = unhex(named);
      return dirname(removed) === directory ? [{ kind: "unlink", path: removed }] : [];
    }
    case "fsync":
    case "fdatasync":
      return isOurs || path === directory ? [{ kind: "sync", path }] : [];
    case "ftruncate":
      return isOurs ? [{ kind: "truncate", path, size: Number(/, (\d+)$/.exec(inside)?.[1]) }] : [];
    case "pwrite64": {
      if (!isOurs) return [];
      const [, data = "", offset = "0"] = /"((?:\\x[0-9a-f]{2})*)", \d+, (\d+)$/.exec(inside) ?? [];
      return [{ kind: "write", path, offset: Number(offset), bytes: bytesOf(data).subarray(0, Number(result)) }];
    }
    case "write": {
      const [, data = ""] = /"((?:\\x[0-9a-f]{2})*)"/.exec(inside) ?? [];
      return isWatched(path, Number(fd)) ? [{ kind: "seen", path, text: bytesOf(data).toString("utf8") }] : [];
    }
    default:
      // Ways of writing that this does not follow must not go unnoticed.
      if (isOurs) throw new Error(`${name} on ${path} is not understood`);
      return [];
  }
}

function unhex(text: string): string {
  return text.includes("\\x") ? bytesOf(text).toString("utf8") : text;
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll("\\x", ""), "hex");
}

type FileOp = Extract<DiskOp, { kind: "write" | "truncate" }>;

/** Bytes that grow. */
class Content {
  #bytes = Buffer.alloc(0);
  #size = 0;

  apply(op: FileOp): void {
    if (op.kind === "truncate") this.#resize(op.size);
    else {
      this.#resize(Math.max(this.#size, op.offset + op.bytes.length));
      op.bytes.copy(this.#bytes, op.offset);
    }
  }

  copy(): Content {
    const copy = new Content();
    copy.#bytes = Buffer.from(this.bytes());
    copy.#size = this.#size;
    return copy;
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#size);
  }

  #resize(size: number): void {
    if (size > this.#bytes.length) this.#bytes = Buffer.concat([this.bytes(), Buffer.alloc(2 * size - this.#size)]);
    if (size < this.#size) this.#bytes.fill(0, size, this.#size);
    this.#size = size;
  }
}

interface DiskFile {
  readonly synced: Content;
  pending: FileOp[];
}

/** Smallest unit that a disk writes whole. */
const SECTOR = 512;

/** A directory of a disk that keeps for sure only what was synced: the bytes of files by their fsync, their names by the directory's. */
export class Disk {
  readonly #directory: string;
  /** Names as a process sees them, and as they are after a cut. */
  readonly #names = new Map<string, DiskFile>();
  #syncedNames = new Map<string, DiskFile>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  apply(op: DiskOp): void {
    const name = basename(op.path);
    const file = this.#names.get(name);
    if (op.kind === "sync" && op.path === this.#directory) this.#syncedNames = new Map(this.#names);
    else if (op.kind === "create") this.#names.set(name, file ?? { synced: new Content(), pending: [] });
    else if (op.kind === "unlink") this.#names.delete(name);
    else if (file === undefined)
      return; // It was unlinked, and is written to all the same.
    else if (op.kind === "sync") {
      for (const pending of file.pending) file.synced.apply(pending);
      file.pending = [];
    } else file.pending.push(op);
  }

  /**
   * Writes what the disk holds after a cut into a directory. `luck` says of everything that was not synced whether it made it, sector by
   * sector; null if nothing did.
   */
  writeImage(directory: string, luck: (() => boolean) | null): void {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const names = luck?.() === true ? this.#names : this.#syncedNames;
    for (const [name, { synced, pending }] of names) {
      const content = luck === null ? synced : withLuck(synced, pending, luck);
      writeFileSync(join(directory, name), content.bytes(), { mode: 0o600 });
    }
  }
}

function withLuck(synced: Content, pending: readonly FileOp[], luck: () => boolean): Content {
  const content = synced.copy();
  for (const op of pending) {
    if (op.kind === "truncate") {
      if (luck()) content.apply(op);
      continue;
    }
    for (let from = 0; from < op.bytes.length; from += SECTOR) {
      if (luck()) content.apply({ ...op, offset: op.offset + from, bytes: op.bytes.subarray(from, from + SECTOR) });
    }
  }
  return content;
}
