/** What the scanner of shell text is inside of. */
import { type Pipeline, ShellCommand } from "./shell-command.ts";

export interface CommandFrame {
  readonly kind: "command";
  readonly closer: ")" | null;
  command: ShellCommand;
  caseDepth: number;
  /** Here-documents that begin with the next line. */
  readonly heredocs: Heredoc[];
}

export interface Heredoc {
  readonly delimiter: string;
  readonly isQuoted: boolean;
  readonly stripsTabs: boolean;
  /** The command that reads it takes it as code. */
  readonly feedsCode: boolean;
  readonly pipeline: Pipeline;
}

export interface HeredocFrame {
  readonly kind: "heredoc";
  readonly heredoc: Heredoc;
  line: string;
}

export interface ArithmeticFrame {
  readonly kind: "arithmetic";
  depth: number;
}

export type Frame =
  | CommandFrame
  | HeredocFrame
  | ArithmeticFrame
  | { readonly kind: "single" | "ansi" | "double" | "brace" | "backtick" | "comment" };

export function newCommand(closer: ")" | null): CommandFrame {
  return { kind: "command", closer, command: new ShellCommand(), caseDepth: 0, heredocs: [] };
}

const HEREDOC = /^<<(-?)[ \t]*(?:'([^']*)'|"([^"]*)"|((?:\\.|[^\s;&|<>()'"])+))/;

/** Reads the beginning of a here-document; null when its delimiter is a value or missing. */
export function parseHeredoc(
  text: string,
  { readsCode, pipeline }: ShellCommand,
): { readonly heredoc: Heredoc; readonly length: number } | null {
  const match = HEREDOC.exec(text);
  if (match === null) return null;
  const [whole, dash, single, double, bare] = match;
  const delimiter = single ?? double ?? (bare ?? "").replace(/\\(.)/g, "$1");
  const isQuoted = bare === undefined || bare.includes("\\");
  return { heredoc: { delimiter, isQuoted, stripsTabs: dash === "-", feedsCode: readsCode, pipeline }, length: whole.length };
}
