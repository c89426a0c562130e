import { TENANT_DEFAULT } from "../../core/ids.ts";
import { type CommandGroup, defineCommand } from "../command.ts";
import { settingsFor } from "../context.ts";
import { usage } from "../input.ts";
import { common, oneOf, text } from "../option.ts";
import { printJson, printList } from "../print.ts";

const SCHEMES = ["standard", "github"] as const;
const scheme = oneOf(SCHEMES);
const EVENT = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

const createCommand = defineCommand({
  description:
    "Makes an address for signed events, and a secret to sign them with, which is printed once. The address may tell of this one event, to workflows of its own tenant only.",
  arguments: [{ name: "<event>", description: "name of the event, as workflows listen to it" }],
  options: {
    scheme: {
      flags: "--scheme <scheme>",
      description: "standard: Standard Webhooks (default); github: X-Hub-Signature-256",
      parse: scheme,
      choices: SCHEMES,
    },
    secretEnv: {
      flags: "--secret-env <name>",
      description: "take the secret from this variable of the server instead of making one",
      parse: text,
    },
    tenant: { flags: "--tenant <name>", description: "whose workflows it starts (default: default)", parse: text },
    ...common,
  },
  examples: [
    { line: "troupe hooks create push --scheme github", meaning: "for the webhooks of a repository" },
    { line: "troupe hooks create paid --secret-env PAYMENTS_SECRET", meaning: "with a secret that the sender has chosen" },
  ],
  async run({ context: { terminal, ...context }, options, words: [event = ""] }) {
    if (!EVENT.test(event)) throw usage(`\`${event}\` is no name of an event.`, "Use letters, digits, `_`, `.` and `-`, such as `push`.");
    const { state, output } = (await settingsFor({ terminal, ...context }, options)).values;
    const { createHook } = await import("../../main/triggers/hooks.ts");
    const { secretEnv, tenant = TENANT_DEFAULT } = options;
    const { hook, secret } = createHook(state, {
      event,
      tenant,
      scheme: options.scheme ?? "standard",
      ...(secretEnv !== undefined && { secret: { env: secretEnv } }),
    });
    const path = `/api/v1/events/${event}/${hook.id}`;
    if (output !== "text") printJson(terminal, { ...hook, path, secret });
    else {
      terminal.note(`Address of ${event} for tenant ${tenant}, below that of the server:\n  ${path}\n`);
      if (secret === null) terminal.note(`It is closed until the server has ${secretEnv} in its environment.\n`);
      else {
        terminal.note("The secret is not shown again:\n");
        terminal.data(`${secret}\n`);
      }
    }
    return 0;
  },
});

const lsCommand = defineCommand({
  description: "Lists addresses for signed events, without their secrets.",
  arguments: [],
  options: common,
  examples: [{ line: "troupe hooks ls", meaning: "who may tell of what" }],
  async run({ context, options }) {
    const { state, output } = (await settingsFor(context, options)).values;
    const { listHooks } = await import("../../main/triggers/hooks.ts");
    const hooks = listHooks(state);
    if (output !== "text") printList(context.terminal, hooks, output);
    else if (hooks.length === 0) context.terminal.note("There are none. `troupe hooks create EVENT` makes one.\n");
    else
      for (const { id, event, tenant, scheme, createdAt } of hooks)
        context.terminal.data(`${id}  ${event}  ${tenant}  ${scheme.padEnd(8)}  ${createdAt}\n`);
    return 0;
  },
});

const revokeCommand = defineCommand({
  description: "Takes an address and its secret away. A server that runs already lets nobody in by it any more.",
  arguments: [{ name: "<id>", description: "as `troupe hooks ls` shows it" }],
  options: common,
  examples: [{ line: "troupe hooks revoke hk_x", meaning: "it is none any more" }],
  async run({ context, options, words: [id = ""] }) {
    const { state } = (await settingsFor(context, options)).values;
    const { revokeHook } = await import("../../main/triggers/hooks.ts");
    if (!revokeHook(state, id)) throw usage(`There is no hook ${id}.`, "`troupe hooks ls` lists them.");
    context.terminal.note("Revoked.\n");
    return 0;
  },
});

export const hooksCommand: CommandGroup = {
  description: "Addresses at which others tell of events by signed requests, such as the webhooks of a repository.",
  subcommands: {
    create: { ...createCommand, summary: "make an address and a secret" },
    ls: { ...lsCommand, summary: "list addresses" },
    revoke: { ...revokeCommand, summary: "take an address away" },
  },
};
