/** What is told of seeded series: how little of what is stationary, and how much of what is not. Counted, never timed. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RunId } from "../src/core/ids.ts";
import { ANOMALY_KINDS, type Anomaly, type AnomalyKind } from "../src/ports/anomaly.ts";
import type { RunSample, StepFigures } from "../src/ports/store.ts";
import { computeBaseline, HISTORY_RUNS_MAX, judge, RULES, SAMPLES_MIN, type Sample } from "./anomaly-baseline.ts";
import { createRunWatch } from "./anomaly-watch.ts";

const STEP = "fetch";

/** mulberry32: small, seeded, and the same everywhere. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

type Draw = (next: () => number) => number;
const logNormal =
  (median: number, sigma: number): Draw =>
  (next) =>
    median * Math.exp(sigma * normal(next));
/** Poisson, by multiplying uniform numbers (Knuth). */
const poisson =
  (mean: number): Draw =>
  (next) => {
    let count = -1;
    for (let product = 1; product > Math.exp(-mean); product *= next()) count += 1;
    return count;
  };

const STATIONARY: Readonly<Record<string, Draw>> = {
  "log-normal, 5 %": logNormal(2_000, 0.05),
  "log-normal, 20 %": logNormal(2_000, 0.2),
  "log-normal, 60 %": logNormal(2_000, 0.6),
  "normal, 10 %": (next) => Math.max(0, 5_000 + 500 * normal(next)),
  uniform: (next) => 500 + 2_500 * next(),
  exponential: (next) => -3_000 * Math.log(1 - next()),
  "tiny and quick": logNormal(8, 0.8),
  constant: () => 1_200,
  "two modes, 30 % slow": (next) => (next() < 0.3 ? 60_000 : 1_000) * Math.exp(0.1 * normal(next)),
};

const PLAIN: StepFigures = { durationMs: 1_000, costUsd: 0, retries: 0, outputBytes: 2 };

/** Figures in which everything but one kind is ordinary. */
const FIGURES: Readonly<Record<AnomalyKind, (value: number) => StepFigures>> = {
  duration: (value) => ({ ...PLAIN, durationMs: value }),
  cost: (value) => ({ ...PLAIN, costUsd: value }),
  retries: (value) => ({ ...PLAIN, retries: value }),
  output_size: (value) => ({ ...PLAIN, outputBytes: Math.max(2, Math.round(value)) }),
};

/** One run after the other, each judged by those before it. */
function watchSeries(series: readonly StepFigures[]): (readonly Anomaly[])[] {
  const history: RunSample[] = [];
  return series.map((figures, index) => {
    const watch = createRunWatch(history.slice(0, HISTORY_RUNS_MAX));
    watch.see({ seq: 1, at: 0, actor: STEP, type: "step.started", data: { attempt: 1 } });
    const found = watch.see({
      seq: 2,
      at: 0,
      actor: STEP,
      type: "step.succeeded",
      data: {
        attempt: figures.retries + 1,
        outcome: { kind: "succeeded", output: "x".repeat(figures.outputBytes - 2) },
        usage: { startedAt: 0, endedAt: figures.durationMs, costUsd: figures.costUsd },
      },
    });
    history.unshift({ runId: `run_${index}` as RunId, createdAt: index, endedAt: index, steps: watch.steps });
    return found;
  });
}

interface Counts {
  judged: number;
  told: number;
  planted: number;
  toldPlanted: number;
}

