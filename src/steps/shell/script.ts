/** Turns script text with `{{ … }}` into a script that refers to variables, so that no value is ever read by the shell (S-8). */
import type { OutputPart, Text } from "../../../grammar/ast.ts";
import { type Placement, QuotingScanner } from "./quoting.ts";

/** A value that travels in a generated variable. */
export interface Binding {
  readonly name: string;
  readonly part: OutputPart;
}

export type ScriptPiece = { readonly kind: "text"; readonly text: string } | { readonly kind: "raw"; readonly part: OutputPart };

export interface ScriptFinding {
  readonly severity: "error" | "warning";
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  readonly part: OutputPart | null;
}

export interface BoundScript {
  /** The script's text with references in it; `raw` pieces are put in as text at run time. */
  readonly pieces: readonly ScriptPiece[];
  readonly bindings: readonly Binding[];
  readonly findings: readonly ScriptFinding[];
}

export const RUN_PREFIX = "TROUPE_V";
export const CLEANUP_PREFIX = "TROUPE_C";

/** Cached by prefix and tree: a step that runs a thousand times is read once, and equal texts may share a tree. */
const known: Readonly<Record<string, WeakMap<Text, BoundScript>>> = { [RUN_PREFIX]: new WeakMap(), [CLEANUP_PREFIX]: new WeakMap() };

/** Names begin with `prefix`, so that two scripts of one step do not share any. */
export function bindScript(text: Text, prefix: typeof RUN_PREFIX | typeof CLEANUP_PREFIX): BoundScript {
  let bound = known[prefix]?.get(text);
  if (bound === undefined) {
    bound = bind(text, prefix);
    known[prefix]?.set(text, bound);
  }
  return bound;
}

function bind(text: Text, prefix: string): BoundScript {
  const scanner = new QuotingScanner();
  const pieces: ScriptPiece[] = [];
  const bindings: Binding[] = [];
  const findings: ScriptFinding[] = [];
  for (const part of text.parts) {
    if (part.kind === "chars") {
      scanner.read(part.text);
      pieces.push({ kind: "text", text: part.text });
      continue;
    }
    const placement = scanner.place();
    if (part.raw) {
      pieces.push({ kind: "raw", part });
      findings.push({
        severity: "warning",
        code: "SHELL_RAW",
        message: "`| raw` pastes a value into the script: whoever controls the value can run commands.",
        fix: "Remove `| raw` unless the value is code that you wrote yourself.",
        part,
      });
      continue;
    }
    if (placement.kind === "refused")
      findings.push({ severity: "error", code: "SHELL_QUOTING", message: placement.problem, fix: placement.fix, part });
    const name = `${prefix}${bindings.length + 1}`;
    bindings.push({ name, part });
    pieces.push({ kind: "text", text: reference(name, placement) });
  }
  scanner.finish();
  const hasValues = text.parts.some((part) => part.kind === "output" && !part.raw);
  for (const message of hasValues ? scanner.lateProblems : [])
    findings.push({
      severity: "error",
      code: "SHELL_QUOTING",
      message,
      fix: "Compute it in an expression, or use another command.",
      part: null,
    });
  if (hasValues && !scanner.isBalanced) {
    findings.push({
      severity: "warning",
      code: "SHELL_UNBALANCED",
      message: "A quote or bracket of this script seems to stay open.",
      fix: "Close it; or put the script into a file and pass the values through `env:`.",
      part: null,
    });
  }
  return { pieces, bindings, findings };
}

/** A refused place is a validation error; where it is run all the same, the reference stays what the shell makes of it. */
function reference(name: string, placement: Placement): string {
  return placement.kind === "quoted" ? `"\${${name}}"` : `\${${name}}`;
}
