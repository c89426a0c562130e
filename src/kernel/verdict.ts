/** Judges one failure by the step's policies: may it be repeated, when, and what if not. */
import type { Verdict } from "../../actors/step/step.events.ts";
import type { TaskFailure } from "../core/failure.ts";
import type { RunId } from "../core/ids.ts";
import { matchesPattern } from "../expression/matches-pattern.ts";
import { retryDelayMs } from "../plan/retry-delay.ts";
import type { CompiledStep, RetryPolicy } from "../plan/workflow.ts";
import { timerId } from "./timer-id.ts";

/** The delay before the next attempt, as the statechart's `after` and the host's timer take it. */
export interface Delay {
  readonly delayMs: number;
  readonly dueAt: number;
  readonly timer: string;
}

export function verdictOn(step: CompiledStep, failure: TaskFailure): Verdict {
  const { retry, timeout, sideEffect } = step;
  const covered = isCovered(retry, failure);
  return {
    retryable: covered && mayRepeat(step),
    maxRetries: retry.max,
    // A compensation that fails leaves things half undone: a person must look (I-26).
    unrepeatable:
      step.phase.kind === "compensation" ||
      (sideEffect === "once" && failure.code === "OUTPUT_SCHEMA") ||
      (!mayRepeat(step) && failure.class === "lost"),
    onExhausted: retry.onExhausted,
    onTimeout: timeout?.then ?? "fail",
  };
}

/** Whether anything but a person's decision may lead to another attempt (I-17). */
export function mayRepeat({ sideEffect, retry }: CompiledStep): boolean {
  return sideEffect !== "once" && !retry.never;
}

/** Exit codes, statuses and the pattern name failures one by one, so each wins over the class. */
function isCovered(policy: RetryPolicy, failure: TaskFailure): boolean {
  if (policy.max === 0) return false;
  if (failure.exitCode !== undefined && policy.exitCodes.includes(failure.exitCode)) return true;
  if (failure.status !== undefined && policy.statuses.includes(failure.status)) return true;
  if (policy.match !== null && matchesPattern(policy.match, failure.detail ?? failure.title)) return true;
  return policy.on.includes(failure.class);
}

/** When retry number `retry` (1 for the first) is due. `Retry-After` is obeyed when it asks for more, up to the policy's cap. */
export function retryDelay(runId: RunId, step: CompiledStep, retry: number, attempt: number, failure: TaskFailure, now: number): Delay {
  const own = retryDelayMs(step.retry, retry, jitterOf(`${runId}/${step.id}/${attempt}`));
  const asked = Math.min(failure.retryAfterMs ?? 0, step.retry.capMs);
  const delayMs = Math.max(own, asked);
  return { delayMs, dueAt: now + delayMs, timer: timerId({ actor: step.id, kind: "backoff", attempt }) };
}

/**
 * A number in [0, 1) from a text, so that jitter replays. FNV-1a (G. Fowler, L. C. Noll and K.-P. Vo) alone hardly moves when only the
 * last character differs, as in the attempts of one step; the finish of MurmurHash3 (A. Appleby) spreads that over all bits.
 */
export function jitterOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
