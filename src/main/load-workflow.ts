/** Reads a workflow file and what it inlines. Loads no code (S-46), and reads nothing outside the file's folder (S-15). */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { unreadable } from "../core/file-error.ts";
import { type CheckResult, check, compile } from "../definition/index.ts";
import type { LintRule } from "../definition/lint/rule.ts";
import type { StepTypeDeclaration } from "../plan/step-type.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";

/** Largest workflow file, and largest file that one may inline. */
const FILE_MAX_BYTES = 1024 * 1024;

/** @throws RequestError FILE_UNREADABLE; DefinitionErrors with every error found */
export function loadWorkflow(file: string, stepTypes: readonly StepTypeDeclaration[]): CompiledWorkflow {
  return compile(readText(file), { file, stepTypes, readFile: readerBelow(dirname(resolve(file))) });
}

/** As `loadWorkflow`, with findings, those of the rules too, instead of an exception. @throws RequestError FILE_UNREADABLE */
export function checkWorkflow(file: string, stepTypes: readonly StepTypeDeclaration[], rules: readonly LintRule[]): CheckResult {
  return check(readText(file), { file, stepTypes, readFile: readerBelow(dirname(resolve(file))), rules });
}

export function readText(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > FILE_MAX_BYTES) throw new RangeError(`it has ${size} bytes; ${FILE_MAX_BYTES} are the limit`);
    return readFileSync(file, "utf8");
  } catch (thrown) {
    throw unreadable(file, thrown);
  }
}

/** Texts of files below a folder, by real path; throws in words for anything else. */
function readerBelow(root: string): (path: string) => string {
  return (path) => {
    const real = realpathSync(resolve(root, path));
    const inside = relative(realpathSync(root), real);
    if (isAbsolute(path) || inside === ".." || inside.startsWith(`..${sep}`))
      throw new RangeError(`\`${path}\` leads out of the workflow's folder`);
    return readText(real);
  };
}
