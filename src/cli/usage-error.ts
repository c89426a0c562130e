/** What the parser of the command line complains of, as an error of ours: with a code, a fix, and JSON where JSON was asked for. */
import type { CommanderError } from "commander";
import { RequestError } from "../core/errors.ts";
import { nearestName } from "../core/nearest.ts";
import { isGroup } from "./command.ts";
import { COMMANDS } from "./command-table.ts";
import { OUTPUT_FORMATS } from "./option.ts";

/** Options of the language of this command that a later version brings; nobody should have to wonder about a misspelling. */
const LATER = ["--budget"] as const;

/** Behind the complaint commander puts a line such as `(Did you mean --max-workers?)`. */
const SUGGESTION = /\n\(Did you mean (.+)\?\)$/s;

/** @param words as they were given */
export async function toUsageError({ code, message }: CommanderError, words: readonly string[]): Promise<RequestError> {
  const name = words.find((word) => !word.startsWith("-")) ?? "";
  const entry = COMMANDS.find((command) => command.name === name);
  if (code === "commander.help" && entry !== undefined) {
    const command = await entry.load();
    const known = isGroup(command) ? Object.keys(command.subcommands) : [];
    return usageError(`\`troupe ${name}\` needs one of its commands: ${known.join(", ")}.`, helpOf(name));
  }
  const problem = toSentence(message.replace(/^error: /, "").replace(SUGGESTION, ""));
  return usageError(problem, fixFor(code, SUGGESTION.exec(message)?.[1], name, words));
}

function usageError(problem: string, fix: string): RequestError {
  return new RequestError("CLI_USAGE", { problem, command: "" }, { fix });
}

function fixFor(code: string, suggestion: string | undefined, name: string, words: readonly string[]): string {
  const isKnown = COMMANDS.some((command) => command.name === name);
  if (code === "commander.unknownOption") {
    const later = words.map((word) => word.split("=")[0]).find((word) => LATER.some((option) => option === word));
    if (later !== undefined) return `${later} belongs to a later version of Troupe.`;
    if (suggestion !== undefined) return `Did you mean \`${suggestion}\`?`;
  }
  if (isKnown) return suggestion === undefined ? helpOf(name) : `Did you mean \`troupe ${name} ${suggestion}\`?`;
  const near = nearestName(
    name,
    COMMANDS.map((command) => command.name),
  ); // prettier than commander's, which knows no swapped letters
  return near === undefined ? "`troupe --help` lists the commands." : `Did you mean \`troupe ${near}\`?`;
}

function helpOf(name: string): string {
  return `\`troupe ${name} --help\` shows how it is used.`;
}

function toSentence(text: string): string {
  const quoted = text.replaceAll(/'([^']*)'/g, "`$1`");
  return /[.?!]$/.test(quoted) ? quoted : `${quoted}.`;
}

/** The format that the words or the environment ask for, where they were not understood as a whole. */
export function formatAsked(words: readonly string[], env: Readonly<Record<string, string | undefined>>): string | undefined {
  const text = words.join("\u0000");
  const asked = /(?:^|\0)(?:-o\0?|--output(?:\0|=))([a-z]+)(?=\0|$)/.exec(text)?.[1] ?? env.TROUPE_OUTPUT;
  return OUTPUT_FORMATS.find((format) => format === asked);
}
