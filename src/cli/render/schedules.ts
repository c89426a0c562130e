/** Schedules and their times, as people read them: in the clock of the schedule. */
import type { ScheduleSlot, ScheduleView } from "../../contract/schedule-view.ts";
import type { Look, Style } from "./look.ts";
import { type Cell, renderTable } from "./table.ts";

const OUTCOME_STYLES: Readonly<Record<ScheduleSlot["outcome"], Style>> = {
  queued: "cyan",
  started: "green",
  skipped: "gray",
  missed: "yellow",
  failed: "red",
};

/** `Mon 2026-11-23 06:00 +01:00`. */
function clockText(at: number, timezone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    weekday: "short",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZoneName: "longOffset",
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((one) => one.type === type)?.value ?? "";
  const offset = part("timeZoneName").replace("GMT", "") || "+00:00";
  return `${part("weekday")} ${part("year")}-${part("month")}-${part("day")} ${part("hour")}:${part("minute")} ${offset}`;
}

export function scheduleTable(schedules: readonly ScheduleView[], look: Look): string[] {
  const columns = ["SCHEDULE", "CRON", "TIME ZONE", "NEXT", "LAST"].map((title) => ({ title }));
  const rows = schedules.map((one): Cell[] => [
    one.id,
    one.cron,
    one.timezone,
    one.stop === null ? nextText(one) : ["yellow", one.stop.kind],
    one.lastSlot === null
      ? ""
      : [OUTCOME_STYLES[one.lastSlot.outcome], `${one.lastSlot.outcome} ${clockText(one.lastSlot.at, one.timezone)}`],
  ]);
  return renderTable(columns, rows, look);
}

export function scheduleLines({ id, workflow, cron, timezone, overlap, catchup, stop, ...rest }: ScheduleView): string[] {
  const facts: readonly (readonly [string, string])[] = [
    ["schedule", id],
    ["workflow", workflow],
    ["cron", `${cron}   ${timezone}`],
    ["policy", `overlap ${overlap}, catchup ${catchup}`],
    ["next", stop === null ? nextText({ ...rest, timezone }) : stopText(stop, timezone)],
  ];
  return facts.map(([name, value]) => `${name.padEnd(9)} ${value}`);
}

export function slotTable(slots: readonly ScheduleSlot[], timezone: string, look: Look): string[] {
  const rows = slots.map(({ at, outcome, run, reason }): Cell[] => [
    clockText(at, timezone),
    [OUTCOME_STYLES[outcome], outcome],
    run ?? "",
    reason ?? "",
  ]);
  return renderTable(
    ["TIME", "OUTCOME", "RUN", "WHY"].map((title) => ({ title })),
    rows,
    look,
  );
}

export function upcomingLines(
  { schedule, timezone, times }: { readonly schedule: string; readonly timezone: string; readonly times: readonly string[] },
  isOneOfMany: boolean,
): string[] {
  const lines = times.map((time) => `${clockText(Date.parse(time), timezone)}   ${time}`);
  return isOneOfMany ? [`${schedule} (${timezone})`, ...lines.map((line) => `  ${line}`)] : lines;
}

function nextText({ nextAt, timezone }: Pick<ScheduleView, "nextAt" | "timezone">): string {
  return nextAt === null ? "never" : clockText(nextAt, timezone);
}

function stopText({ kind, by, at, reason }: NonNullable<ScheduleView["stop"]>, timezone: string): string {
  return `${kind} by ${by} since ${clockText(at, timezone)}${reason === null ? "" : `: ${reason}`}`;
}
