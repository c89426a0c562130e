/** Writes the commands and the settings of `docs/cli.md` from their declarations. */
import { type Command, isGroup } from "../src/cli/command.ts";
import { COMMANDS } from "../src/cli/command-table.ts";
import { SETTINGS } from "../src/cli/setting.ts";
import { emitSection } from "./generated-file.ts";

const PAGE = "docs/cli.md";

/** A vertical line ends a cell of a table, also inside a code span. */
const cell = (text: string): string => text.replaceAll("|", "\\|");

function describe(name: string, command: Command): string {
  const options = Object.values(command.options);
  const words = command.arguments.map((argument) => argument.name);
  const usage = ["troupe", name, ...(options.length > 0 ? ["[options]"] : []), ...words].join(" ");
  const parts = [`### troupe ${name}`, `\`${usage}\``, command.description];
  if (words.length > 0) parts.push(command.arguments.map((one) => `- \`${one.name}\`: ${one.description}`).join("\n"));
  if (options.length > 0) {
    const rows = options.map(({ flags, description }) => `| \`${flags}\` | ${cell(description)} |`);
    parts.push(["| option | meaning |", "|---|---|", ...rows].join("\n"));
  }
  const examples = command.examples.flatMap(({ line, meaning }) => [`# ${meaning}`, line]);
  if (examples.length > 0) parts.push(["```console", ...examples, "```"].join("\n"));
  return parts.join("\n\n");
}

const sections: string[] = [];
for (const { name, load } of COMMANDS) {
  const command = await load();
  if (!isGroup(command)) sections.push(describe(name, command));
  else {
    sections.push(`### troupe ${name}\n\n${command.description}`);
    for (const [word, subcommand] of Object.entries(command.subcommands)) sections.push(describe(`${name} ${word}`, subcommand));
  }
}
emitSection(PAGE, "commands", sections.join("\n\n"));

const settings = Object.entries(SETTINGS).map(
  ([name, { variable, default: value, description }]) =>
    `| \`${name}\` | \`${variable}\` | ${value === "" ? "" : `\`${value}\` `}| ${cell(description)} |`,
);
emitSection(PAGE, "settings", ["| key | variable | default | meaning |", "|---|---|---|---|", ...settings].join("\n"));
