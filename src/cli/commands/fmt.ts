import { writeFileSync } from "node:fs";
import { text as readAll } from "node:stream/consumers";
import { unwritable } from "../../core/file-error.ts";
import { defineCommand } from "../command.ts";
import { type Context, settingsFor } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { usage } from "../input.ts";
import { oneOf, outputOption } from "../option.ts";
import { printJson } from "../print.ts";
import { plural } from "../render/text.ts";

const DIALECTS = ["troupe", "seed"] as const;
const SYNTAXES = ["yaml", "json"] as const;
const dialect = oneOf(DIALECTS);
const syntax = oneOf(SYNTAXES);

export const fmtCommand = defineCommand({
  description:
    "Lays out workflow files, comments included; or rewrites them in the other dialect or syntax, which drops comments. Without --check and --write, prints the result of one file.",
  arguments: [{ name: "<file...>", description: "workflow files; - is stdin", completes: "file" }],
  options: {
    to: { flags: "--to <dialect>", description: "troupe or seed (default: the one the file is in)", parse: dialect, choices: DIALECTS },
    syntax: { flags: "--syntax <syntax>", description: "yaml or json (default: the one the file is in)", parse: syntax, choices: SYNTAXES },
    check: { flags: "--check", description: "change nothing; exit 1 when a file would change" },
    write: { flags: "--write", description: "change the files" },
    output: outputOption,
  },
  examples: [
    { line: "troupe fmt --write *.troupe.yaml", meaning: "lay out all workflows of a folder" },
    { line: "troupe fmt --to troupe deliverable.json --syntax yaml", meaning: "from the seed dialect to this one" },
  ],
  async run({ context, options, words: files }) {
    const { terminal } = context;
    const { check, write, to, syntax: as } = options;
    if (check && write) throw usage("--check changes nothing and --write does; give one of them.");
    if (files.length > 1 && !check && !write) throw usage("Without --check or --write, `troupe fmt` takes one file.");
    if (write && files.includes("-")) throw usage("--write needs a file to write to, and stdin is none.");
    const [{ formatDocument }, { declarationsOf }] = await Promise.all([
      import("../../definition/format.ts"),
      import("../../main/declarations.ts"),
    ]);
    const stepTypes = declarationsOf([]);
    const changed: string[] = [];
    for (const file of files) {
      const before = await read(file, context);
      const after = formatDocument(before, {
        file,
        stepTypes,
        ...(to !== undefined && { dialect: to }),
        ...(as !== undefined && { syntax: as }),
      });
      if (before !== after) changed.push(file);
      if (write && before !== after) overwrite(file, after);
      if (!check && !write) terminal.data(after);
    }
    if (!check && !write) return EXIT.succeeded;
    const { output } = (await settingsFor(context, options)).values;
    if (output !== "text") printJson(terminal, { changed }, output);
    else {
      for (const file of changed) terminal.data(`${file}\n`);
      terminal.note(`${plural(changed.length, "file")} ${check ? "would change" : "changed"}\n`);
    }
    return check && changed.length > 0 ? EXIT.runFailed : EXIT.succeeded;
  },
});

async function read(file: string, { terminal }: Context): Promise<string> {
  if (file === "-") return readAll(terminal.stdin);
  const { readText } = await import("../../main/load-workflow.ts");
  return readText(file);
}

function overwrite(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (thrown) {
    throw unwritable(file, thrown);
  }
}
