/** How a reference to a value has to be written, and what is said where none can stand. */
import type { Frame } from "./shell-frame.ts";

/** How a reference has to be written at a place, or why none can be. */
export type Placement =
  | { readonly kind: "quoted" }
  | { readonly kind: "bare" }
  | { readonly kind: "refused"; readonly problem: string; readonly fix: string };

const NESTED_FIX = "Pass it as an argument (`sh -c '… \"$1\" …' -- {{ value }}`), through `env:`, or opt out with `| raw`.";

type Advice = readonly [problem: string, fix: string];

const BEHIND: Readonly<Record<"\\" | "$", Advice>> = {
  "\\": ["A backslash stands right before the value.", "Remove the backslash: the value is quoted for you."],
  $: ["A dollar sign stands right before the value.", "Write the value alone, or give it a name in `env:`."],
};

const SINGLE: Advice = [
  "The value stands in single quotes, where the shell expands nothing.",
  "Close the quotes before it, or use double quotes.",
];

const INSIDE: Readonly<Partial<Record<Frame["kind"], Advice>>> = {
  single: SINGLE,
  ansi: SINGLE,
  backtick: ["The value stands in backticks.", "Use `$( … )` instead."],
  brace: ["The value stands inside `$" + "{ … }`.", "Assign it to a variable first, or use `env:`."],
  arithmetic: ["The value stands in arithmetic, where the shell evaluates what it finds.", "Compute it in the expression: `{{ a + 1 }}`."],
};

/** Places that refuse a value whatever the command is. Null where the command decides. */
export function refusedPlace(frame: Frame, before: "\\" | "$" | null): Placement | null {
  const advice = before === null ? INSIDE[frame.kind] : BEHIND[before];
  if (advice !== undefined) return refused(...advice);
  if (frame.kind !== "heredoc") return null;
  const { isQuoted, feedsCode, pipeline } = frame.heredoc;
  if (isQuoted)
    return refused(
      "The value stands in a quoted here-document, where the shell expands nothing.",
      "Remove the quotes around its delimiter.",
    );
  return feedsCode || pipeline.feedsShell ? refused("The value stands in a here-document that a program reads as code.") : null;
}

export function refused(problem: string, fix = NESTED_FIX): Placement {
  return { kind: "refused", problem, fix };
}
