/**
 * `template_file: a.txt` becomes `template:` with the file's text, so that a definition is complete in itself: its hash covers the
 * file, and a stored run never reads it again.
 */
import { toError } from "../core/errors.ts";
import type { StepTypeDeclaration } from "../plan/step-type.ts";
import type { Reporter } from "./reporter.ts";
import { entryOf, type MapEntry, type MapNode, type SourceNode } from "./source-node.ts";

/** Reads a file by its path relative to the workflow's file. The caller checks that it stays inside by its real path (S-15). */
export type ReadFile = (relativePath: string) => string;

const FILE_CHARS_MAX = 262_144;

const SUFFIX = "_file";

/** A type that declares both `x` and `x_file` means them as two ways to say the same. */
export function inlineFiles(
  step: MapNode,
  { properties }: StepTypeDeclaration,
  readFile: ReadFile | undefined,
  reporter: Reporter,
): MapNode {
  const keyOf = ({ key }: MapEntry): string | undefined => {
    const base = key.endsWith(SUFFIX) ? key.slice(0, -SUFFIX.length) : "";
    return Object.hasOwn(properties, key) && Object.hasOwn(properties, base) ? base : undefined;
  };
  if (!step.entries.some((one) => keyOf(one) !== undefined)) return step;
  const entries = step.entries.flatMap((one): MapEntry[] => {
    const key = keyOf(one);
    if (key === undefined) return [one];
    if (entryOf(step, key) !== undefined) {
      const details = { path: one.key, problem: `the step has \`${key}\` too` };
      reporter.atKey(one, { code: "DEF_FILE", details, fix: "Keep one of the two." });
      return [];
    }
    const value = read(one.value, readFile, reporter);
    return value === null ? [] : [{ ...one, key, value }];
  });
  return { ...step, entries };
}

function read(node: SourceNode, readFile: ReadFile | undefined, reporter: Reporter): SourceNode | null {
  if (node.kind !== "scalar" || typeof node.value !== "string") return null;
  const path = node.value;
  const text = readText(path, readFile);
  if (text.kind === "read") return { kind: "scalar", value: text.value, style: "made", start: node.start, end: node.end };
  reporter.error(node, "DEF_FILE", { path, problem: text.problem }, text.fix);
  return null;
}

export type ReadText =
  | { readonly kind: "read"; readonly value: string }
  | { readonly kind: "refused"; readonly problem: string; readonly fix?: string };

/** The text of a file below the workflow's directory, or in words why there is none. */
export function readText(path: string, readFile: ReadFile | undefined): ReadText {
  const refused = (problem: string, fix?: string): ReadText => ({ kind: "refused", problem, ...(fix !== undefined && { fix }) });
  const problem = whyNotRelative(path);
  if (problem !== null) return refused(problem, "Give a path below the directory of the workflow's file.");
  if (readFile === undefined) return refused("this definition was given without a place to read files from");
  try {
    const value = readFile(path);
    return value.length > FILE_CHARS_MAX ? refused(`it has more than ${FILE_CHARS_MAX} characters`) : { kind: "read", value };
  } catch (thrown) {
    const error: Error & { code?: unknown } = toError(thrown);
    return refused(error.code === "ENOENT" ? "it does not exist" : "it cannot be read");
  }
}

/** S-15, as far as the text alone tells. */
function whyNotRelative(path: string): string | null {
  if (path === "" || path.includes("\0")) return "this is no path";
  if (path.includes("\\")) return "it has a backslash";
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "it is absolute";
  return path.split("/").includes("..") ? "it leads out of the directory" : null;
}
