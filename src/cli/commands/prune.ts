import { formatDuration } from "../../core/duration.ts";
import { defineCommand } from "../command.ts";
import { openMaintenanceFor } from "../open-maintenance.ts";
import { common, durationMs, integer } from "../option.ts";
import { printJson } from "../print.ts";
import { plural } from "../render/text.ts";

export const pruneCommand = defineCommand({
  description: "Removes runs that ended long ago, with their journal, values and captured output. Unfinished and quarantined runs stay.",
  arguments: [],
  options: {
    olderThan: {
      flags: "--older-than <duration>",
      description: "age of runs to remove, from their end (default: retention_age, 30d)",
      parse: durationMs,
    },
    keep: { flags: "--keep <n>", description: "the newest runs stay whatever their age (default: retention_keep, 100)", parse: integer(0) },
    ...common,
  },
  examples: [
    { line: "troupe prune", meaning: "by the configured retention" },
    { line: "troupe prune --older-than 7d --keep 20", meaning: "a week, and the newest 20 in any case" },
  ],
  async run({ context, options }) {
    await using opened = await openMaintenanceFor(context, options);
    const { maintenance, settings } = opened;
    const { retention_age: age, retention_keep: kept, output } = settings.values;
    const olderThanMs = options.olderThan ?? age;
    const keep = options.keep ?? kept;
    const pruned = await maintenance.store.prune({ olderThanMs, keep, actor: "cli" });
    const directories = maintenance.removeOrphanedLogs();
    if (output !== "text") printJson(context.terminal, { ...pruned, directories, olderThanMs, keep }, output);
    else
      context.terminal.data(
        `Removed ${plural(pruned.runs, "run")} that ended more than ${formatDuration(olderThanMs)} ago: ${plural(pruned.entries, "entry", "entries")}, ${plural(pruned.blobs, "value")}.\n`,
      );
    return 0;
  },
});
