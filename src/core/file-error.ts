/** Why a file cannot be used, in words rather than in codes of the system. */
import { RequestError, toError } from "./errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of its path is no directory",
  EACCES: "permission is denied",
  EEXIST: "it exists already",
  ENOSPC: "no space is left",
  EDQUOT: "no space is left to this user",
  EFBIG: "it would become larger than a file may be",
};

export function unreadable(file: string, thrown: unknown): RequestError {
  return new RequestError("FILE_UNREADABLE", { file, problem: reasonOf(thrown) }, { cause: thrown });
}

/** A missing part of the path is what a missing file means here. @param fix for a file that exists already */
export function unwritable(file: string, thrown: unknown, fix?: string): RequestError {
  const isThere = codeOf(thrown) === "EEXIST";
  const problem = codeOf(thrown) === "ENOENT" ? "its folder does not exist" : reasonOf(thrown);
  return new RequestError("FILE_UNWRITABLE", { file, problem }, { cause: thrown, ...(isThere && fix !== undefined && { fix }) });
}

function reasonOf(thrown: unknown): string {
  return REASONS[codeOf(thrown) ?? ""] ?? toError(thrown).message;
}

function codeOf(thrown: unknown): string | null {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : null;
}
