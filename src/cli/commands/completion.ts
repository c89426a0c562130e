import { type AnyCommand, type ArgumentSpec, type Command, type CommandEntry, defineCommand, isGroup } from "../command.ts";
import { bashScript, type CompletedCommand, fishScript, zshScript } from "../completion-scripts.ts";
import { usage } from "../input.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

/** @param entries every command, this one too */
export const completionCommandFor = (entries: readonly CommandEntry[]): Command =>
  defineCommand({
    description: "Prints a script that completes commands, options, choices and files.",
    arguments: [{ name: "<shell>", description: SHELLS.join(", "), completes: SHELLS }],
    options: {},
    examples: [
      { line: 'eval "$(troupe completion bash)"', meaning: "in ~/.bashrc" },
      { line: 'eval "$(troupe completion zsh)"', meaning: "in ~/.zshrc, after compinit" },
      { line: "troupe completion fish | source", meaning: "in ~/.config/fish/config.fish" },
    ],
    async run({ context, words: [shell = ""] }) {
      const commands = (await Promise.all(entries.map(async ({ name, summary, load }) => flatten(name, summary, await load())))).flat();
      const script =
        shell === "bash" ? bashScript(commands) : shell === "zsh" ? zshScript(commands) : shell === "fish" ? fishScript(commands) : null;
      if (script === null) throw usage(`There is no completion for \`${shell}\`.`, `Shells are ${SHELLS.join(", ")}.`);
      context.terminal.data(script);
      return 0;
    },
  });

/** A group stands for itself, its words being what it completes, and for each of its subcommands. */
function flatten(name: string, summary: string, command: AnyCommand): readonly CompletedCommand[] {
  if (!isGroup(command)) return [completed([name], summary, command)];
  const { subcommands } = command;
  const own: CompletedCommand = { words: [name], summary, options: [], choices: Object.keys(subcommands), files: false };
  return [own, ...Object.entries(subcommands).map(([word, sub]) => completed([name, word], sub.summary, sub))];
}

function completed(words: readonly string[], summary: string, command: Command): CompletedCommand {
  const options = Object.values(command.options).map(({ flags, description, choices = [], parse }) => ({
    names: flags.split(/[ ,]+/).filter((part) => part.startsWith("-")),
    description,
    choices,
    takesValue: parse !== undefined,
    takesFile: /<(?:file|dir)>/.test(flags),
  }));
  const completes = command.arguments.map((argument: ArgumentSpec) => argument.completes);
  return {
    words,
    summary,
    options,
    choices: completes.flatMap((one) => (Array.isArray(one) ? one : [])),
    files: completes.includes("file"),
  };
}
