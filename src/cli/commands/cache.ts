import { formatDuration } from "../../core/duration.ts";
import { toActorId } from "../../core/item-id.ts";
import type { CacheAdmin, CacheFilter, CacheWhy } from "../../main/cache-admin.ts";
import { type CommandGroup, defineCommand } from "../command.ts";
import { type Context, cacheOf, openProjectFor, type SettingOptions, settingsFor } from "../context.ts";
import { usage } from "../input.ts";
import { byteSize, common, durationMs, formatBytes, text } from "../option.ts";
import { printJson, printLines, printList } from "../print.ts";
import { shortRunId } from "../render/run-id.ts";
import { renderTable } from "../render/table.ts";
import { plural } from "../render/text.ts";
import type { Settings } from "../settings.ts";

const KEY_SHOWN = 12;
const VALUE_SHOWN = 100;

const filterOptions = {
  workflow: { flags: "--workflow <name>", description: "only results of this workflow", parse: text },
  step: { flags: "--step <id>", description: "only results of this step", parse: text },
} as const;

interface OpenAdmin extends AsyncDisposable {
  readonly admin: CacheAdmin;
  readonly settings: Settings;
}

async function openAdmin(context: Context, options: SettingOptions): Promise<OpenAdmin> {
  const settings = await settingsFor(context, options);
  const { openCacheAdmin } = await import("../../main/cache-admin.ts");
  const admin = await openCacheAdmin(settings.values.state, cacheOf(settings));
  return { admin, settings, [Symbol.asyncDispose]: () => admin[Symbol.asyncDispose]() };
}

const listCommand = defineCommand({
  description: "Lists kept results, the one used last first. Results that were sealed with another secret are not shown.",
  arguments: [],
  options: { ...filterOptions, ...common },
  examples: [{ line: "troupe cache ls --step build", meaning: "what is kept of one step" }],
  async run({ context, options }) {
    await using opened = await openAdmin(context, options);
    const { terminal } = context;
    const { output } = opened.settings.values;
    const entries = await opened.admin.list(filterOf(options));
    if (output !== "text") printList(terminal, entries, output);
    else if (entries.length === 0) terminal.note("Nothing is kept.\n");
    else {
      const right = "right" as const;
      const columns = [
        { title: "KEY" },
        { title: "WORKFLOW" },
        { title: "STEP" },
        { title: "SIZE", align: right },
        { title: "FILES", align: right },
      ];
      const now = Date.now();
      const rows = entries.map((entry) => [
        entry.key.slice(0, KEY_SHOWN),
        entry.workflow,
        entry.step,
        formatBytes(entry.bytes),
        String(entry.files),
        `${formatDuration(Math.max(0, now - entry.usedAt))} ago`,
        shortRunId(entry.run),
      ]);
      printLines(terminal, renderTable([...columns, { title: "USED" }, { title: "FROM" }], rows, terminal.dataLook));
    }
    return 0;
  },
});

const whyCommand = defineCommand({
  description:
    "Tells what the cache answered to the last attempt of a step, and, for a miss, in what its key differs from that of the nearest result.",
  arguments: [{ name: "<step>", description: "a step with `cache`, or an item such as each[key]" }],
  options: {
    run: { flags: "--run <run>", description: "id, beginning of an id, or @latest (default)", parse: text },
    ...common,
  },
  examples: [{ line: "troupe cache why build", meaning: "why the step was executed again" }],
  async run({ context, options, words: [step = ""] }) {
    await using project = await openProjectFor(context, options, "existing");
    await using opened = await openAdmin(context, options);
    const { output } = opened.settings.values;
    const runId = project.project.runId(options.run ?? "@latest");
    project.project.why(runId, step);
    const answer = await opened.admin.why(project.project.store, runId, toActorId(step));
    if (answer === null)
      throw usage(
        `No attempt of ${step} in ${shortRunId(runId)} has asked the cache.`,
        "Has the step `cache`, and has it ended? Items of a fan-out are asked for by their keys: `step[key]`.",
      );
    if (output !== "text") printJson(context.terminal, answer, output);
    else printLines(context.terminal, describe(answer));
    return 0;
  },
});

