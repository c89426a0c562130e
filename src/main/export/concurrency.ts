/** How many attempts ran at once, and when. */
import type { AttemptRecord } from "./attempts.ts";

export interface ConcurrencyReport {
  readonly peak: number;
  /** Attempts that ran at the same time on average, between the first start and the last end. */
  readonly average: number;
  readonly byTool: Readonly<Record<string, { readonly attempts: number; readonly peak: number }>>;
  /** After each change; one that ends when another begins makes room for it. Epoch milliseconds. */
  readonly timeline: readonly { readonly at: number; readonly running: number }[];
}

type Spent = Pick<AttemptRecord, "startedAt" | "endedAt" | "tool">;

/** @param asOf the end of what still runs, in epoch milliseconds */
export function computeConcurrency(attempts: readonly Spent[], asOf: number): ConcurrencyReport {
  const timeline = timelineOf(attempts, asOf);
  const [first] = timeline;
  const last = timeline.at(-1);
  const spanMs = first === undefined || last === undefined ? 0 : last.at - first.at;
  const workMs = attempts.reduce((sum, { startedAt, endedAt }) => sum + Math.max(0, (endedAt ?? asOf) - startedAt), 0);
  const byTool = Map.groupBy(attempts, ({ tool }) => tool ?? "");
  return {
    peak: peakOf(timeline),
    average: spanMs === 0 ? 0 : workMs / spanMs,
    byTool: Object.fromEntries(
      [...byTool]
        .filter(([tool]) => tool !== "")
        .map(([tool, own]) => [tool, { attempts: own.length, peak: peakOf(timelineOf(own, asOf)) }]),
    ),
    timeline,
  };
}

function timelineOf(attempts: readonly Spent[], asOf: number): ConcurrencyReport["timeline"] {
  const changes = new Map<number, number>();
  const change = (at: number, by: number): void => void changes.set(at, (changes.get(at) ?? 0) + by);
  for (const { startedAt, endedAt } of attempts) {
    change(startedAt, 1);
    change(Math.max(startedAt, endedAt ?? asOf), -1);
  }
  let running = 0;
  return [...changes]
    .toSorted(([one], [other]) => one - other)
    .map(([at, by]) => {
      running += by;
      return { at, running };
    });
}

function peakOf(timeline: ConcurrencyReport["timeline"]): number {
  return timeline.reduce((peak, { running }) => Math.max(peak, running), 0);
}
