/** Gauges of an engine and its store, read when somebody asks. */
import type { BreakerState } from "../../src/ports/breaker.ts";
import type { EngineState } from "../../src/ports/engine-meter.ts";
import type { StoreCensus, StoreReader } from "../../src/ports/store.ts";
import { metricList } from "../metrics.ts";
import { createLabelCap, type LabelCap } from "./label-cap.ts";
import { isGauge, type Reading, type Tallies } from "./tallies.ts";

/** Tools that keep series of their own. */
export const TOOLS_MAX = 50;

const ENGINE_GAUGES = metricList.flatMap(([key, { source }]) => (isGauge(key) && (source === "engine" || source === "store") ? key : []));

const BREAKER_STATES: readonly BreakerState[] = ["closed", "open", "half_open"];

/** The census may take at most this share of the time, however often somebody asks and however many runs there are. */
const CENSUS_SHARE_MAX = 0.01;

export interface EngineReadingsOptions {
  readonly tallies: Tallies;
  readonly toolLabel: LabelCap;
  readonly reader: Pick<StoreReader, "census"> | null;
  /** Milliseconds of a clock that never goes back. */
  readonly elapsedMs: () => number;
}

export class EngineReadings {
  readonly #options: EngineReadingsOptions;
  readonly #states = new Set<() => EngineState>();
  #isOwner = false;
  #census: StoreCensus | null = null;
  #censusValidUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: EngineReadingsOptions) {
    this.#options = options;
  }

  /** Where to ask until disposed. Another engine may follow within one process, when the first has let go of its store. */
  attach(state: () => EngineState): Disposable {
    this.#states.add(state);
    this.#isOwner = true;
    return {
      [Symbol.dispose]: () => {
        this.#states.delete(state);
        this.#censusValidUntilMs = Number.NEGATIVE_INFINITY;
      },
    };
  }

  /** A process that never was the engine tells nothing of the store: the one that owns it does. */
  refresh(): void {
    const { gauges } = this.#options.tallies;
    for (const key of ENGINE_GAUGES) gauges.delete(key);
    if (this.#isOwner) this.#readCensus();
    const state = [...this.#states].at(-1)?.();
    if (state !== undefined) this.#readEngine(state);
  }

  #readEngine(state: EngineState): void {
    const { counters, gauges } = this.#options.tallies;
    const { waiting, queueBound, running, limit, breakers, threads } = state;
    gauges.set(
      "queueDepth",
      waiting.map((value, index) => ({ labels: { priority: String(index + 1) }, value })),
    );
    gauges.set("workers", [
      { labels: { state: "busy" }, value: running },
      { labels: { state: "free" }, value: Math.max(0, limit - running) },
    ]);
    gauges.set("backpressure", [{ labels: {}, value: sum(waiting) / queueBound }]);
    gauges.set("poolUtilization", [{ labels: {}, value: threads.busy / threads.limit }]);
    gauges.set("breakerState", breakerReadings(breakers, this.#options.toolLabel));
    // Changes that have not happened yet: a series that is there before its first event lets Prometheus see the first event too.
    for (const target of breakers.keys())
      for (const state of BREAKER_STATES) counters.breakerEvents.at(this.#options.toolLabel(target), state);
  }

  #readCensus(): void {
    const { reader, elapsedMs, tallies } = this.#options;
    const startedMs = elapsedMs();
    if (reader !== null && startedMs >= this.#censusValidUntilMs) {
      try {
        this.#census = reader.census();
      } catch {
        this.#census = null; // A store that cannot be read is told about by those who need it; here a gauge is missing.
      }
      const endedMs = elapsedMs();
      this.#censusValidUntilMs = endedMs + (endedMs - startedMs) / CENSUS_SHARE_MAX;
    }
    if (this.#census === null) return;
    const { runs, quarantinedSteps, pendingApprovals } = this.#census;
    tallies.gauges.set(
      "runsActive",
      [...runs].map(([state, value]) => ({ labels: { state }, value })),
    );
    tallies.gauges.set("quarantined", [
      { labels: { kind: "run" }, value: runs.get("quarantined") ?? 0 },
      { labels: { kind: "step" }, value: quarantinedSteps },
    ]);
    tallies.gauges.set("approvalsPending", [{ labels: {}, value: pendingApprovals }]);
  }
}

/** Every state of every tool, so that a breaker that closes is seen to go to 0. */
function breakerReadings(breakers: ReadonlyMap<string, BreakerState>, toolLabel: LabelCap): Reading[] {
  const counts = new Map<string, Map<BreakerState, number>>();
  for (const [target, state] of breakers) {
    const tool = toolLabel(target);
    const states = counts.get(tool) ?? new Map<BreakerState, number>();
    states.set(state, (states.get(state) ?? 0) + 1);
    counts.set(tool, states);
  }
  return [...counts].flatMap(([tool, states]) =>
    BREAKER_STATES.map((state) => ({ labels: { tool, state }, value: states.get(state) ?? 0 })),
  );
}

export function createToolLabel(): LabelCap {
  return createLabelCap(TOOLS_MAX);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
