/** What a command is: its words, its options with their types, and what it does. Declared as data, so that help, completion and docs agree. */
import type { Context } from "./context.ts";
import type { OptionSpecs, OptionValues } from "./option-spec.ts";

export interface ArgumentSpec {
  /** `<file>` needed, `[step]` may be left out, `<file...>` one or more. */
  readonly name: string;
  readonly description: string;
  /** What completion offers. */
  readonly completes?: "file" | readonly string[];
}

export interface Example {
  readonly line: string;
  readonly meaning: string;
}

export interface Call<TOptions> {
  readonly options: OptionValues<TOptions>;
  /** In the order of the declaration; a `...` argument takes the rest. */
  readonly words: readonly string[];
  readonly context: Context;
}

export interface Command<TOptions extends OptionSpecs = OptionSpecs> {
  /** More than the summary of the table; shown by `--help`. */
  readonly description: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: TOptions;
  readonly examples: readonly Example[];
  /** Answers with the exit code. @throws TroupeError */
  run(call: Call<TOptions>): Promise<number>;
}

/** A command whose first word says what to do: `quarantine list`. */
export interface CommandGroup {
  readonly description: string;
  readonly subcommands: Readonly<Record<string, Command & { readonly summary: string }>>;
}

export type AnyCommand = Command | CommandGroup;

/** Under which heading of the help a command stands. */
export const GROUPS = {
  daily: "Daily:",
  looking: "Looking:",
  caring: "Caring:",
  trying: "Trying:",
  proving: "Proving:",
  serving: "Serving:",
} as const;

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly group: keyof typeof GROUPS;
  load(): Promise<AnyCommand>;
}

export function defineCommand<const TOptions extends OptionSpecs>(command: Command<TOptions>): Command {
  // A caller that goes through commander gives every option in the type that its own declaration parses.
  return command as unknown as Command;
}

export function isGroup(command: AnyCommand): command is CommandGroup {
  return "subcommands" in command;
}
