/** What `top` shows: everything that goes on in a state directory at one moment. Also its JSON. */
import type { BreakerState } from "../../ports/breaker.ts";

export interface TopStep {
  readonly id: string;
  /** Dotted, such as `running.executing`. */
  readonly state: string;
  readonly attempt: number;
  /** When its latest attempt began; epoch milliseconds. */
  readonly startedAt: number | null;
  /** When its retry or time-out is due. */
  readonly dueAt: number | null;
  /** Median of what it took before. */
  readonly usualMs: number | null;
  /** What it printed last. */
  readonly lastLine: string | null;
}

export interface TopRun {
  readonly id: string;
  readonly workflow: string;
  /** Dotted. */
  readonly state: string;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly done: number;
  readonly total: number;
  readonly percent: number;
  /** Null where no duration is known. */
  readonly remainingMs: number | null;
  readonly costUsd: number;
  /** Steps that wait for a place. */
  readonly queued: number;
  /** Steps that run, wait for a retry, or wait for a person. */
  readonly steps: readonly TopStep[];
}

/** A breaker that is not closed. */
export interface TopBreaker {
  readonly tenant: string;
  readonly target: string;
  readonly state: BreakerState;
  /** When it came to this state; epoch milliseconds. */
  readonly changedAt: number;
}

export interface TopPicture {
  readonly at: number;
  readonly directory: string;
  /** False while there is no state directory, or none any more. */
  readonly hasState: boolean;
  readonly isDriven: boolean;
  /** All unfinished runs, also those beyond what is listed. */
  readonly unfinished: number;
  /** Steps of the listed runs. */
  readonly running: number;
  readonly queued: number;
  readonly quarantined: number;
  /** Of attempts that ended in the last minute. */
  readonly costPerMinuteUsd: number;
  readonly breakers: readonly TopBreaker[];
  /** Unfinished ones newest first, then those that ended lately. */
  readonly runs: readonly TopRun[];
  /** Why nothing can be read at the moment. */
  readonly problem: string | null;
}

export function emptyPicture(directory: string, at: number, problem: string | null = null): TopPicture {
  const nothing = { isDriven: false, unfinished: 0, running: 0, queued: 0, quarantined: 0, costPerMinuteUsd: 0, breakers: [], runs: [] };
  return { at, directory, hasState: problem !== null, ...nothing, problem };
}
