/**
 * Timers live in the store; memory holds one alarm for the earliest and the names of those that have fired and are not yet decided.
 *
 * T1 A timer never fires early, and fires once per decision (I-21).
 * T2 Overdue ones fire in the order in which they were due.
 * T3 One that its run ignores stays in the store; it is offered again in a while, never in a loop.
 */
import { toError } from "../../core/errors.ts";
import type { CauseId, RunId } from "../../core/ids.ts";
import type { CauseEvent } from "../../kernel/cause.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DueTimer, StoreReader } from "../../ports/store.ts";

/** Timers taken from the store at once: bounds memory however many are due. */
export const TIMERS_AT_ONCE = 1_024;

/** Until an ignored timer is offered again. */
export const IGNORED_FOR_MS = 1_000;

export interface TimersOptions {
  readonly reader: Pick<StoreReader, "dueTimers" | "nextDueAt">;
  readonly clock: Clock;
  /** Delivers the cause; `decided` is called after the commit that holds its decision. */
  readonly fire: (runId: RunId, causeId: CauseId, event: CauseEvent, decided: () => void) => void;
  /** The runs whose timers fire here; null for all. */
  readonly scope: () => readonly RunId[] | null;
  /** The store could not be read; unless this ends the host, it is asked again in a while. */
  readonly failed: (error: Error) => void;
}

export interface Timers extends Disposable {
  /** A timer has been committed that is due then. */
  noticed(dueAt: number): void;
  /** Looks at the store again: at start, and when runs have been adopted. */
  review(): void;
}

export function createTimers({ reader, clock, fire, scope, failed }: TimersOptions): Timers {
  let alarm: { readonly at: number; readonly handle: Disposable } | null = null;
  const fired = new Set<string>();
  /** Decided, and when each may be offered again if the store has not forgotten it. */
  const spent = new Map<string, number>();
  let isDisposed = false;

  const keyOf = ({ runId, timer, dueAt }: DueTimer): string => `${runId}/${timer}@${dueAt}`;

  function arm(at: number): void {
    if (isDisposed || (alarm !== null && alarm.at <= at)) return;
    alarm?.handle[Symbol.dispose]();
    alarm = { at, handle: clock.wakeAt(at, ring) };
  }

  function ring(): void {
    alarm = null;
    try {
      review();
    } catch (thrown) {
      failed(toError(thrown));
      arm(clock.now() + IGNORED_FOR_MS);
    }
  }

  function review(): void {
    if (isDisposed) return;
    const now = clock.now();
    const due = reader.dueTimers(now, TIMERS_AT_ONCE + spent.size, scope());
    const held = new Set(due.map(keyOf));
    for (const key of spent.keys()) if (!held.has(key)) spent.delete(key);
    const fresh = due.filter((timer) => !fired.has(keyOf(timer)) && (spent.get(keyOf(timer)) ?? 0) <= now);
    for (const timer of fresh.slice(0, TIMERS_AT_ONCE)) launch(timer);
    if (fired.size > 0) return; // The last of them to be decided looks again.
    const next = reader.nextDueAt(scope());
    if (next !== null) arm(next > now ? next : Math.min(...spent.values(), now + IGNORED_FOR_MS));
  }

  function launch(timer: DueTimer): void {
    const key = keyOf(timer);
    fired.add(key);
    fire(timer.runId, `timer:${timer.timer}@${timer.dueAt}` as CauseId, { type: "timer.fired", timer: timer.timer }, () => {
      fired.delete(key);
      spent.set(key, clock.now() + IGNORED_FOR_MS);
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
