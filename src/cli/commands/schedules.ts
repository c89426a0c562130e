import { existsSync } from "node:fs";
import type { ScheduleSlot, ScheduleView } from "../../contract/schedule-view.ts";
import { TENANT_DEFAULT, type TenantId } from "../../core/ids.ts";
import type { ScheduleDesk } from "../../main/triggers/schedule-desk.ts";
import { userName } from "../approver.ts";
import { type CommandGroup, defineCommand } from "../command.ts";
import { type Context, type OpenProject, openProjectFor, type SettingOptions } from "../context.ts";
import { driveRun } from "../drive-run.ts";
import { usage } from "../input.ts";
import { loadFile } from "../load-file.ts";
import { withDriver } from "../open-driver.ts";
import { common, integer, text } from "../option.ts";
import { printJson, printLines, printList } from "../print.ts";
import { shortRunId } from "../render/run-id.ts";
import { scheduleLines, scheduleTable, slotTable, upcomingLines } from "../render/schedules.ts";

const tenantOption = {
  flags: "--tenant <name>",
  description: "whose schedules (default: that of the configuration)",
  parse: text,
} as const;
const id = { name: "<schedule>", description: "its id, such as nightly/1, as `troupe schedules ls` shows it" };
const SLOTS_SHOWN = 20;

interface Desk {
  readonly opened: OpenProject;
  readonly desk: ScheduleDesk;
  readonly tenant: TenantId;
}

async function atDesk(context: Context, options: SettingOptions, use: (at: Desk) => Promise<number>): Promise<number> {
  await using opened = await openProjectFor(context, options, "existing");
  const { createScheduleDesk } = await import("../../main/triggers/schedule-desk.ts");
  const desk = createScheduleDesk(opened.project, (message) => context.terminal.note(`warning: ${message}\n`));
  return await use({ opened, desk, tenant: (opened.settings.values.tenant || TENANT_DEFAULT) as TenantId }); // Any text names a tenant.
}

const lsCommand = defineCommand({
  description: "Lists the schedules of deployed workflows, with when each is due next and what came of its last time.",
  arguments: [],
  options: {
    workflow: { flags: "-w, --workflow <name>", description: "only those of this workflow", parse: text },
    tenant: tenantOption,
    ...common,
  },
  examples: [{ line: "troupe schedules ls", meaning: "what starts by itself, and when" }],
  run: ({ context, options }) =>
    atDesk(context, options, async ({ opened: { output }, desk, tenant }) => {
      const { workflow } = options;
      const schedules = desk.list(tenant, { limit: Number.MAX_SAFE_INTEGER, ...(workflow !== undefined && { workflow }) });
      if (output !== "text") printList(context.terminal, schedules, output);
      else if (schedules.length === 0) context.terminal.note("No deployed workflow has a schedule. `troupe deploy FILE` deploys one.\n");
      else printLines(context.terminal, scheduleTable(schedules, context.terminal.dataLook));
      return 0;
    }),
});

const showCommand = defineCommand({
  description: "Shows one schedule and what became of its latest times.",
  arguments: [id],
  options: {
    limit: { flags: "-n, --limit <n>", description: `at most so many times (default ${SLOTS_SHOWN})`, parse: integer(1, 1_000) },
    tenant: tenantOption,
    ...common,
  },
  examples: [{ line: "troupe schedules show nightly/1", meaning: "which times were started, skipped or missed, and why" }],
  run: ({ context: { terminal, ...context }, options, words: [schedule = ""] }) =>
    atDesk({ terminal, ...context }, options, async ({ opened: { output }, desk, tenant }) => {
      const view = desk.show(tenant, schedule);
      const slots = desk.slots(tenant, schedule, options.limit ?? SLOTS_SHOWN);
      if (output !== "text") printJson(terminal, { ...view, slots }, output);
      else printShown(terminal, view, slots);
      return 0;
    }),
});

function printShown(terminal: Context["terminal"], view: ScheduleView, slots: readonly ScheduleSlot[]): void {
  printLines(terminal, scheduleLines(view));
  if (slots.length > 0) printLines(terminal, ["", ...slotTable(slots, view.timezone, terminal.dataLook)]);
}

const pauseCommand = defineCommand({
  description: "Stops a schedule. Its times pass by, and are not made up for when it goes on; runs that it has started go on.",
  arguments: [id],
  options: { reason: { flags: "--reason <text>", description: "for those who wonder", parse: text }, tenant: tenantOption, ...common },
  examples: [{ line: "troupe schedules pause nightly/1 --reason holidays", meaning: "nothing is started until it is resumed" }],
  run: ({ context, options, words: [schedule = ""] }) =>
    atDesk(context, options, async ({ opened, desk, tenant }) =>
      printChange(context, opened, await desk.pause(tenant, schedule, userName(context.env), options.reason ?? null)),
    ),
});

