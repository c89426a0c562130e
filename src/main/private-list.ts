/** Small lists beside the store that are for the owner of the state directory alone, such as digests of keys. Each is one file of JSON. */
import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prepareDirectory } from "../adapters/store-sqlite/directory.ts";
import { type ErrorCode, RequestError, toError } from "../core/errors.ts";

export interface PrivateList<TItem> {
  readonly directory: string;
  /** Of the file. */
  readonly name: string;
  readonly isItem: (value: unknown) => value is TItem;
}

/** @throws RequestError FILE_UNREADABLE: a file that is not what it should be counts as none of what it may hold */
export function readPrivateList<TItem>({ directory, name, isItem }: PrivateList<TItem>): readonly TItem[] {
  const file = join(directory, name);
  try {
    const items: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (!Array.isArray(items) || !items.every(isItem)) throw new Error("it does not hold what it should");
    return items;
  } catch (cause) {
    const error = toError(cause) as NodeJS.ErrnoException;
    if (error.code === "ENOENT") return [];
    throw unusable("FILE_UNREADABLE", file, error);
  }
}

/** Whole or not at all, and readable by its owner only. @throws RequestError FILE_UNWRITABLE */
export function writePrivateList<TItem>({ directory, name }: PrivateList<TItem>, items: readonly TItem[]): void {
  const file = join(directory, name);
  try {
    prepareDirectory(directory);
    const temporary = `${file}.${process.pid}.tmp`;
    writeFileSync(temporary, `${JSON.stringify(items, null, 2)}\n`, { mode: 0o600, flush: true });
    chmodSync(temporary, 0o600);
    renameSync(temporary, file);
  } catch (cause) {
    throw unusable("FILE_UNWRITABLE", file, toError(cause));
  }
}

/** Answers with what the file holds now, reading it again when it has changed. One that cannot be read holds nothing, and that is told. */
export function followPrivateList<TItem>(list: PrivateList<TItem>, warn: (message: string) => void): () => readonly TItem[] {
  let known: readonly TItem[] = [];
  let mark = "";
  return () => {
    const now = markOf(join(list.directory, list.name));
    if (now === mark) return known;
    mark = now;
    try {
      known = readPrivateList(list);
    } catch (thrown) {
      known = [];
      warn(toError(thrown).message);
    }
    return known;
  };
}

function markOf(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? "none" : `${stat.ino}:${stat.mtimeNs}:${stat.size}`;
}

function unusable(code: ErrorCode, file: string, cause: Error): RequestError {
  return new RequestError(code, { file, problem: cause.message }, { cause });
}
