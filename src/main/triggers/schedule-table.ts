/** Every schedule of every deployed workflow with its next slot, in memory. One timer waits for the earliest of them. */
import { toError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { type ScheduleTrigger, scheduleId, type Triggers } from "../../plan/triggers.ts";
import type { CronTimes } from "../../ports/cron.ts";
import type { ScheduleKey, ScheduleRow, ScheduleStop, TriggeredWorkflow, TriggerStore } from "../../ports/triggers.ts";

/** Reading a rule takes a tenth of a millisecond; ten thousand of them must not stop everything else for a second. */
const ENTRIES_AT_ONCE = 100;

export interface ScheduleEntry {
  readonly key: ScheduleKey;
  readonly workflow: TriggeredWorkflow;
  readonly trigger: ScheduleTrigger;
  decidedUntil: number;
  readonly stop: ScheduleStop | null;
  /** Null for one that is stopped, or that has no next time. */
  nextAt: number | null;
  /** Why its times cannot be computed; null where they can. */
  readonly problem: string | null;
}

export type ReadTriggers = (on: JsonObject) => Triggers;

export function keyText({ tenant, workflow, schedule }: ScheduleKey): string {
  return JSON.stringify([tenant, workflow, schedule]);
}

/** What makes a schedule another one: its times. */
export function ruleText({ cron, timezone }: Pick<ScheduleTrigger, "cron" | "timezone">): string {
  return `${timezone} ${cron}`;
}

/** Up to when its slots count as decided: a rule that is new begins when it was deployed, and what nobody had deployed was not missed. */
export function decidedUntilOf(row: ScheduleRow | undefined, rule: string, { deployedAt, deployedSince }: TriggeredWorkflow): number {
  if (row === undefined) return deployedAt;
  return Math.max(row.decidedUntil, row.rule === rule ? deployedSince : deployedAt);
}

export interface DeployedSchedule {
  readonly key: ScheduleKey;
  readonly workflow: TriggeredWorkflow;
  readonly trigger: ScheduleTrigger;
}

/** Triggers that cannot be read are told and left out: they are nobody else's trouble (S-48). */
export function* deployedSchedules(
  workflows: Iterable<TriggeredWorkflow>,
  read: ReadTriggers,
  warn: (message: string) => void,
): Generator<DeployedSchedule> {
  for (const workflow of workflows) {
    const { tenant, name, on } = workflow;
    let triggers: Triggers;
    try {
      triggers = read(on);
    } catch (thrown) {
      warn(`The triggers of the workflow ${name} of tenant ${tenant} cannot be read: ${toError(thrown).message}`);
      continue;
    }
    for (const trigger of triggers.schedules) yield { key: { tenant, workflow: name, schedule: trigger.name }, workflow, trigger };
  }
}

export interface TableOptions {
  readonly store: Pick<TriggerStore, "triggered" | "schedules">;
  readonly times: CronTimes;
  readonly read: ReadTriggers;
  readonly warn: (message: string) => void;
}

export interface LoadedTable {
  readonly table: ReadonlyMap<string, ScheduleEntry>;
  /** Not in the store yet. */
  readonly fresh: readonly ScheduleEntry[];
  /** In the store only. */
  readonly gone: readonly ScheduleKey[];
}

/** @param before what is known already: times are only computed for what has changed */
export async function loadTable(
  { store, times, read, warn }: TableOptions,
  now: number,
  before: ReadonlyMap<string, ScheduleEntry>,
): Promise<LoadedTable> {
  const rows = new Map(store.schedules().map((row) => [keyText(row), row]));
  const table = new Map<string, ScheduleEntry>();
  for (const { key, workflow, trigger } of deployedSchedules(store.triggered(), read, warn)) {
    const name = keyText(key);
    const row = rows.get(name);
    const rule = ruleText(trigger);
    const decidedUntil = decidedUntilOf(row, rule, workflow);
    const stop = row?.stop ?? null;
    const known = before.get(name);
    const isSame = known !== undefined && known.decidedUntil === decidedUntil && ruleText(known.trigger) === rule && known.stop === null;
    const next =
      stop !== null
        ? { at: null, problem: null }
        : isSame
          ? { at: known.nextAt, problem: known.problem }
          : nextTime(times, trigger, Math.min(decidedUntil, now));
    table.set(name, { key, workflow, trigger, decidedUntil, stop, nextAt: next.at, problem: next.problem });
    if (!isSame && table.size % ENTRIES_AT_ONCE === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const gone = [...rows].filter(([name, { stop }]) => stop === null && !table.has(name)).map(([, row]) => row);
  return { table, fresh: [...table].filter(([name]) => !rows.has(name)).map(([, entry]) => entry), gone };
}

export function nextTime(
  times: CronTimes,
  trigger: ScheduleTrigger,
  after: number,
): { readonly at: number | null; readonly problem: string | null } {
  try {
    return { at: times.next(trigger, after), problem: null };
  } catch (thrown) {
    return { at: null, problem: toError(thrown).message };
  }
}

/** As people and journals name it. */
export function nameOf({ workflow, schedule }: ScheduleKey): string {
  return scheduleId(workflow, schedule);
}
