/**
 * From slots that were decided to runs. Acting twice is safe: the run's id comes from the slot, and a slot that is final stays what it is.
 *
 * Overlap is asked of the runs as they are: what has not ended, or waits for a person, is still there.
 */
import { isTroupeError, type TroupeError, toError } from "../../core/errors.ts";
import type { RunId } from "../../core/ids.ts";
import type { ScheduleTrigger } from "../../plan/triggers.ts";
import type { SettledSlot, SlotOutcome, SlotRow } from "../../ports/triggers.ts";
import { LATE_MS } from "../../runtime/schedules/due-slots.ts";
import { nameOf, type ScheduleEntry } from "./schedule-table.ts";

/** Slots of one schedule that wait for its runs; what comes then is skipped. */
const QUEUE_MAX = 100;
/** Runs of a schedule that are looked at: more than that at once is `allow`, which asks for none. */
const RUNS_LOOKED_AT = 100;

export interface SlotActions {
  /** Starts the run of a slot: asked again, it answers with the same. @throws DefinitionErrors, RequestError, TransientError */
  start(entry: ScheduleEntry, slotAt: number): Promise<RunId>;
  cancel(run: RunId, by: string, reason: string): Promise<void>;
  /** Runs that slots of it have started, newest first. */
  startedBy(entry: ScheduleEntry, limit: number): readonly RunId[];
  /** Of a run that has not ended; null for one that has, or that is gone. */
  openState(run: RunId): string | null;
}

export interface SlotResult {
  readonly settled: readonly SettledSlot[];
  /** The workflow cannot be started at all: it waits for a person. */
  readonly quarantine: string | null;
  /** Nothing more is taken at the moment. */
  readonly isBusy: boolean;
}

/** @param slots open ones of one schedule, oldest first */
export async function actOnSlots(entry: ScheduleEntry | undefined, slots: readonly SlotRow[], actions: SlotActions): Promise<SlotResult> {
  const settled: SettledSlot[] = [];
  const settle = ({ outcome: before, ...slot }: SlotRow, outcome: SlotOutcome, run: RunId | null, reason: string | null): void => {
    if (before !== outcome || reason !== slot.reason) settled.push({ ...slot, outcome, run, reason });
  };
  const refusal = whyNone(entry);
  if (entry === undefined || refusal !== null) {
    for (const slot of slots) settle(slot, "skipped", null, refusal);
    return { settled, quarantine: null, isBusy: false };
  }
  const { overlap } = entry.trigger;
  const started = overlap === "allow" ? [] : [...actions.startedBy(entry, RUNS_LOOKED_AT)];
  let waiting = 0;
  for (const [index, slot] of slots.entries()) {
    const running = started.filter((run) => actions.openState(run) !== null);
    const [blocking] = running;
    if (blocking !== undefined && overlap !== "allow") {
      const isNewest = index === slots.length - 1;
      const { outcome, reason } = whileRunning(isMadeUpFor(slot, entry) ? "queue" : overlap, blocking, actions, { isNewest, waiting });
      if (outcome === "queued") waiting += 1;
      if (outcome === "queued" && overlap === "replace") await cancelAll(running, entry, actions);
      settle(slot, outcome, null, reason);
      continue;
    }
    try {
      const run = await actions.start(entry, slot.slotAt);
      started.push(run);
      settle(slot, "started", run, null);
    } catch (thrown) {
      const error = toError(thrown);
      if (isPassing(error)) return { settled, quarantine: null, isBusy: true };
      settle(slot, "failed", null, error.message);
      if (isHopeless(error)) {
        for (const later of slots.slice(index + 1)) settle(later, "skipped", null, "The workflow cannot be started.");
        return { settled, quarantine: error.message, isBusy: false };
      }
    }
  }
  return { settled, quarantine: null, isBusy: false };
}

/** Why none of its slots is started; null where they are. */
function whyNone(entry: ScheduleEntry | undefined): string | null {
  if (entry === undefined) return "The schedule is no longer deployed.";
  if (entry.stop === null) return null;
  return entry.stop.kind === "paused" ? `Paused by ${entry.stop.by}.` : "The schedule is quarantined.";
}

/** Slots of the past that are all made up for come one after another: at their time none was in another's way. */
function isMadeUpFor({ decidedAt, slotAt }: SlotRow, { trigger }: ScheduleEntry): boolean {
  return trigger.overlap === "skip" && trigger.catchup === "all" && decidedAt - slotAt >= LATE_MS;
}

function whileRunning(
  overlap: Exclude<ScheduleTrigger["overlap"], "allow">,
  run: RunId,
  { openState }: SlotActions,
  { isNewest, waiting }: { readonly isNewest: boolean; readonly waiting: number },
): { readonly outcome: "skipped" | "queued"; readonly reason: string } {
  const reason = `${run} is ${openState(run) ?? "just starting"}.`;
  switch (overlap) {
    case "skip":
      return { outcome: "skipped", reason };
    case "queue":
      return waiting < QUEUE_MAX ? { outcome: "queued", reason } : { outcome: "skipped", reason: `${QUEUE_MAX} slots wait already.` };
    case "replace":
      return isNewest ? { outcome: "queued", reason } : { outcome: "skipped", reason: "A later slot takes its place." };
  }
}

async function cancelAll(running: readonly RunId[], entry: ScheduleEntry, { cancel, openState }: SlotActions): Promise<void> {
  for (const run of running) {
    const state = openState(run);
    if (state === null || state.startsWith("running.canceling")) continue;
    try {
      await cancel(run, `schedule:${nameOf(entry.key)}`, "replaced by the next run of its schedule");
    } catch (thrown) {
      const error = toError(thrown);
      if (!(isTroupeError(error) && error.kind === "request")) throw error; // It has ended meanwhile, or is being canceled already.
    }
  }
}

/** Tried again by itself. */
function isPassing(error: Error): boolean {
  return isTroupeError(error) && (error.kind === "transient" || error.kind === "fenced" || error.code === "ENGINE_STOPPED");
}

/** The next slot would end in the same way. */
function isHopeless(error: Error | TroupeError): boolean {
  return isTroupeError(error) && (error.kind === "definition" || error.kind === "invariant");
}
