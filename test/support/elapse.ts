/**
 * Lets time pass where time itself is what a test is about: kills at random moments, timers over restarts, cancels spread over a run.
 * A test that waits for something waits for the fact.
 */
import { setTimeout as sleep } from "node:timers/promises";

export async function elapse(ms: number): Promise<void> {
  await sleep(ms);
}
