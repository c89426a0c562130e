/**
 * Proves that an export is what was exported: every file by its digest and nothing beside them, the hash chain, and the run's state computed
 * again from its entries. Needs no state directory. Whoever can write the folder can write all of it anew, so the head has to be known from
 * elsewhere for more than that.
 */
import { createHash } from "node:crypto";
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join, sep } from "node:path";
import { RequestError, toError } from "../../core/errors.ts";
import { unreadable } from "../../core/file-error.ts";
import type { Digest } from "../../core/ids.ts";
import { canonicalJson, isJsonObject, type JsonObject } from "../../core/json.ts";
import { recompile } from "../../definition/index.ts";
import type { JournalEntry } from "../../kernel/entry.ts";
import { fold } from "../../kernel/fold.ts";
import { runState } from "../../kernel/snapshot.ts";
import { declarationsOf } from "../declarations.ts";
import { digestOf } from "../ids.ts";
import { nextHash } from "./journal-lines.ts";
import { JOURNAL, MANIFEST, type Manifest, parseManifest } from "./manifest.ts";

export interface ExportCheck {
  readonly run: string;
  readonly state: string;
  readonly files: number;
  readonly entries: number;
  readonly head: string;
  /** Empty for one that is whole. */
  readonly problems: readonly string[];
}

/** @throws RequestError FILE_UNREADABLE for what is no export */
export function checkExport(directory: string): ExportCheck {
  const manifest = readManifest(directory);
  const { run, state, journal } = manifest;
  const problems = [...checkFiles(directory, manifest), ...checkJournal(directory, manifest)];
  return { run, state, files: manifest.files.length, entries: journal.entries, head: journal.head, problems };
}

function readManifest(directory: string): Manifest {
  const file = join(directory, MANIFEST);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (thrown) {
    throw thrown instanceof SyntaxError
      ? new RequestError("FILE_UNREADABLE", { file, problem: "it is not JSON" })
      : unreadable(file, thrown);
  }
  const manifest = parseManifest(value);
  if (manifest === null)
    throw new RequestError("FILE_UNREADABLE", { file, problem: "it is no manifest of an export that this version knows" });
  return manifest;
}

function checkFiles(directory: string, { files }: Manifest): readonly string[] {
  const there = new Set(
    readdirSync(directory, { recursive: true, encoding: "utf8", withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(directory.length + 1)
          .split(sep)
          .join("/"),
      ),
  );
  there.delete(MANIFEST);
  const problems = files.flatMap(({ path, sha256 }) => {
    // Only what lies in the folder is opened, whatever a manifest says (S-15).
    if (!there.delete(path)) return [`${path} is missing`];
    const full = join(directory, path);
    if (!lstatSync(full).isFile()) return [`${path} is no plain file`];
    return fileDigest(full) === sha256 ? [] : [`${path} was changed`];
  });
  return [...problems, ...[...there].sort().map((path) => `${path} was added`)];
}

const PART_BYTES = 1024 * 1024;

function fileDigest(path: string): string {
  const digest = createHash("sha256");
  const part = Buffer.alloc(PART_BYTES);
  const file = openSync(path, "r");
  try {
    for (let length = readSync(file, part); length > 0; length = readSync(file, part)) digest.update(part.subarray(0, length));
  } finally {
    closeSync(file);
  }
  return digest.digest("hex");
}

function checkJournal(directory: string, { run, state, definition, journal }: Manifest): readonly string[] {
  try {
    const entries: JournalEntry[] = [];
    let head = run;
    for (const line of readFileSync(join(directory, JOURNAL), "utf8")
      .split("\n")
      .filter((text) => text !== "")) {
      const { hash, entry } = JSON.parse(line) as { readonly hash: string; readonly entry: JournalEntry }; // Its hash says whether it is one.
      head = nextHash(head, canonicalJson(entry));
      if (entry.seq !== entries.length + 1) return [`${JOURNAL}: entry ${entries.length + 1} is missing`];
      if (hash !== head) return [`${JOURNAL}: entry ${entry.seq} does not match its hash`];
      entries.push(entry);
    }
    if (entries.length !== journal.entries || head !== journal.head) return [`${JOURNAL}: it does not end where the manifest says`];
    const folded = runState(fold(readDefinition(directory, definition), entries));
    return folded === state ? [] : [`${JOURNAL}: its entries lead to ${folded}, the manifest says ${state}`];
  } catch (thrown) {
    return [`${JOURNAL}: ${toError(thrown).message}`];
  }
}

function readDefinition(directory: string, hash: string): ReturnType<typeof recompile> {
  const document: unknown = JSON.parse(readFileSync(join(directory, "definition/workflow.json"), "utf8"));
  if (!isJsonObject(document)) throw new TypeError("the definition is no object");
  if (digestOf(canonicalJson(document)) !== hash) throw new TypeError("the definition is not the one that the run had");
  return recompile(document as JsonObject, hash as Digest, { file: "definition/workflow.json", stepTypes: declarationsOf([]) });
}
