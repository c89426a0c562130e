/** The text of a document (YAML or JSON, which is YAML) to nodes. */
import { DefinitionError } from "../core/errors.ts";
import { readQuick } from "./read-quick.ts";
import { readYaml } from "./read-yaml.ts";
import { DEPTH_MAX, SOURCE_CHARS_MAX } from "./source-limits.ts";
import type { MapNode } from "./source-node.ts";
import { SourceProblem } from "./source-problem.ts";
import type { SourceText } from "./source-text.ts";

/** C0 controls but tab and line ends, and DEL: no editor writes them, and they hide text from a reviewer. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** @throws DefinitionError with a place: `DEF_SYNTAX`, `DEF_LIMIT`, `DEF_EMPTY`, `DEF_DUPLICATE_KEY`, `DEF_FORBIDDEN_KEY`, `DEF_TAG`, `DEF_NUMBER`. */
export function readSource(source: SourceText): MapNode {
  try {
    return read(source.text);
  } catch (thrown) {
    throw thrown instanceof SourceProblem ? placed(thrown, source) : thrown;
  }
}

function placed(problem: SourceProblem, source: SourceText): DefinitionError {
  const { code, details, start, end, fix } = problem;
  return new DefinitionError(code, details, { place: source.place(start, end), cause: problem, ...(fix !== undefined && { fix }) });
}

function read(text: string): MapNode {
  if (text.length > SOURCE_CHARS_MAX)
    throw new SourceProblem("DEF_LIMIT", { problem: `it has ${text.length} characters; at most ${SOURCE_CHARS_MAX} are allowed` }, 0, 1);
  const control = CONTROL.exec(text);
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).padStart(4, "0").toUpperCase();
    throw new SourceProblem(
      "DEF_SYNTAX",
      { problem: `The file holds the control character U+${code}.` },
      control.index,
      control.index + 1,
      'Remove it; in quotes an escape such as "\\e" can stand for it.',
    );
  }
  const deep = tooDeepAt(text);
  if (deep !== -1) throw new SourceProblem("DEF_LIMIT", { problem: `it is nested more than ${DEPTH_MAX} deep` }, deep, deep + 1);
  const root = readQuick(text) ?? readYaml(text);
  if (root === null || (root.kind === "scalar" && root.value === null)) throw new SourceProblem("DEF_EMPTY", {}, 0, 1);
  if (root.kind !== "map")
    throw new SourceProblem("DEF_ROOT", { found: root.kind === "list" ? "a list" : "a single value" }, root.start, root.start + 1);
  return root;
}

/** Brackets open at once that no document within `DEPTH_MAX` has, even if its texts hold unbalanced ones. */
const BRACKETS_MAX = 1_000;

/**
 * Where a text is nested so deep that a parser would only lose its stack or its time on it; -1 if nowhere. A guess from its
 * characters alone, far on the safe side: exact depth is counted when the nodes are made.
 */
function tooDeepAt(text: string): number {
  const indicators = /(?:^|\n) *(?:[-?] +){65,}/.exec(text);
  if (indicators !== null) return indicators.index;
  let open = 0;
  for (const bracket of text.matchAll(/[[\]{}]/g)) {
    open += bracket[0] === "[" || bracket[0] === "{" ? 1 : -1;
    if (open > BRACKETS_MAX) return bracket.index;
    if (open < 0) open = 0;
  }
  return -1;
}
