/** The text of a document (YAML or JSON, which is YAML) to nodes. */
import { DefinitionError } from "../core/errors.ts";
import { readYaml } from "./read-yaml.ts";
import { SOURCE_CHARS_MAX } from "./source-limits.ts";
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
    if (!(thrown instanceof SourceProblem)) throw thrown;
    const { code, details, start, end, fix } = thrown;
    throw new DefinitionError(code, details, { place: source.place(start, end), cause: thrown, ...(fix !== undefined && { fix }) });
  }
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
  const root = readYaml(text);
  if (root === null || (root.kind === "scalar" && root.value === null)) throw new SourceProblem("DEF_EMPTY", {}, 0, 1);
  if (root.kind !== "map")
    throw new SourceProblem("DEF_ROOT", { found: root.kind === "list" ? "a list" : "a single value" }, root.start, root.start + 1);
  return root;
}
