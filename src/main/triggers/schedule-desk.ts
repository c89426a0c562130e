/** Schedules as people and the API see them: what is deployed, what the store knows of it, and when it is due next. */
import { createCronTimes } from "../../adapters/cron-croner/times.ts";
import type { ScheduleSlot, ScheduleView } from "../../contract/schedule-view.ts";
import { RequestError } from "../../core/errors.ts";
import type { RunId, TenantId } from "../../core/ids.ts";
import { triggersOf } from "../../definition/index.ts";
import { scheduleId } from "../../plan/triggers.ts";
import type { CronRule, CronTimes } from "../../ports/cron.ts";
import type { ScheduleRow, SlotRow } from "../../ports/triggers.ts";
import type { Driver, Project } from "../project-shape.ts";
import { type DeployedSchedule, decidedUntilOf, deployedSchedules, keyText, nextTime, ruleText } from "./schedule-table.ts";
import { scheduleInput } from "./scheduling.ts";
import { startTriggered } from "./start-triggered.ts";

export interface ScheduleDesk {
  /** In the order of their ids. */
  list(tenant: TenantId, query: { readonly workflow?: string; readonly limit: number; readonly after?: string }): readonly ScheduleView[];
  /** @throws RequestError SCHEDULE_NOT_FOUND, as do all with an id */
  show(tenant: TenantId, id: string): ScheduleView;
  slots(tenant: TenantId, id: string, limit: number): readonly ScheduleSlot[];
  /** The next so many times. */
  next(tenant: TenantId, id: string, count: number): readonly number[];
  pause(tenant: TenantId, id: string, by: string, reason: string | null): Promise<ScheduleView>;
  /** From now on; what was missed meanwhile is not made up for. */
  resume(tenant: TenantId, id: string, by: string): Promise<ScheduleView>;
  /** Starts a run as the schedule would, besides its slots. */
  run(tenant: TenantId, id: string, by: string, driver: Driver): Promise<RunId>;
}

export function createScheduleDesk(project: Project, warn: (message: string) => void): ScheduleDesk {
  const { store } = project;
  const times = createCronTimes();

  /** Of one tenant, so that there is no way to another's (S-32). */
  function deployed(tenant: TenantId): readonly DeployedSchedule[] {
    const own = store.triggered().filter((workflow) => workflow.tenant === tenant);
    return [...deployedSchedules(own, triggersOf, warn)];
  }

  function find(tenant: TenantId, id: string): DeployedSchedule {
    const found = deployed(tenant).find(({ key }) => scheduleId(key.workflow, key.schedule) === id);
    if (found === undefined) throw new RequestError("SCHEDULE_NOT_FOUND", { schedule: id });
    return found;
  }

  function rowsByKey(): ReadonlyMap<string, ScheduleRow> {
    return new Map(store.schedules().map((row) => [keyText(row), row]));
  }

  function view({ key, workflow, trigger }: DeployedSchedule, row: ScheduleRow | undefined): ScheduleView {
    const stop = row?.stop ?? null;
    const decided = Math.min(decidedUntilOf(row, ruleText(trigger), workflow), Date.now());
    const [last] = store.slots(key, 1);
    const { cron, timezone, overlap, catchup } = trigger;
    return {
      id: scheduleId(key.workflow, key.schedule),
      workflow: key.workflow,
      cron,
      timezone,
      overlap,
      catchup,
      paused: stop?.kind === "paused",
      stop,
      nextAt: stop === null ? nextTime(times, trigger, decided).at : null,
      lastSlot: last === undefined ? null : toSlot(last),
    };
  }

  async function stop(tenant: TenantId, id: string, by: string, reason: string | null | undefined): Promise<ScheduleView> {
    const found = find(tenant, id);
    const row = { ...found.key, rule: ruleText(found.trigger), decidedUntil: Date.now() };
    await store.stopSchedule(row, reason === undefined ? null : { kind: "paused", by, reason }, by);
    return view(found, rowsByKey().get(keyText(found.key)));
  }

  return {
    list(tenant, { workflow, limit, after = "" }) {
      const rows = rowsByKey();
      return deployed(tenant)
        .map((one) => ({ one, id: scheduleId(one.key.workflow, one.key.schedule) }))
        .filter(({ one, id }) => id > after && (workflow === undefined || one.key.workflow === workflow))
        .sort((left, right) => (left.id < right.id ? -1 : 1))
        .slice(0, limit)
        .map(({ one }) => view(one, rows.get(keyText(one.key))));
    },
    show(tenant, id) {
      const found = find(tenant, id);
      return view(found, rowsByKey().get(keyText(found.key)));
    },
    slots: (tenant, id, limit) => store.slots(find(tenant, id).key, limit).map(toSlot),
    next: (tenant, id, count) => upcomingTimes(find(tenant, id).trigger, count, times),
    pause: (tenant, id, by, reason) => stop(tenant, id, by, reason),
    resume: (tenant, id, by) => stop(tenant, id, by, undefined),
    run(tenant, id, by, driver) {
      const { workflow, trigger } = find(tenant, id);
      const now = Date.now();
      const at = new Date(now).toISOString();
      const input = scheduleInput(trigger, id, now);
      return startTriggered(project, driver, { workflow, key: null, input, by, trigger: { kind: "schedule", id, at } });
    },
  };
}

/** The next so many times from now on. @throws RangeError for a rule that this machine cannot read */
export function upcomingTimes(rule: CronRule, count: number, times: CronTimes = createCronTimes()): readonly number[] {
  const found: number[] = [];
  for (let at = times.next(rule, Date.now()); at !== null && found.length < count; at = times.next(rule, at)) found.push(at);
  return found;
}

function toSlot({ slotAt, outcome, run, reason }: SlotRow): ScheduleSlot {
  return { at: slotAt, outcome: outcome === "due" ? "queued" : outcome, run, reason };
}
