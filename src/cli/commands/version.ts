import { defineCommand } from "../command.ts";
import { settingsFor } from "../context.ts";
import { outputOption } from "../option.ts";

export const versionCommand = defineCommand({
  description: "Shows the versions of Troupe and of what it runs on.",
  arguments: [],
  options: { output: outputOption },
  examples: [{ line: "troupe version -o json", meaning: "for a bug report" }],
  async run({ context, options }) {
    const { output } = (await settingsFor(context, options)).values;
    const versions = {
      troupe: context.version,
      node: process.versions.node,
      sqlite: process.versions.sqlite ?? null,
      platform: `${process.platform} ${process.arch}`,
    };
    if (output !== "text") context.terminal.data(`${JSON.stringify(versions)}\n`);
    else context.terminal.data(`troupe ${versions.troupe}\nnode   ${versions.node}\nsqlite ${versions.sqlite}\n${versions.platform}\n`);
    return 0;
  },
});
