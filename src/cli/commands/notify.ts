import { TENANT_DEFAULT } from "../../core/ids.ts";
import { nearestName } from "../../core/nearest.ts";
import type { NotifyRule } from "../../plan/notify-rule.ts";
import { type CommandGroup, defineCommand } from "../command.ts";
import { type Context, hasState, openProjectFor, type SettingOptions, settingsFor } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { usage } from "../input.ts";
import { notifyOptionsFor } from "../notify-options.ts";
import { common, integer } from "../option.ts";
import { printJson, printLines, printList } from "../print.ts";
import { renderDeliveries, renderRules } from "../render/notify-text.ts";
import { plural } from "../render/text.ts";

const LOG_LIMIT_DEFAULT = 50;
const PENDING_COUNTED_MAX = 1_000;

async function configured(context: Context, options: SettingOptions) {
  const settings = await settingsFor(context, options);
  return { settings, notify: await notifyOptionsFor(context, settings) };
}

const lsCommand = defineCommand({
  description: "Lists the rules of the configuration: on what each tells, by which channel, and what waits or failed. Sends nothing.",
  arguments: [],
  options: common,
  examples: [{ line: "troupe notify ls", meaning: "who is told of what" }],
  async run({ context, options }) {
    const { settings, notify } = await configured(context, options);
    const { ruleView } = await import("../../main/notify/views.ts");
    const { state, output } = settings.values;
    await using opened = hasState(state) ? await openProjectFor(context, options, "existing") : null;
    const store = opened?.project.store;
    const breakers = store?.breakers(0) ?? [];
    const count = (rule: string, of: "pending" | "failed" | "dropped"): number =>
      store?.deliveries({ rule, states: [of], limit: PENDING_COUNTED_MAX }).length ?? 0;
    const rows = notify.rules.map((rule) => ({
      ...ruleView(rule),
      pending: count(rule.name, "pending"),
      failed: count(rule.name, "failed"),
      dropped: count(rule.name, "dropped"),
      breaker:
        breakers.find(({ target, tenant }) => target === `notify:${rule.name}` && tenant === TENANT_DEFAULT)?.actor.state ?? "closed",
    }));
    if (output !== "text") printJson(context.terminal, { rules: rows, counts: store?.deliveryCounts() ?? [] }, output);
    else if (rows.length === 0) context.terminal.note("Nobody is told of anything: the configuration has no `notify`.\n");
    else printLines(context.terminal, renderRules(rows, context.terminal.dataLook));
    return EXIT.succeeded;
  },
});

const logCommand = defineCommand({
  description: "Prints what became of notifications, newest first: sent, waiting for another attempt and why, failed, dropped.",
  arguments: [{ name: "[rule]", description: "of one rule (default: all)" }],
  options: {
    limit: { flags: "--limit <n>", description: `at most so many (default: ${LOG_LIMIT_DEFAULT})`, parse: integer(1, 10_000) },
    ...common,
  },
  examples: [
    { line: "troupe notify log", meaning: "the latest" },
    { line: "troupe notify log oncall -o jsonl", meaning: "of one rule, for a program" },
  ],
  async run({ context, options, words: [rule] }) {
    const { state, output } = (await settingsFor(context, options)).values;
    await using opened = hasState(state) ? await openProjectFor(context, options, "existing") : null;
    const { deliveryViews } = await import("../../main/notify/views.ts");
    const limit = options.limit ?? LOG_LIMIT_DEFAULT;
    const rows = opened === null ? [] : deliveryViews(opened.project.store, { limit, ...(rule !== undefined && { rule }) });
    if (output !== "text") printList(context.terminal, rows, output);
    else if (rows.length === 0) context.terminal.note("Nobody has been told of anything.\n");
    else printLines(context.terminal, renderDeliveries(rows, Date.now(), context.terminal.dataLook));
    return EXIT.succeeded;
  },
});

const testCommand = defineCommand({
  description: "Sends one message by a rule, at once, and tells what its channel answered. It ends with 1 when it was not taken.",
  arguments: [{ name: "<rule>", description: "name of a rule" }],
  options: common,
  examples: [{ line: "troupe notify test oncall", meaning: "does it arrive?" }],
  async run({ context, options, words: [name = ""] }) {
    const { settings, notify } = await configured(context, options);
    const rule = ruleNamed(notify.rules, name);
    const { sendTest } = await import("../../main/notify/send-test.ts");
    const answer = await sendTest(rule, notify, new AbortController().signal);
    const { output } = settings.values;
    const problem = answer.kind === "sent" || answer.kind === "stopped" ? null : answer.problem;
    if (output !== "text")
      printJson(context.terminal, { rule: name, channel: rule.target.channel, sent: answer.kind === "sent", problem }, output);
    else if (problem === null) context.terminal.data(`Sent by ${rule.target.channel}.\n`);
    else context.terminal.note(`It was not sent by ${rule.target.channel}. ${problem}\n`);
    return answer.kind === "sent" ? EXIT.succeeded : EXIT.runFailed;
  },
});

function ruleNamed(rules: readonly NotifyRule[], name: string): NotifyRule {
  const rule = rules.find((one) => one.name === name);
  if (rule !== undefined) return rule;
  const names = rules.map((one) => one.name);
  const near = nearestName(name, names);
  const fix =
    near !== undefined
      ? `Did you mean \`${near}\`?`
      : names.length === 0
        ? "The configuration has no `notify`."
        : `Rules are ${names.join(", ")}.`;
  throw usage(`There is no rule \`${name}\`.`, fix);
}

const retryCommand = defineCommand({
  description: "Lets failed and dropped notifications be sent again by the engine, the next one where none runs.",
  arguments: [{ name: "[id]", description: "one of them, as `troupe notify log -o json` shows it (default: all)" }],
  options: common,
  examples: [{ line: "troupe notify retry", meaning: "after a channel was repaired" }],
  async run({ context, options, words: [id] }) {
    await using opened = await openProjectFor(context, options, "existing");
    const retried = await opened.project.store.retryDeliveries(id ?? null, Date.now());
    if (id !== undefined && retried === 0)
      throw usage(`No notification \`${id}\` has failed or was dropped.`, "`troupe notify log` shows them.");
    if (opened.output !== "text") printJson(context.terminal, { retried }, opened.output);
    else context.terminal.data(`${plural(retried, "notification")} will be sent again.\n`);
    return EXIT.succeeded;
  },
});

export const notifyCommand: CommandGroup = {
  description: "Shows who is told of what, and what has become of it.",
  subcommands: {
    ls: { ...lsCommand, summary: "list rules" },
    test: { ...testCommand, summary: "send a message by a rule" },
    log: { ...logCommand, summary: "print what became of notifications" },
    retry: { ...retryCommand, summary: "send again what failed" },
  },
};
