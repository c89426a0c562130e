/**
 * Timers live in the store; memory holds one alarm for the earliest and the names of those that have fired and are not yet decided.
 *
 * T1 A timer never fires early, and fires once per decision (I-21).
 * T2 Overdue ones fire in the order in which they were due.
 */
import type { CauseId, RunId } from "../../core/ids.ts";
import type { CauseEvent } from "../../kernel/cause.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DueTimer, StoreReader } from "../../ports/store.ts";

/** Timers taken from the store at once: bounds memory however many are due. */
export const TIMERS_AT_ONCE = 1_024;

export interface TimersOptions {
  readonly reader: Pick<StoreReader, "dueTimers" | "nextDueAt">;
  readonly clock: Clock;
  /** Delivers the cause; `decided` is called after the commit that holds its decision. */
  readonly fire: (runId: RunId, causeId: CauseId, event: CauseEvent, decided: () => void) => void;
  /** The runs whose timers fire here; null for all. */
  readonly scope: () => readonly RunId[] | null;
}

export interface Timers extends Disposable {
  /** A timer has been committed that is due then. */
  noticed(dueAt: number): void;
  /** Looks at the store again: at start, and when runs have been adopted. */
  review(): void;
}

export function createTimers({ reader, clock, fire, scope }: TimersOptions): Timers {
  let alarm: { readonly at: number; readonly handle: Disposable } | null = null;
  const fired = new Set<string>();
  let isDisposed = false;

  const keyOf = ({ runId, timer, dueAt }: DueTimer): string => `${runId}/${timer}@${dueAt}`;

  function arm(at: number): void {
    if (isDisposed || (alarm !== null && alarm.at <= at)) return;
    alarm?.handle[Symbol.dispose]();
    alarm = { at, handle: clock.wakeAt(at, ring) };
  }

  function ring(): void {
    alarm = null;
    review();
  }

  function review(): void {
    if (isDisposed) return;
    const now = clock.now();
    const due = reader.dueTimers(now, TIMERS_AT_ONCE, scope()).filter((timer) => !fired.has(keyOf(timer)));
    for (const timer of due) launch(timer);
    if (fired.size > 0) return; // The last of them to be decided looks again.
    const next = reader.nextDueAt(scope());
    if (next !== null) arm(Math.max(next, now));
  }

  function launch(timer: DueTimer): void {
    const key = keyOf(timer);
    fired.add(key);
    fire(timer.runId, `timer:${timer.timer}@${timer.dueAt}` as CauseId, { type: "timer.fired", timer: timer.timer }, () => {
      fired.delete(key);
      if (fired.size === 0) review();
    });
  }

  return {
    noticed: arm,
    review,
    [Symbol.dispose]() {
      isDisposed = true;
      alarm?.handle[Symbol.dispose]();
      alarm = null;
    },
  };
}
