/** How long to wait before a retry. Kernel, bounds and documentation all ask here, so that they cannot disagree. */
import type { RetryPolicy } from "./workflow.ts";

/** Retries of a policy that does not say how many: one for each entry of the default table. */
export const RETRY_MAX_DEFAULT = 6;

/**
 * What a step gets that says nothing: no retry. A policy that names only some fields takes the others from here, with `max`
 * from `RETRY_MAX_DEFAULT`; its delays are then 2, 4, 8, 16, 32, 60 s before jitter. `equal` jitter keeps at least half of
 * each delay: it spreads a herd, and yet never hammers a service that has just failed.
 */
export const RETRY_DEFAULTS: RetryPolicy = {
  max: 0,
  never: false,
  strategy: "exponential",
  baseMs: 2_000,
  factor: 2,
  capMs: 60_000,
  jitter: "equal",
  on: ["transient", "timeout"],
  exitCodes: [],
  statuses: [],
  match: null,
  onExhausted: "fail",
};

/**
 * Milliseconds between a failed attempt and its retry.
 *
 * @param retry 1 for the first retry.
 * @param jitter a number from 0 to 1 that the caller draws (the kernel: from a hash of ids, so that it replays).
 */
export function retryDelayMs(policy: RetryPolicy, retry: number, jitter: number): number {
  const delayMs = Math.min(rawDelayMs(policy, Math.max(1, retry)), policy.capMs);
  return Math.round(delayMs * jitterShare(policy.jitter, Math.min(1, Math.max(0, jitter))));
}

/** The longest that `retryDelayMs` can answer for this retry, whatever the jitter. */
export function worstRetryDelayMs(policy: RetryPolicy, retry: number): number {
  return retryDelayMs(policy, retry, 1);
}

/** All delays of a step that fails until its retries are used up, each at its longest. */
export function worstRetryDelaysMs(policy: RetryPolicy): number {
  const grows = policy.strategy !== "exponential" || policy.factor >= 1;
  let total = 0;
  for (let retry = 1; retry <= policy.max; retry++) {
    const delayMs = worstRetryDelayMs(policy, retry);
    const settled = policy.strategy === "fixed" || (grows && delayMs >= Math.round(policy.capMs));
    if (settled) return total + delayMs * (policy.max - retry + 1);
    total += delayMs;
  }
  return total;
}

function rawDelayMs({ strategy, baseMs, factor }: RetryPolicy, retry: number): number {
  if (baseMs === 0) return 0;
  switch (strategy) {
    case "fixed":
      return baseMs;
    case "linear":
      return baseMs * retry;
    case "exponential":
      return baseMs * factor ** (retry - 1);
  }
}

function jitterShare(kind: RetryPolicy["jitter"], jitter: number): number {
  switch (kind) {
    case "none":
      return 1;
    case "full":
      return jitter;
    case "equal":
      return 0.5 + jitter / 2;
  }
}
