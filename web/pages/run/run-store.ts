/** A run that is looked at: asked for, moved by its events as they come, and asked for again a moment after they did. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { EventView } from "../../../src/contract/event-view.ts";
import type { RunAnswer, StepPage, StepView } from "../../../src/contract/run-view.ts";
import { problemOf } from "../../api/problem.ts";
import { get } from "../../api/request.ts";
import { listenToFeed } from "../../live/feed.ts";
import { followRun, type StreamHealth } from "../../live/run-stream.ts";
import type { Loaded } from "../../ui/use-loaded.ts";
import { patchRun } from "./patch-run.ts";

export interface RunStore {
  readonly run: ReadonlySignal<Loaded<RunAnswer>>;
  /** All from the first; a new list whenever some came. */
  readonly events: ReadonlySignal<readonly EventView[]>;
  readonly health: ReadonlySignal<StreamHealth>;
  reload(): void;
  stop(): void;
}

/** After an event the run is asked for; more events meanwhile cost no more. */
const REFRESH_MS = 700;
const STEPS_A_PAGE = 500;

export function createRunStore(id: string): RunStore {
  const gone = new AbortController();
  const run = signal<Loaded<RunAnswer>>({ kind: "loading" });
  const events = signal<readonly EventView[]>([]);
  const health = signal<StreamHealth>({ kind: "connecting" });
  let timer = 0;
  let isAsking = false;
  let isWanted = false;

  const load = async (): Promise<void> => {
    isWanted = isAsking;
    if (isAsking) return;
    isAsking = true;
    try {
      const value = await loadRun(id, gone.signal);
      if (!gone.signal.aborted) run.value = { kind: "ready", value, problem: null };
    } catch (thrown) {
      const before = run.peek();
      const problem = problemOf(thrown);
      if (!gone.signal.aborted) run.value = before.kind === "ready" ? { ...before, problem } : { kind: "failed", problem };
    } finally {
      isAsking = false;
    }
    if (isWanted && !gone.signal.aborted) await load();
  };
  const refresh = (): void => {
    if (timer !== 0) return;
    timer = setTimeout(() => {
      timer = 0;
      void load();
    }, REFRESH_MS);
  };
  const stream = followRun({
    run: id,
    heard(fresh) {
      events.value = [...events.peek(), ...fresh];
      const before = run.peek();
      if (before.kind === "ready") run.value = { ...before, value: patchRun(before.value, fresh) };
      refresh();
    },
    changed(value) {
      health.value = value;
    },
  });
  // The stream ends when the run comes to rest; the feed hears when somebody leads it on.
  const leave = listenToFeed({
    heard: ({ runId }) => runId === id && stream.wake(),
    joined() {
      stream.wake();
      refresh();
    },
  });
  void load();
  return {
    run,
    events,
    health,
    reload: () => void load(),
    stop() {
      gone.abort();
      clearTimeout(timer);
      stream.stop();
      leave();
    },
  };
}

/** With all of its steps, of which the first answer may hold a part only. */
export async function loadRun(id: string, signal: AbortSignal, at: number | null = null): Promise<RunAnswer> {
  const answer = await get<RunAnswer>(`/runs/${id}`, { query: { at }, signal });
  if (answer.stepsNext === null || answer.stepsNext === undefined || at !== null) return answer;
  const steps: StepView[] = [...answer.steps];
  for (let cursor: string | null = answer.stepsNext; cursor !== null; ) {
    const page: StepPage = await get<StepPage>(`/runs/${id}/steps`, { query: { cursor, limit: STEPS_A_PAGE }, signal });
    steps.push(...page.steps);
    cursor = page.next;
  }
  return { ...answer, steps, stepsNext: null };
}
