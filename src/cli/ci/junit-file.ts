/** The file that a report goes to, looked at before anything is started. */
import { accessSync, constants, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { RequestError } from "../../core/errors.ts";
import { unwritable } from "../../core/file-error.ts";
import type { Context } from "../context.ts";

/** @throws RequestError FILE_UNWRITABLE */
export function checkJUnitFile({ cwd }: Context, file: string): void {
  const path = resolve(cwd, file);
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.isDirectory()) throw new RequestError("FILE_UNWRITABLE", { file, problem: "it is a directory" });
    accessSync(there === undefined ? dirname(path) : path, constants.W_OK);
  } catch (thrown) {
    throw thrown instanceof RequestError ? thrown : unwritable(file, thrown);
  }
}
