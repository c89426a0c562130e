/** Reads a picture from the store alone, so that it is the same whoever drives the runs, and after whatever crash. */
import type { Digest, RunId } from "../../core/ids.ts";
import { createCompiledCache } from "../../main/compiled-cache.ts";
import { declarationsOf } from "../../main/declarations.ts";
import type { Project } from "../../main/project-shape.ts";
import type { BreakerStore } from "../../ports/breaker.ts";
import type { AttemptRow, RunListing, StepRow } from "../../ports/store.ts";
import { type Expected, expectRun } from "../expectation.ts";
import { runningLines } from "../last-lines.ts";
import { computeForecast, type Forecast } from "../live/forecast.ts";
import { latestStarts } from "../run-forecast.ts";
import type { TopBreaker, TopPicture, TopRun, TopStep } from "./top-picture.ts";

const UNFINISHED = ["running", "pending", "quarantined"];
const ENDED = ["succeeded", "failed", "canceled"];
const RUNS_MAX = 100;
const ENDED_MAX = 5;
/** Ended runs stay in sight for so long. */
const ENDED_SHOWN_MS = 10 * 60_000;
const MINUTE_MS = 60_000;
/** History changes slowly, and reading it costs a query and a plan. */
const EXPECTATION_KEPT_MS = 30_000;

export interface PictureReader {
  /** @param linesOf the run whose steps' last lines are read too; null for every run's */
  read(now: number, isDriven: boolean, linesOf: string | null): TopPicture;
}

/** @param workers attempts that may run at once */
export function createPictureReader(project: Project, workers: number): PictureReader {
  const { store } = project;
  const compiled = createCompiledCache(store, declarationsOf([]));
  const expected = new Map<Digest, { readonly at: number; readonly value: Expected | null }>();

  const expectationOf = ({ definition }: RunListing, now: number): Expected | null => {
    const known = expected.get(definition);
    if (known !== undefined && now - known.at < EXPECTATION_KEPT_MS) return known.value;
    let value: Expected | null = null;
    try {
      value = expectRun(store, compiled.get(definition), workers);
    } catch {
      // A workflow with step types of another program: then done steps have to do.
    }
    expected.set(definition, { at: now, value });
    return value;
  };

  return {
    read(now, isDriven, linesOf) {
      const unfinished = store.runs({ states: UNFINISHED, limit: RUNS_MAX });
      const ended = store
        .runs({ states: ENDED, limit: ENDED_MAX })
        .filter(({ endedAt }) => endedAt !== null && now - endedAt < ENDED_SHOWN_MS);
      let spentUsd = 0;
      const runs = [...unfinished, ...ended].map((row) => {
        const isOpen = row.endedAt === null;
        const attempts = isOpen || (row.costUsd > 0 && now - (row.endedAt ?? 0) < MINUTE_MS) ? store.attempts(row.id) : [];
        spentUsd += spentSince(attempts, now - MINUTE_MS);
        const steps = isOpen ? store.steps(row.id) : [];
        const wantsLines = isOpen && (linesOf === null || linesOf === row.id);
        return toTopRun(row, steps, latestStarts(attempts), isOpen ? expectationOf(row, now) : null, {
          now,
          lines: wantsLines ? readLines(project, row.id, steps, attempts) : new Map(),
        });
      });
      const states = runs.flatMap(({ steps }) => steps.map(({ state }) => state));
      return {
        at: now,
        directory: project.directory,
        hasState: true,
        isDriven,
        unfinished: unfinished.length < RUNS_MAX ? unfinished.length : Math.max(RUNS_MAX, store.unfinishedRuns().length),
        running: states.filter((state) => state === "running.executing" || state === "running.stopping").length,
        queued: runs.reduce((sum, { queued }) => sum + queued, 0),
        quarantined: states.filter((state) => state === "quarantined").length,
        costPerMinuteUsd: spentUsd,
        breakers: openBreakers(store),
        runs,
        problem: null,
      };
    },
  };
}

function openBreakers(store: BreakerStore): readonly TopBreaker[] {
  return store
    .breakers(0)
    .filter(({ actor }) => actor.state !== "closed")
    .map(({ tenant, target, actor: { state }, changedAt }) => ({ tenant, target, state, changedAt }));
}

function spentSince(attempts: readonly AttemptRow[], since: number): number {
  return attempts.reduce((sum, { endedAt, costUsd }) => sum + (endedAt !== null && endedAt >= since ? (costUsd ?? 0) : 0), 0);
}

interface Shown {
  readonly now: number;
  readonly lines: ReadonlyMap<string, string>;
}

function toTopRun(
  row: RunListing,
  steps: readonly StepRow[],
  starts: ReadonlyMap<string, number>,
  expected: Expected | null,
  { now, lines }: Shown,
): TopRun {
  const { id, workflow, state, startedAt, endedAt, stepsDone: done, stepsTotal: total, costUsd } = row;
  const told = new Map(steps.map(({ step, state: at }) => [step as string, { state: at, startedAt: starts.get(step) ?? null }]));
  const forecast = expected === null ? byCount(row) : computeForecast(told, expected.expectation, now);
  return {
    id,
    workflow,
    state,
    startedAt,
    endedAt,
    done,
    total,
    ...forecast,
    costUsd,
    queued: steps.filter(({ state: at }) => at === "pending.queued" || at === "running.waiting").length,
    steps: steps
      .filter(
        ({ state: at }) =>
          at === "running.executing" || at === "running.stopping" || at === "retrying" || at === "quarantined" || at === "running.parked",
      )
      .map(
        ({ step, state: at, attempt, dueAt }): TopStep => ({
          id: step,
          state: at,
          attempt,
          startedAt: starts.get(step) ?? null,
          dueAt,
          usualMs: expected?.p50Ms.get(step) ?? null,
          lastLine: lines.get(step) ?? null,
        }),
      ),
  };
}

function byCount({ state, stepsDone, stepsTotal, endedAt }: RunListing): Forecast {
  const percent = state === "succeeded" || stepsTotal === 0 ? 100 : Math.floor((100 * stepsDone) / stepsTotal);
  return { percent: endedAt === null ? Math.min(99, percent) : percent, remainingMs: null };
}

function readLines(
  { directory }: Project,
  runId: RunId,
  steps: readonly StepRow[],
  attempts: readonly AttemptRow[],
): ReadonlyMap<string, string> {
  const running = new Set<string>(steps.filter(({ state }) => state === "running.executing").map(({ step }) => step));
  return running.size === 0 ? new Map() : runningLines(attempts, directory, runId, running);
}
