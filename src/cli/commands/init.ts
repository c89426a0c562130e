import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { unwritable } from "../../core/file-error.ts";
import { nearestName } from "../../core/nearest.ts";
import { initWorkflow, starters } from "../../definition/starters.ts";
import { defineCommand } from "../command.ts";
import { usage } from "../input.ts";

const names = starters.map(({ name }) => name);

export const initCommand = defineCommand({
  description: `Writes a first workflow into this folder.\n\n${starters.map(({ name, summary }) => `${name}: ${summary}`).join("\n")}`,
  arguments: [{ name: "[template]", description: `${names.join(", ")} (default: ${names[0]})`, completes: names }],
  options: { force: { flags: "--force", description: "write over a file of that name" } },
  examples: [
    { line: "troupe init", meaning: "hello.troupe.yaml" },
    { line: "troupe init pipeline", meaning: "pipeline.troupe.yaml" },
  ],
  async run({ context, options, words: [name = names[0] ?? ""] }) {
    const starter = initWorkflow(name);
    if (starter === undefined) {
      const near = nearestName(name, names);
      throw usage(
        `There is no template \`${name}\`.`,
        near === undefined ? `Templates are ${names.join(", ")}.` : `Did you mean \`${near}\`?`,
      );
    }
    const { file, text } = starter;
    try {
      writeFileSync(resolve(context.cwd, file), text, { flag: options.force ? "w" : "wx" });
    } catch (thrown) {
      throw unwritable(file, thrown, "--force writes over it.");
    }
    context.terminal.data(`${file}\n`);
    context.terminal.note(`Look at its plan:  troupe plan ${file}\nRun it:            troupe run ${file}\n`);
    return 0;
  },
});
