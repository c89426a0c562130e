import { TENANT_DEFAULT, type TenantId } from "../../core/ids.ts";
import { userName } from "../approver.ts";
import { defineCommand } from "../command.ts";
import { openProjectFor } from "../context.ts";
import { common, text } from "../option.ts";
import { printList } from "../print.ts";

export const deployCommand = defineCommand({
  description:
    "Puts workflows into the state directory under their names, each change as a version of its own. Keys that may run but not edit start them through the API, and `troupe run NAME` here. Files that a workflow inlines are put in with it; runs keep the version that they were started with.",
  arguments: [{ name: "<file...>", description: "workflow files", completes: "file" }],
  options: { tenant: { flags: "--tenant <name>", description: "who they belong to (default: default)", parse: text }, ...common },
  examples: [
    { line: "troupe deploy nightly.troupe.yaml", meaning: "a server of this state directory can start it now" },
    { line: "troupe deploy workflows/*.troupe.yaml", meaning: "all of a folder" },
  ],
  async run({ context, options, words: files }) {
    await using opened = await openProjectFor(context, options);
    const { project, settings, output } = opened;
    const { deployFile } = await import("../../main/deploy.ts");
    const tenant = (settings.values.tenant || TENANT_DEFAULT) as TenantId; // Any text names a tenant.
    const deployed: { readonly name: string; readonly version: string; readonly outcome: string; readonly file: string }[] = [];
    // All of them are read before the first is put in.
    for (const file of files) project.load(file);
    for (const file of files) {
      const { name, version, outcome } = await deployFile(project, file, { tenant, by: userName(context.env) });
      deployed.push({ name, version, outcome, file });
    }
    if (output !== "text") printList(context.terminal, deployed, output);
    else
      for (const { name, version, outcome } of deployed)
        context.terminal.data(`${name}  ${version.slice(0, 12)}  ${WORDS[outcome] ?? ""}\n`);
    return 0;
  },
});

const WORDS: Readonly<Record<string, string>> = { created: "deployed", changed: "changed", same: "is deployed already" };
