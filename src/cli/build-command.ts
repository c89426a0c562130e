/** From declared commands to commander's objects: parsing, help texts, and errors for people. */
import { Command as Commander, InvalidArgumentError, Option } from "commander";
import { type AnyCommand, type Command, type CommandGroup, isGroup } from "./command.ts";
import type { Context } from "./context.ts";
import { OptionProblem } from "./option.ts";
import type { OptionSpec } from "./option-spec.ts";
import type { Look } from "./render/look.ts";

export interface BuildOptions {
  readonly context: Context;
  /** Told the exit code when the command has ended, and the output format before it starts. */
  readonly started: (output: string | undefined) => void;
  readonly ended: (exitCode: number) => void;
}

export function buildCommand(name: string, command: AnyCommand, build: BuildOptions): Commander {
  const built = frame(name, command.description, build.context);
  return isGroup(command) ? addSubcommands(built, command, build) : addAction(built, command, build);
}

function addSubcommands(built: Commander, group: CommandGroup, build: BuildOptions): Commander {
  for (const [name, command] of Object.entries(group.subcommands)) {
    const sub = buildCommand(name, command, build).summary(command.summary);
    built.addCommand(sub);
  }
  return built.helpCommand(false);
}

function addAction(built: Commander, command: Command, { context, started, ended }: BuildOptions): Commander {
  for (const { name, description } of command.arguments) built.argument(name, description);
  for (const spec of Object.values(command.options)) built.addOption(toOption(spec));
  if (command.examples.length > 0) built.addHelpText("after", () => `\n${examplesText(command, context.terminal.dataLook)}`);
  return built.allowExcessArguments(false).action(async () => {
    const options = built.opts();
    for (const [key, spec] of Object.entries(command.options)) {
      if (spec.isMany) options[key] ??= [];
      else if (spec.flags.startsWith("--no-")) options[key] = options[positiveOf(key)] === false;
      else if (spec.parse === undefined) options[key] ??= false;
    }
    started(typeof options.output === "string" ? options.output : context.env.TROUPE_OUTPUT);
    ended(await command.run({ options: options as never, words: built.args, context })); // Each value went through the parser of its declaration.
  });
}

/** Commander knows `--no-cache` as `cache: false`; here it is `noCache: true`, like any other switch. */
function positiveOf(key: string): string {
  return key.charAt(2).toLowerCase() + key.slice(3);
}

function toOption(spec: OptionSpec<unknown>): Option {
  const option = new Option(spec.flags, spec.description);
  const { parse } = spec;
  if (parse === undefined) return option;
  const read = (text: string): unknown => {
    try {
      return parse(text);
    } catch (thrown) {
      throw thrown instanceof OptionProblem ? new InvalidArgumentError(thrown.message) : thrown;
    }
  };
  return option.argParser<unknown>(
    spec.isMany ? (text, before) => [...((before as readonly unknown[] | undefined) ?? []), read(text)] : read,
  );
}

function examplesText({ examples }: Command, look: Look): string {
  const lines = examples.flatMap(({ line, meaning }) => [`  ${look.paint("gray", `# ${meaning}`)}`, `  $ ${line}`]);
  return [look.paint("bold", "Examples:"), ...lines].join("\n");
}

/** An empty command with our way of writing and of ending. */
export function frame(name: string, description: string, { terminal }: Context): Commander {
  return new Commander(name)
    .description(description)
    .helpOption("-h, --help", "show this help")
    .exitOverride()
    .configureHelp({
      sortSubcommands: false,
      styleTitle: (text) => terminal.dataLook.paint("bold", text),
    })
    .configureOutput({
      writeOut: terminal.data,
      // Errors are told by whoever catches them, in the format that was asked for.
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(100, terminal.dataLook.columns),
      getErrHelpWidth: () => Math.min(100, terminal.noteLook.columns),
    });
}