/** Counts over 60 seeds of 80 runs each; with `plant`, one run in fifty gets another value. */
function count(kind: AnomalyKind, draw: Draw, plant?: (value: number, next: () => number) => number): Counts {
  const counts = { judged: 0, told: 0, planted: 0, toldPlanted: 0 };
  for (let seed = 1; seed <= 60; seed += 1) {
    const next = random(seed * 7_919);
    const isPlanted: boolean[] = [];
    const series = Array.from({ length: 80 }, (_, index) => {
      const value = draw(next);
      isPlanted[index] = plant !== undefined && index >= SAMPLES_MIN && next() < 0.02;
      return FIGURES[kind](isPlanted[index] && plant !== undefined ? plant(value, next) : value);
    });
    for (const [index, found] of watchSeries(series).entries()) {
      if (index < SAMPLES_MIN) continue;
      const isTold = found.some((anomaly) => anomaly.kind === kind);
      counts.judged += 1;
      counts.told += Number(isTold);
      counts.planted += Number(isPlanted[index]);
      counts.toldPlanted += Number(isTold && isPlanted[index]);
    }
  }
  return counts;
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

describe("stationary data", () => {
  test.each(Object.entries(STATIONARY))("is quiet: %s", (name, draw) => {
    const { told, judged } = count("duration", draw);
    say(`false alarms, ${name}: ${told} of ${judged} (${percent(told / judged)})`);
    expect(judged).toBe(60 * (80 - SAMPLES_MIN));
    expect(told / judged).toBeLessThan(0.01);
  });

  test("retries and costs of a step that sometimes needs one more attempt are quiet", () => {
    const retries = count("retries", poisson(0.2));
    const cost = count("cost", (next) => 0.04 * (1 + poisson(0.1)(next)));
    say(`false alarms, retries: ${percent(retries.told / retries.judged)}, cost: ${percent(cost.told / cost.judged)}`);
    expect(retries.told / retries.judged).toBeLessThan(0.01);
    expect(cost.told / cost.judged).toBeLessThan(0.01);
  });

  test("a mode that one run in ten has is told only until it has been seen often enough", () => {
    const { told, judged } = count("duration", (next) => (next() < 0.1 ? 60_000 : 1_000) * Math.exp(0.1 * normal(next)));
    say(`told of a mode of 10 %: ${percent(told / judged)} of all runs`);
    expect(told / judged).toBeLessThan(0.06);
  });
});

describe("planted outliers", () => {
  const factor = (value: number, next: () => number): number => value * (3 + 7 * next());
  const cases: readonly (readonly [AnomalyKind, string, Draw, (value: number, next: () => number) => number])[] = [
    ["duration", "3 to 10 times as long", logNormal(2_000, 0.2), factor],
    ["duration", "a third to a tenth as long", logNormal(20_000, 0.2), (value, next) => value / (3 + 7 * next())],
    ["cost", "3 to 10 times as dear", logNormal(0.4, 0.2), factor],
    ["retries", "4 to 8 retries where 0 or 1 are usual", poisson(0.2), (_, next) => 4 + Math.floor(5 * next())],
    ["output_size", "3 to 10 times as large", logNormal(4_000, 0.2), factor],
  ];

  test.each(cases)("%s: %s", (kind, what, draw, plant) => {
    const { told, planted, toldPlanted } = count(kind, draw, plant);
    const precision = toldPlanted / told;
    const recall = toldPlanted / planted;
    say(`${kind}, ${what}: precision ${percent(precision)}, recall ${percent(recall)} of ${planted}`);
    expect(planted).toBeGreaterThan(50);
    expect(precision).toBeGreaterThan(0.9);
    expect(recall).toBeGreaterThan(0.9);
  });
});

describe("one value", () => {
  const samplesOf = (...values: readonly number[]): Sample[] => values.map((value, index) => ({ runId: `run_${index}` as RunId, value }));
  const equal = (value: number, length = 20): Sample[] => samplesOf(...Array.from({ length }, () => value));

  test("nothing is said before there is a history", () => {
    expect(judge("duration", 1e6, equal(1_000, SAMPLES_MIN - 1))).toBeNull();
    expect(judge("duration", 1e6, equal(1_000, SAMPLES_MIN))).toMatchObject({ direction: "above" });
  });

  test("where all earlier values were equal, a small change is none (A4)", () => {
    expect(judge("duration", 1_500, equal(1_000))).toBeNull();
    expect(judge("duration", 2_000, equal(1_000))).toMatchObject({ baseline: { median: 1_000, samples: 20 } });
    expect(judge("duration", 100, equal(10))).toBeNull();
    expect(judge("cost", 0.0013, equal(0.001))).toBeNull();
    expect(judge("retries", 2, equal(0))).toBeNull();
    expect(judge("retries", 3, equal(0))).toMatchObject({ direction: "above" });
    expect(judge("output_size", 300, equal(200))).toBeNull();
  });

  test("a value that is too small is told, too", () => {
    expect(judge("output_size", 2, equal(40_000))).toMatchObject({ direction: "below", baseline: { median: 40_000 } });
  });

  test("what the history has seen more often than once in twenty runs is not told (A5)", () => {
    const seen = (times: number): Sample[] => samplesOf(...Array.from({ length: 20 }, (_, index) => (index < times ? 9_000 : 1_000)));
    expect(judge("duration", 9_000, seen(1))).not.toBeNull();
    expect(judge("duration", 9_000, seen(2))).toBeNull();
    expect(judge("duration", 10_500, seen(2)), "nor is what is nearly as far out").toBeNull();
    expect(judge("duration", 20_000, seen(2)), "what is much farther out is").not.toBeNull();
  });

  test("the run to compare with is the newest of the most ordinary ones", () => {
    const samples = samplesOf(5_000, 1_010, 1_000, 1_000, 990, 1_020, 980, 1_030, 970, 1_000, 1_000);
    expect(judge("duration", 9_000, samples)?.compareWith).toBe("run_2");
  });

  test("whatever the history, no value inside of the range that is given is told, and what is told has a score above 3.5", () => {
    const history = fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { minLength: SAMPLES_MIN, maxLength: 60 });
    fc.assert(
      fc.property(fc.constantFrom(...ANOMALY_KINDS), history, fc.double({ min: 0, max: 1e8, noNaN: true }), (kind, values, observed) => {
        const samples = samplesOf(...values);
        const { low, high, median } = computeBaseline(kind, samples);
        const found = judge(kind, observed, samples);
        expect(low).toBeLessThanOrEqual(median);
        expect(high).toBeGreaterThanOrEqual(median);
        if (found === null) return;
        expect(Math.abs(found.score)).toBeGreaterThanOrEqual(3.5);
        const seen = RULES[kind].round(observed);
        expect(found.direction === "above" ? seen >= high : seen <= low).toBe(true);
      }),
    );
  });
});
