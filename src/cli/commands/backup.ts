import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { RequestError } from "../../core/errors.ts";
import { defineCommand } from "../command.ts";
import { openMaintenanceFor } from "../open-maintenance.ts";
import { common } from "../option.ts";
import { printJson } from "../print.ts";

export const backupCommand = defineCommand({
  description:
    "Writes a consistent copy of the store to a new file, while engines go on. To restore, stop them and put the file in place of `troupe.db` in the state directory.",
  arguments: [{ name: "<file>", description: "must not exist yet", completes: "file" }],
  options: common,
  examples: [{ line: "troupe backup /backups/troupe-$(date +%F).db", meaning: "every night" }],
  async run({ context, options, words: [file = ""] }) {
    await using opened = await openMaintenanceFor(context, options);
    const target = resolve(context.cwd, file);
    if (existsSync(target))
      throw new RequestError(
        "FILE_UNWRITABLE",
        { file: target, problem: "it exists already" },
        { fix: "Name a new file: a backup never overwrites one." },
      );
    await opened.maintenance.store.backup(target);
    const { output } = opened.settings.values;
    if (output === "text") context.terminal.data(`${target}\n`);
    else printJson(context.terminal, { file: target }, output);
    return 0;
  },
});
