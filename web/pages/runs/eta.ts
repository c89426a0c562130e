/** How long a run will still take: as long as it usually does, or else as its progress so far lets one guess. */
import type { RunSummary } from "../../../src/contract/run-summary.ts";

export type Usual = ReadonlyMap<string, number>;

/** Median duration of the runs of each workflow that have succeeded. */
export function usualDurations(rows: readonly RunSummary[]): Usual {
  const byWorkflow = new Map<string, number[]>();
  for (const { workflow, state, durationMs } of rows) {
    if (state !== "succeeded" || durationMs === null) continue;
    const known = byWorkflow.get(workflow);
    if (known === undefined) byWorkflow.set(workflow, [durationMs]);
    else known.push(durationMs);
  }
  return new Map(
    [...byWorkflow].map(([workflow, all]) => {
      all.sort((one, other) => one - other);
      return [workflow, all[Math.floor(all.length / 2)] ?? 0];
    }),
  );
}

/** Milliseconds; null where nothing can be said. */
export function remainingMs({ workflow, state, startedAt, progress }: RunSummary, usual: Usual, now: number): number | null {
  // Nobody knows how long a person takes.
  if (startedAt === null || !state.startsWith("running") || /waiting|paused/.test(state)) return null;
  const elapsed = now - startedAt;
  const known = usual.get(workflow);
  if (known !== undefined && known > elapsed) return known - elapsed;
  const { done, total } = progress;
  return done === 0 || done >= total ? null : (elapsed * (total - done)) / done;
}
