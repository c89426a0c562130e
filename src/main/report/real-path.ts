/**
 * The chain of steps that made a run as long as it was, read backwards from the step that ended last: each waited for the one before it, by
 * a need or by a lock, and the pieces add up to the whole time. A path of expected durations is another thing (`plan`).
 */
import type { PathStep } from "../../contract/run-report.ts";
import type { CompiledStep, CompiledWorkflow } from "../../plan/workflow.ts";
import type { StepTrack } from "./step-track.ts";

interface Holder {
  readonly step: CompiledStep;
  readonly because: "need" | "lock";
  readonly endedAt: number;
}

export function computeRealPath(
  { steps }: CompiledWorkflow,
  tracks: readonly StepTrack[],
  { startedAt, asOf }: { readonly startedAt: number; readonly asOf: number },
): readonly PathStep[] {
  const endOf = (step: CompiledStep): number | null => {
    const track = tracks[step.index];
    if (track === undefined) return null;
    return track.endedAt ?? (track.startedAt === null ? null : asOf);
  };
  /** Who held the step back last; none where it could go on from the start. */
  const holderOf = (step: CompiledStep, readyAt: number): Holder | null => {
    const among = (indices: readonly number[], because: Holder["because"]): Holder[] =>
      indices.flatMap((index) => {
        const other = steps[index];
        const endedAt = tracks[index]?.endedAt ?? null;
        return other === undefined || endedAt === null || endedAt > readyAt ? [] : [{ step: other, because, endedAt }];
      });
    const needs = step.needs.map(({ from }) => from);
    const holders = [...among(needs, "need"), ...among(step.conflicts, "lock").filter(({ step: other }) => hasRun(tracks[other.index]))];
    return holders.reduce<Holder | null>((last, one) => (last === null || one.endedAt > last.endedAt ? one : last), null);
  };

  const path: PathStep[] = [];
  const seen = new Set<number>();
  let current = lastOf(steps, endOf);
  while (current !== null && !seen.has(current.index)) {
    const step = current;
    seen.add(step.index); // A step that was released may have ended after those that waited for it.
    const track = tracks[step.index];
    const end = endOf(step);
    if (track === undefined || end === null) break;
    const holder = holderOf(step, track.readyAt ?? end);
    const from = holder?.endedAt ?? startedAt;
    if (end > from)
      path.push({
        id: step.id,
        because: holder?.because ?? "start",
        after: holder?.step.id ?? null,
        waitMs: Math.max(0, (track.startedAt ?? end) - from),
        runMs: track.split.runMs,
        retryMs: track.split.retryMs,
        heldMs: track.split.heldMs,
        totalMs: end - from,
      });
    current = holder?.step ?? null;
  }
  return path.reverse();
}

function hasRun(track: StepTrack | undefined): boolean {
  return track !== undefined && track.startedAt !== null;
}

function lastOf(steps: readonly CompiledStep[], endOf: (step: CompiledStep) => number | null): CompiledStep | null {
  let last: { readonly step: CompiledStep; readonly end: number } | null = null;
  for (const step of steps) {
    const end = endOf(step);
    if (end !== null && (last === null || end > last.end)) last = { step, end };
  }
  return last?.step ?? null;
}