const resumeCommand = defineCommand({
  description: "Lets a schedule that was paused or quarantined go on from now.",
  arguments: [id],
  options: { tenant: tenantOption, ...common },
  examples: [{ line: "troupe schedules resume nightly/1", meaning: "its next time counts again" }],
  run: ({ context, options, words: [schedule = ""] }) =>
    atDesk(context, options, async ({ opened, desk, tenant }) =>
      printChange(context, opened, await desk.resume(tenant, schedule, userName(context.env))),
    ),
});

function printChange({ terminal }: Context, { output }: OpenProject, view: ScheduleView): number {
  if (output === "text") printLines(terminal, scheduleLines(view));
  else printJson(terminal, view, output);
  return 0;
}

const runCommand = defineCommand({
  description:
    "Starts a run as the schedule would, now, and besides its times. An engine that runs already takes it; else it is driven here to its end.",
  arguments: [id],
  options: { tenant: tenantOption, ...common },
  examples: [{ line: "troupe schedules run nightly/1", meaning: "what tonight will do, now" }],
  run: ({ context, options, words: [schedule = ""] }) =>
    atDesk(context, options, ({ opened, desk, tenant }) =>
      withDriver(context, opened, {}, async (driving) => {
        const runId = await desk.run(tenant, schedule, userName(context.env), driving.driver);
        if (driving.driver.kind === "local") return await driveRun({ context, opened, driving, runId });
        if (opened.output === "text") context.terminal.note(`${shortRunId(runId)} is started: troupe watch ${shortRunId(runId)}\n`);
        else printJson(context.terminal, opened.project.view(runId), opened.output);
        return 0;
      }),
    ),
});

const nextCommand = defineCommand({
  description: "Prints when a schedule is due: of a deployed one by its id, or all of a workflow file, deployed or not.",
  arguments: [{ name: "<file|schedule>", description: "workflow file, or id of a schedule", completes: "file" }],
  options: {
    limit: { flags: "-n, --limit <n>", description: "so many times of each (default 5)", parse: integer(1, 1_000) },
    tenant: tenantOption,
    ...common,
  },
  examples: [
    { line: "troupe schedules next nightly.troupe.yaml -n 3", meaning: "whether a schedule says what you mean, before it is deployed" },
    { line: "troupe schedules next nightly/1", meaning: "the next five times of a deployed one" },
  ],
  async run({ context, options, words: [given = ""] }) {
    const count = options.limit ?? 5;
    const print = (upcoming: readonly Upcoming[], output: string | undefined): number => {
      if (output === undefined || output === "text")
        printLines(
          context.terminal,
          upcoming.flatMap((one) => upcomingLines(one, upcoming.length > 1)),
        );
      else printList(context.terminal, upcoming, output === "jsonl" ? "jsonl" : "json");
      return 0;
    };
    if (existsSync(given)) return print(await timesOfFile(given, count), options.output);
    return await atDesk(context, options, async ({ opened: { output }, desk, tenant }) => {
      const { id: schedule, timezone } = desk.show(tenant, given);
      return print([{ schedule, timezone, times: desk.next(tenant, given, count).map(toText) }], output);
    });
  },
});

interface Upcoming {
  readonly schedule: string;
  readonly timezone: string;
  /** ISO 8601 in UTC. */
  readonly times: readonly string[];
}

async function timesOfFile(file: string, count: number): Promise<readonly Upcoming[]> {
  const { name, triggers } = await loadFile(file);
  if (triggers.schedules.length === 0) throw usage(`${file} has no schedule.`, 'Add one: `on: { schedule: [{ cron: "0 6 * * *" }] }`.');
  const { upcomingTimes } = await import("../../main/triggers/schedule-desk.ts");
  return triggers.schedules.map((schedule) => ({
    schedule: `${name}/${schedule.name}`,
    timezone: schedule.timezone,
    times: upcomingTimes(schedule, count).map(toText),
  }));
}

function toText(at: number): string {
  return new Date(at).toISOString();
}

export const schedulesCommand: CommandGroup = {
  description:
    "Schedules of deployed workflows. `troupe serve` starts what they ask for; these look at them and stop them, from any terminal.",
  subcommands: {
    ls: { ...lsCommand, summary: "list schedules" },
    show: { ...showCommand, summary: "show one with its latest times" },
    next: { ...nextCommand, summary: "print when one is due" },
    pause: { ...pauseCommand, summary: "stop one" },
    resume: { ...resumeCommand, summary: "let one go on" },
    run: { ...runCommand, summary: "start a run as it would, now" },
  },
};
