/** How far an unfinished run is, from its journal and the history alone: whoever asks gets the same answer, also after a crash. */
import type { RunView } from "../contract/run-view.ts";
import type { RunId } from "../core/ids.ts";
import { hasLiveEngine } from "../main/engine-alive.ts";
import type { Project } from "../main/project-shape.ts";
import type { AttemptRow } from "../ports/store.ts";
import { expectRun } from "./expectation.ts";
import { computeForecast, type Forecast, type ForecastStep } from "./live/forecast.ts";

export interface RunForecast extends Forecast {
  /** Whether an engine is there to make it come true. */
  readonly isDriven: boolean;
  /** Epoch milliseconds; null where nothing is known, or nobody drives the run. */
  readonly endsAt: number | null;
}

/** Null for a run that is at rest. */
export async function forecastRun(project: Project, view: RunView, workers: number): Promise<RunForecast | null> {
  if (view.state !== "running" && view.state !== "pending") return null;
  const runId = view.id as RunId; // Views come from the store.
  const { workflow } = project.snapshot(runId);
  const now = Date.now();
  const startedAt = latestStarts(project.store.attempts(runId));
  const told = new Map<string, ForecastStep>(
    view.steps.map(({ id, detail }) => [id, { state: detail, startedAt: startedAt.get(id) ?? null }]),
  );
  const forecast = computeForecast(told, expectRun(project.store, workflow, workers).expectation, now);
  const isDriven = await hasLiveEngine(project.directory);
  const endsAt = isDriven && forecast.remainingMs !== null ? Math.round(now + forecast.remainingMs) : null;
  return { ...forecast, isDriven, endsAt };
}

/** When the latest attempt of each step began. */
export function latestStarts(attempts: readonly AttemptRow[]): ReadonlyMap<string, number> {
  const starts = new Map<string, number>();
  for (const { step, startedAt } of attempts) starts.set(step, Math.max(startedAt, starts.get(step) ?? 0));
  return starts;
}
