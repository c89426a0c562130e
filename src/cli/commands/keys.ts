import { ROLES } from "../../contract/role.ts";
import { type CommandGroup, defineCommand } from "../command.ts";
import { settingsFor } from "../context.ts";
import { usage } from "../input.ts";
import { common, oneOf, text } from "../option.ts";
import { printJson } from "../print.ts";

const role = oneOf(ROLES);

const createCommand = defineCommand({
  description: "Makes a key and prints its token, once. The state directory keeps a digest of it.",
  arguments: [{ name: "<name>", description: "who acts by it, as journals will say" }],
  options: {
    role: {
      flags: "--role <role>",
      description: "viewer looks, operator starts and steers, approver decides, admin does all (default: operator)",
      parse: role,
      choices: ROLES,
    },
    tenant: { flags: "--tenant <name>", description: "the only tenant that it is about (default: default)", parse: text },
    ...common,
  },
  examples: [{ line: "troupe keys create ci --role operator", meaning: "for a pipeline" }],
  async run({ context, options, words: [name = ""] }) {
    const { state, output } = (await settingsFor(context, options)).values;
    const { createKey } = await import("../../main/api-keys.ts");
    const { key, token } = createKey(state, { name, role: options.role ?? "operator", tenant: options.tenant ?? "default" });
    const { digest: _, ...shown } = key;
    if (output === "text") {
      context.terminal.note(`${key.role} \`${key.name}\` of tenant ${key.tenant}, id ${key.id}. The key is not shown again:\n`);
      context.terminal.data(`${token}\n`);
    } else printJson(context.terminal, { ...shown, token });
    return 0;
  },
});

const lsCommand = defineCommand({
  description: "Lists keys, without their tokens.",
  arguments: [],
  options: { ...common },
  examples: [{ line: "troupe keys ls", meaning: "who may call" }],
  async run({ context, options }) {
    const { state, output } = (await settingsFor(context, options)).values;
    const { listKeys } = await import("../../main/api-keys.ts");
    const keys = listKeys(state).map(({ digest: _, ...shown }) => shown);
    if (output !== "text") printJson(context.terminal, keys);
    else if (keys.length === 0) context.terminal.note("There are no keys. `troupe keys create NAME` makes one.\n");
    else
      for (const { id, role, tenant, name, createdAt } of keys)
        context.terminal.data(`${id}  ${role.padEnd(8)}  ${tenant}  ${name}  ${createdAt}\n`);
    return 0;
  },
});

const revokeCommand = defineCommand({
  description: "Takes a key away. A server that runs already lets it in no more.",
  arguments: [{ name: "<id>", description: "as `troupe keys ls` shows it" }],
  options: { ...common },
  examples: [{ line: "troupe keys revoke 3f9c1a20be", meaning: "it is none any more" }],
  async run({ context, options, words: [id = ""] }) {
    const { state } = (await settingsFor(context, options)).values;
    const { revokeKey } = await import("../../main/api-keys.ts");
    if (!revokeKey(state, id)) throw usage(`There is no key ${id}.`, "`troupe keys ls` lists them.");
    context.terminal.note("Revoked.\n");
    return 0;
  },
});

export const keysCommand: CommandGroup = {
  description: "Keys of the API: what a key may do is its role's, and what it may see is its tenant's.",
  subcommands: {
    create: { ...createCommand, summary: "make a key" },
    ls: { ...lsCommand, summary: "list keys" },
    revoke: { ...revokeCommand, summary: "take a key away" },
  },
};
