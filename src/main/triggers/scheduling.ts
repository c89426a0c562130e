/** The scheduler of a project: on the clock of the wall, for as long as the driver's engine owns the store. */
import { createWallClock } from "../../adapters/clock-system/wall-clock.ts";
import { createCronTimes } from "../../adapters/cron-croner/times.ts";
import type { RunId } from "../../core/ids.ts";
import type { Json } from "../../core/json.ts";
import { triggersOf } from "../../definition/index.ts";
import { scopeOf } from "../../expression/scope.ts";
import { evaluateField } from "../../plan/evaluate-field.ts";
import type { ScheduleTrigger } from "../../plan/triggers.ts";
import type { Driver, Project } from "../project-shape.ts";
import { nameOf, type ScheduleEntry } from "./schedule-table.ts";
import { createScheduler, type Scheduler, type SchedulerOptions } from "./scheduler.ts";
import { startTriggered } from "./start-triggered.ts";

export type SchedulingOptions = Pick<SchedulerOptions, "warn" | "settled"> & Partial<Pick<SchedulerOptions, "clock" | "times">>;

export function openScheduling(project: Project, driver: Driver, options: SchedulingOptions): Scheduler {
  return createScheduler({
    store: project.store,
    clock: createWallClock(),
    times: createCronTimes(),
    read: triggersOf,
    // After repeated crashes nothing is started by itself (I-20).
    epoch: () => (driver.safeMode ? null : driver.epoch),
    start: (entry, slotAt) => startSlot(project, driver, entry, slotAt),
    cancel: (run, by, reason) => driver.post(run, { type: "run.cancel", by, reason }),
    ...options,
  });
}

function startSlot(project: Project, driver: Driver, { key, workflow, trigger }: ScheduleEntry, slotAt: number): Promise<RunId> {
  const id = nameOf(key);
  const at = new Date(slotAt).toISOString();
  return startTriggered(project, driver, {
    workflow,
    key: ["schedule", key.workflow, key.schedule, at],
    input: scheduleInput(trigger, id, slotAt),
    by: `schedule:${id}`,
    trigger: { kind: "schedule", id, at },
  });
}

/** @throws DefinitionError EXPR_* */
export function scheduleInput({ input }: ScheduleTrigger, id: string, at: number): Json | undefined {
  return input === null ? undefined : evaluateField(input, scopeOf({ schedule: { id, at: new Date(at).toISOString() } }));
}
