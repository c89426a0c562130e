/**
 * A folder that is there whole or not at all: written beside its place under another name, and renamed when everything is written. Whatever goes
 * wrong before, a full disk among it, leaves what was there as it was.
 */
import { createHash, randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { RequestError } from "../../core/errors.ts";
import { unwritable } from "../../core/file-error.ts";
import { MANIFEST, type ManifestFile, parseManifest } from "./manifest.ts";

export interface ExportFolder extends Disposable {
  /** Names use `/`. Large contents come in parts. @throws RequestError FILE_UNWRITABLE */
  write(name: string, parts: string | Iterable<string | Uint8Array>): void;
  /** What was written so far, in order. */
  readonly files: readonly ManifestFile[];
  /** Puts the folder in its place. @throws RequestError FILE_UNWRITABLE */
  finish(): void;
}

/** Texts that are put together before they are written. */
const BUFFER_CHARS = 256 * 1024;

/** @throws RequestError FILE_UNWRITABLE where something is there already, unless it is an export and `replaces` is true */
export function createExportFolder(target: string, replaces: boolean): ExportFolder {
  if (existsSync(target) && !(replaces && isExport(target))) throw taken(target, replaces);
  const mark = randomBytes(6).toString("hex");
  const staging = join(dirname(target), `.${basename(target)}.${mark}.partial`);
  const replaced = join(dirname(target), `.${basename(target)}.${mark}.replaced`);
  const files: ManifestFile[] = [];
  let isFinished = false;
  guarded(target, () => mkdirSync(staging, { mode: 0o700 }));
  return {
    files,
    write(name, parts) {
      const path = join(staging, ...name.split("/"));
      guarded(target, () => {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        files.push({ path: name, ...writeParts(path, typeof parts === "string" ? [parts] : parts) });
      });
    },
    finish() {
      guarded(target, () => {
        if (existsSync(target)) renameSync(target, replaced);
        renameSync(staging, target);
        isFinished = true;
        syncDirectory(dirname(target));
        rmSync(replaced, { recursive: true, force: true });
      });
    },
    [Symbol.dispose]() {
      if (!isFinished) rmSync(staging, { recursive: true, force: true });
    },
  };
}

function taken(file: string, replaces: boolean): RequestError {
  const problem = replaces ? "it exists, and is no export that could be replaced" : "it exists already";
  const fix = replaces ? "Name another folder with --to." : "Name another folder with --to, or replace an earlier export with --force.";
  return new RequestError("FILE_UNWRITABLE", { file, problem }, { fix });
}

/** Nothing else is ever removed: a slip of the hand must not cost a folder. */
function isExport(directory: string): boolean {
  try {
    return parseManifest(JSON.parse(readFileSync(join(directory, MANIFEST), "utf8"))) !== null;
  } catch {
    return false;
  }
}

function guarded<TResult>(target: string, act: () => TResult): TResult {
  try {
    return act();
  } catch (thrown) {
    throw thrown instanceof Error && "syscall" in thrown ? unwritable(target, thrown) : thrown;
  }
}

function writeParts(path: string, parts: Iterable<string | Uint8Array>): Omit<ManifestFile, "path"> {
  const digest = createHash("sha256");
  const file = openSync(path, "wx", 0o600);
  let bytes = 0;
  let waiting = "";
  const put = (chunk: Uint8Array): void => {
    digest.update(chunk);
    bytes += chunk.length;
    for (let from = 0; from < chunk.length; ) from += writeSync(file, chunk, from);
  };
  const flush = (): void => {
    if (waiting !== "") put(Buffer.from(waiting));
    waiting = "";
  };
  try {
    for (const part of parts) {
      if (typeof part === "string") waiting += part;
      else {
        flush();
        put(part);
      }
      if (waiting.length >= BUFFER_CHARS) flush();
    }
    flush();
  } finally {
    closeSync(file);
  }
  return { bytes, sha256: digest.digest("hex") };
}

function syncDirectory(path: string): void {
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
