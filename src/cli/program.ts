/** From words on the command line to an exit code. */
import { type Command as Commander, CommanderError } from "commander";
import { type BuildOptions, buildCommand, frame } from "./build-command.ts";
import { GROUPS } from "./command.ts";
import { COMMANDS } from "./command-table.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { reportError } from "./report-error.ts";
import { formatAsked, toUsageError } from "./usage-error.ts";

/** Runs one command. Never rejects: whatever goes wrong is told and becomes the exit code. */
export async function runProgram(words: readonly string[], context: Context): Promise<number> {
  let output: string | undefined;
  let exitCode: number = EXIT.succeeded;
  const build: BuildOptions = {
    context,
    started: (format) => (output = format),
    ended: (code) => (exitCode = code),
  };
  const asked = words[0] === "help" ? [...words.slice(1), "--help"] : words;
  const name = asked.find((word) => !word.startsWith("-"));
  try {
    // Help for a command that does not exist would be the help of all, as if nothing were wrong.
    if (name !== undefined && (asked.includes("--help") || asked.includes("-h")) && !COMMANDS.some((command) => command.name === name))
      throw new CommanderError(1, "commander.unknownCommand", `error: unknown command '${name}'`);
    await (await buildProgram(asked, build)).parseAsync([...asked], { from: "user" });
    return exitCode;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) return reportError(thrown, context, output);
    if (thrown.exitCode === 0) return EXIT.succeeded;
    return reportError(await toUsageError(thrown, asked), context, output ?? formatAsked(asked, context.env));
  }
}

/** Only the command that is asked for is loaded; of the others, the table knows enough. */
async function buildProgram(words: readonly string[], build: BuildOptions): Promise<Commander> {
  const { context } = build;
  const program = frame("troupe", "Runs workflows: every run and every step is a statechart, and every transition is on disk.", context);
  program.version(context.version, "-V, --version", "show the version").helpCommand(false).usage("<command> [options]");
  const name = words.find((word) => !word.startsWith("-"));
  const entry = COMMANDS.find((command) => command.name === name);
  if (entry !== undefined) {
    program.addCommand(buildCommand(entry.name, await entry.load(), build).summary(entry.summary));
    return program;
  }
  for (const { name: known, summary, group } of COMMANDS) {
    program.addCommand(frame(known, summary, context).summary(summary).helpGroup(GROUPS[group]));
  }
  program.optionsGroup("Options:").addHelpText("after", "\n`troupe <command> --help` shows options and examples.");
  // Without a command commander writes the help to stderr as an error; asking for nothing is no mistake.
  if (words.length === 0) program.action(() => program.outputHelp());
  return program;
}
