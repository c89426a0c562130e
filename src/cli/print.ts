/** Writes results to stdout in the format that was asked for. */
import type { OutputFormat } from "./option.ts";
import type { Terminal } from "./terminal.ts";

export function printLines(terminal: Terminal, lines: readonly string[]): void {
  if (lines.length > 0) terminal.data(`${lines.join("\n")}\n`);
}

/** `json` is indented for people who read it all the same; `jsonl` is one line. */
export function printJson(terminal: Terminal, value: unknown, format: Exclude<OutputFormat, "text"> = "json"): void {
  terminal.data(`${format === "json" ? JSON.stringify(value, null, 2) : JSON.stringify(value)}\n`);
}

/** A list: one JSON array, or one value a line. */
export function printList(terminal: Terminal, values: readonly unknown[], format: Exclude<OutputFormat, "text">): void {
  if (format === "json") printJson(terminal, values);
  else for (const value of values) printJson(terminal, value, "jsonl");
}
