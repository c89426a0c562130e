/** When a delivery is tried again. */
const FIRST_MS = 2_000;
const CAP_MS = 15 * 60_000;
/** A receiver may ask for more patience than ours, but not for ever. */
const ASKED_MAX_MS = 3_600_000;

/**
 * Milliseconds until the next attempt.
 *
 * @param attempts how many came to nothing, at least 1
 * @param jitter a number from 0 to 1
 */
export function notifyRetryMs(attempts: number, retryAfterMs: number | null, jitter: number): number {
  const grown = Math.min(CAP_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 20));
  const own = Math.round(grown / 2 + (grown / 2) * jitter);
  return Math.max(own, Math.min(retryAfterMs ?? 0, ASKED_MAX_MS));
}
