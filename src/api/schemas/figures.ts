/** Figures of runs: reports, differences, spans. */
import { Type } from "typebox";
import type { RunDiffView } from "../../contract/run-diff.ts";
import type { RunReport } from "../../contract/run-report.ts";
import type { SpanView } from "../../contract/span-view.ts";
import { at, component, count, json, milliseconds, nullable, object, textOrNull, time, usd } from "./shared.ts";

const ms = Type.Number({ description: "Milliseconds." });
const ratio = Type.Number();

const Anomaly = Type.Object({
  kind: Type.String(),
  unit: Type.String(),
  step: Type.String(),
  attempt: count,
  seq: count,
  at,
  observed: Type.Number(),
  direction: Type.String(),
  score: Type.Number(),
  baseline: Type.Object({ median: Type.Number(), low: Type.Number(), high: Type.Number(), samples: count }),
  compareWith: Type.String(),
});

const StepReport = Type.Object({
  id: Type.String(),
  type: Type.String(),
  state: Type.String(),
  isReused: Type.Boolean(),
  skippedBecause: textOrNull,
  startedAt: time,
  endedAt: time,
  tookMs: milliseconds,
  workMs: ms,
  resultMs: milliseconds,
  attempts: Type.Array(Type.Object({ attempt: count, startedAt: at, endedAt: time, outcome: textOrNull, costUsd: usd, tool: textOrNull })),
  costUsd: usd,
  outputBytes: nullable(count),
  items: nullable(Type.Object({ total: count, states: Type.Record(Type.String(), count), attempts: count, retries: count, longestMs: ms })),
  manualMinutes: nullable(Type.Number()),
  blockedMs: ms,
  queueMs: ms,
  runMs: ms,
  retryMs: ms,
  heldMs: ms,
});

export const Report = component<RunReport>(
  "Report",
  Type.Object({
    run: Type.Object({
      id: Type.String(),
      workflow: Type.String(),
      definitionHash: Type.String(),
      tenant: Type.String(),
      state: Type.String(),
      createdAt: at,
      startedAt: time,
      endedAt: time,
      parent: nullable(Type.Object({ runId: Type.String(), relation: Type.String(), from: textOrNull })),
    }),
    asOf: at,
    progress: Type.Object({ done: count, total: count, percent: count }),
    time: Type.Object({ elapsedMs: ms, workMs: ms, queueMs: ms, runMs: ms, retryMs: ms, heldMs: ms }),
    criticalPath: Type.Object({
      steps: Type.Array(
        Type.Object({
          id: Type.String(),
          because: Type.String(),
          after: textOrNull,
          waitMs: ms,
          totalMs: ms,
          runMs: ms,
          retryMs: ms,
          heldMs: ms,
        }),
      ),
      totalMs: ms,
    }),
    parallel: Type.Object({ peak: count, speedup: ratio, speedupLimit: ratio, efficiency: ratio }),
    cache: Type.Object({ reusedSteps: count, savedMs: milliseconds }),
    cost: Type.Object({ usd, wastedUsd: usd, byTool: Type.Record(Type.String(), usd) }),
    savings: Type.Object({
      declaredSteps: count,
      manualMs: ms,
      savedMs: ms,
      savedUsd: nullable(Type.Number()),
      roi: nullable(ratio),
      breakEvenUsdPerHour: nullable(Type.Number()),
    }),
    quality: Type.Object({
      executedSteps: count,
      succeededFirst: count,
      firstAttemptRate: nullable(ratio),
      attempts: count,
      failedAttempts: count,
      timedOutAttempts: count,
      lostAttempts: count,
      retries: count,
      failedSteps: count,
      skippedSteps: count,
      quarantines: count,
      engineDeaths: count,
    }),
    anomalies: Type.Array(Anomaly),
    steps: Type.Array(StepReport),
  }),
);

const pair = <TOf extends Parameters<typeof Type.Array>[0]>(of: TOf) => Type.Array(of, { minItems: 2, maxItems: 2 });
const figure = nullable(Type.Number());
const change = { left: figure, right: figure, delta: figure };
const Change = Type.Object(change);
const Judged = Type.Object({
  ...change,
  significance: Type.Object({
    kind: Type.Enum(["significant", "ordinary", "not_enough_history", "not_comparable"] as const),
    score: Type.Optional(Type.Number()),
    samples: Type.Optional(count),
    needed: Type.Optional(count),
  }),
});

export const Diff = component<RunDiffView>(
  "Diff",
  Type.Object({
    diff: Type.Object({
      left: Type.String(),
      right: Type.String(),
      sameWorkflow: Type.Boolean(),
      sameDefinition: Type.Boolean(),
      sameInput: Type.Boolean(),
      state: pair(Type.String()),
      durationMs: pair(milliseconds),
      costUsd: pair(usd),
      output: nullable(pair(json)),
      steps: Type.Array(
        Type.Object({
          id: Type.String(),
          only: textOrNull,
          state: pair(textOrNull),
          attempts: pair(count),
          durationMs: pair(milliseconds),
          output: nullable(pair(json)),
          isChanged: Type.Boolean(),
        }),
      ),
    }),
    figures: Type.Object({
      left: Type.String(),
      right: Type.String(),
      workflow: pair(Type.String()),
      sameDefinition: Type.Boolean(),
      history: nullable(Type.Object({ runs: count, before: Type.String() })),
      elapsedMs: Change,
      workMs: Change,
      queueMs: Change,
      retryMs: Change,
      costUsd: Change,
      speedup: Change,
      efficiency: Change,
      savedMs: Change,
      firstAttemptRate: Change,
      steps: Type.Array(
        Type.Object({
          id: Type.String(),
          only: textOrNull,
          state: pair(textOrNull),
          durationMs: Judged,
          costUsd: Judged,
          retries: Judged,
          outputBytes: Judged,
          queueMs: Change,
          retryMs: Change,
        }),
      ),
    }),
  }),
);

export const Trace = Type.Unsafe<readonly SpanView[]>(
  Type.Array(
    Type.Object({
      role: Type.Enum(["run", "step", "attempt", "operation"] as const),
      name: Type.String(),
      traceId: Type.String(),
      spanId: Type.String(),
      parentSpanId: textOrNull,
      startedAt: at,
      endedAt: time,
      attributes: object,
      events: Type.Array(Type.Object({ name: Type.String(), at, attributes: object })),
      error: textOrNull,
    }),
    { description: "Outer spans first, 10,000 at most." },
  ),
);
