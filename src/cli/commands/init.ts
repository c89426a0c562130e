import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { nearestName } from "../../core/nearest.ts";
import { defineCommand } from "../command.ts";
import { unwritable } from "../file-error.ts";
import { usage } from "../input.ts";
import { STARTERS } from "../starters.ts";

export const initCommand = defineCommand({
  description: `Writes a first workflow into this folder: ${STARTERS.map(({ name, summary }) => `${name} (${summary})`).join("; ")}.`,
  arguments: [
    {
      name: "[template]",
      description: `${STARTERS.map(({ name }) => name).join(", ")} (default: hello)`,
      completes: STARTERS.map(({ name }) => name),
    },
  ],
  options: { force: { flags: "--force", description: "write over a file of that name" } },
  examples: [
    { line: "troupe init", meaning: "hello.troupe.yaml" },
    { line: "troupe init pipeline", meaning: "pipeline.troupe.yaml" },
  ],
  async run({ context, options, words: [name = "hello"] }) {
    const starter = STARTERS.find((one) => one.name === name);
    if (starter === undefined) {
      const names = STARTERS.map((one) => one.name);
      const near = nearestName(name, names);
      throw usage(
        `There is no template \`${name}\`.`,
        near === undefined ? `Templates are ${names.join(", ")}.` : `Did you mean \`${near}\`?`,
      );
    }
    const file = `${name}.troupe.yaml`;
    try {
      writeFileSync(resolve(context.cwd, file), starter.text, { flag: options.force ? "w" : "wx" });
    } catch (thrown) {
      throw unwritable(file, thrown, "--force writes over it.");
    }
    context.terminal.data(`${file}\n`);
    context.terminal.note(
      `Look at its plan:  troupe plan ${file}\nRun it:            ${starter.text.split("\n")[0]?.replace(/^# Run it with: /, "")}\n`,
    );
    return 0;
  },
});