function describe({ run, step, attempt, cache, nearest }: CacheWhy): readonly string[] {
  const { from, key, reason, not_stored: notStored } = cache;
  const named = `${step} (attempt ${attempt} of ${shortRunId(run)})`;
  if (cache.hit === true) {
    const origin = typeof from === "object" && from !== null && "run" in from ? ` from ${shortRunId(String(from.run))}` : "";
    return [`${named} was a hit: ${String(key).slice(0, KEY_SHOWN)}${origin}.`];
  }
  const lines = [`${named} was a miss: ${String(reason)}.`];
  if (typeof notStored === "string") lines.push(`Its result was not kept: ${notStored}.`);
  if (nearest === null) return [...lines, "There is no earlier result of the step to compare with."];
  const origin = `${nearest.key.slice(0, KEY_SHOWN)} from ${shortRunId(nearest.run)}`;
  if (nearest.differences.length === 0) return [...lines, `Its key equals that of ${origin}.`];
  lines.push(`The nearest result is ${origin}; it differs in ${plural(nearest.differences.length, "part")}:`);
  for (const { part, before, now } of nearest.differences) lines.push(`  ${part}: ${shown(before)} -> ${shown(now)}`);
  return lines;
}

function shown(value: unknown): string {
  if (value === null) return "(none)";
  const words = JSON.stringify(value);
  return words.length > VALUE_SHOWN ? `${words.slice(0, VALUE_SHOWN)}…` : words;
}

const clearCommand = defineCommand({
  description: "Removes kept results. Without options it removes all that were sealed with the secret of this project.",
  arguments: [],
  options: {
    ...filterOptions,
    olderThan: { flags: "--older-than <duration>", description: "only what was not used for so long", parse: durationMs },
    ...common,
  },
  examples: [
    { line: "troupe cache clear --step build", meaning: "forget one step" },
    { line: "troupe cache clear --older-than 7d", meaning: "what nobody used for a week" },
  ],
  async run({ context, options }) {
    await using opened = await openAdmin(context, options);
    const { output } = opened.settings.values;
    const unused = options.olderThan === undefined ? {} : { unusedForMs: options.olderThan };
    const removed = await opened.admin.clear({ ...filterOf(options), ...unused });
    if (output !== "text") printJson(context.terminal, removed, output);
    else context.terminal.data(`Removed ${plural(removed.entries, "result")}, ${formatBytes(removed.bytes)}.\n`);
    return 0;
  },
});

const pruneCommand = defineCommand({
  description: "Removes what was used longest ago until the cache on disk is within its bound, and what nothing needs.",
  arguments: [],
  options: {
    maxBytes: { flags: "--max-bytes <size>", description: "bound (default: cache_max_bytes, 2GiB)", parse: byteSize },
    ...common,
  },
  examples: [{ line: "troupe cache prune --max-bytes 500MiB", meaning: "make room" }],
  async run({ context, options }) {
    await using opened = await openAdmin(context, options);
    const { output, cache_max_bytes: bound } = opened.settings.values;
    const maxBytes = options.maxBytes ?? bound;
    const removed = await opened.admin.prune(maxBytes);
    if (removed === null)
      throw usage(`A cache in ${opened.admin.technology} bounds itself.`, "Give it a limit of its own: docs/caching.md tells how.");
    const { entries, contents, bytes } = removed;
    if (output !== "text") printJson(context.terminal, { entries, contents, bytes, maxBytes }, output);
    else context.terminal.data(`Removed ${plural(entries, "result")}, ${formatBytes(bytes)}.\n`);
    return 0;
  },
});

function filterOf({ workflow, step }: { readonly workflow?: string | undefined; readonly step?: string | undefined }): CacheFilter {
  return { ...(workflow !== undefined && { workflow }), ...(step !== undefined && { step }) };
}

export const cacheCommand: CommandGroup = {
  description: "Looks into the step cache: results of steps with `cache`, kept for runs to come.",
  subcommands: {
    ls: { summary: "list kept results", ...listCommand },
    why: { summary: "tell why a step was a hit or a miss", ...whyCommand },
    clear: { summary: "remove kept results", ...clearCommand },
    prune: { summary: "make room", ...pruneCommand },
  },
};
