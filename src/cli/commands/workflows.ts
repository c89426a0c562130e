import { RequestError } from "../../core/errors.ts";
import { type Digest, TENANT_DEFAULT, type TenantId } from "../../core/ids.ts";
import type { DeployedSource } from "../../ports/deployments.ts";
import { userName } from "../approver.ts";
import { type CommandGroup, defineCommand } from "../command.ts";
import { type OpenProject, openProjectFor } from "../context.ts";
import { common, text } from "../option.ts";
import { printJson, printLines, printList } from "../print.ts";
import { renderTable } from "../render/table.ts";

const LISTED_MAX = 10_000;
const VERSION_SHOWN = 12;

const tenantOption = { flags: "--tenant <name>", description: "whose they are (default: default)", parse: text } as const;

function tenantOf({ settings }: OpenProject): TenantId {
  return (settings.values.tenant || TENANT_DEFAULT) as TenantId; // Any text names a tenant.
}

/** @throws RequestError WORKFLOW_NOT_FOUND, WORKFLOW_VERSION_NOT_FOUND */
function find(opened: OpenProject, name: string, version: string | undefined): DeployedSource {
  const { store } = opened.project;
  const tenant = tenantOf(opened);
  const current = store.deployment(tenant, name);
  if (current === null) throw new RequestError("WORKFLOW_NOT_FOUND", { workflow: name });
  if (version === undefined) return current;
  const wanted = store.deploymentsOf(tenant, name, LISTED_MAX).find((one) => one.version.startsWith(version));
  const found = wanted === undefined ? null : store.deployment(tenant, name, wanted.version as Digest);
  if (found === null) throw new RequestError("WORKFLOW_VERSION_NOT_FOUND", { workflow: name, version });
  return found;
}

const lsCommand = defineCommand({
  description: "Lists deployed workflows.",
  arguments: [],
  options: { tenant: tenantOption, ...common },
  examples: [{ line: "troupe workflows ls", meaning: "what can be started by name" }],
  async run({ context, options }) {
    await using opened = await openProjectFor(context, options, "existing");
    const rows = opened.project.store.deployments(tenantOf(opened), "", LISTED_MAX);
    if (opened.output !== "text") printList(context.terminal, rows, opened.output);
    else if (rows.length === 0) context.terminal.note("No workflow is deployed. `troupe deploy FILE` adds one.\n");
    else
      printLines(
        context.terminal,
        renderTable(
          [
            { title: "NAME" },
            { title: "VERSION" },
            { title: "VERSIONS", align: "right" },
            { title: "STEPS", align: "right" },
            { title: "BY" },
            { title: "AT" },
          ],
          rows.map(({ name, version, versions, steps, deployedBy, deployedAt }) => [
            name,
            version.slice(0, VERSION_SHOWN),
            String(versions),
            String(steps),
            deployedBy,
            new Date(deployedAt).toISOString(),
          ]),
          context.terminal.dataLook,
        ),
      );
    return 0;
  },
});

const showCommand = defineCommand({
  description: "Prints the text of a deployed workflow; with -o json also its versions.",
  arguments: [{ name: "<name>", description: "of the workflow" }],
  options: {
    at: { flags: "--at <version>", description: "beginning of one of its versions (default: the last one)", parse: text },
    tenant: tenantOption,
    ...common,
  },
  examples: [{ line: "troupe workflows show nightly > nightly.troupe.yaml", meaning: "as it was deployed" }],
  async run({ context, options, words: [name = ""] }) {
    await using opened = await openProjectFor(context, options, "existing");
    const found = find(opened, name, options.at);
    if (opened.output === "text") context.terminal.data(found.source.endsWith("\n") ? found.source : `${found.source}\n`);
    else {
      const history = opened.project.store
        .deploymentsOf(tenantOf(opened), name, LISTED_MAX)
        .map(({ version, deployedAt, deployedBy }) => ({ version, deployedAt, deployedBy }));
      printJson(context.terminal, { ...found, history }, opened.output);
    }
    return 0;
  },
});

const removeCommand = defineCommand({
  description: "Lets a workflow be started by its name no more. Its runs stay, and go on with what they were started with.",
  arguments: [{ name: "<name>", description: "of the workflow" }],
  options: { tenant: tenantOption, ...common },
  examples: [{ line: "troupe workflows remove nightly", meaning: "nobody starts it any more" }],
  async run({ context, options, words: [name = ""] }) {
    await using opened = await openProjectFor(context, options, "existing");
    await opened.project.store.undeploy({ tenant: tenantOf(opened), name, by: userName(context.env) });
    if (opened.output === "text") context.terminal.note(`${name} is deployed no more.\n`);
    else printJson(context.terminal, { removed: name }, opened.output);
    return 0;
  },
});

export const workflowsCommand: CommandGroup = {
  description: "Workflows that are deployed: which there are, what they say, and one less.",
  subcommands: {
    ls: { summary: "list deployed workflows", ...lsCommand },
    show: { summary: "print the text of one", ...showCommand },
    remove: { summary: "let one be started no more", ...removeCommand },
  },
};
