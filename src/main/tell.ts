/** Answers that take long where a run or a workflow is large, as the texts that are sent. Whoever is asked needs nothing but the store. */
import type { RunDiffView } from "../contract/run-diff.ts";
import type { SpanView } from "../contract/span-view.ts";
import type { Digest, RunId } from "../core/ids.ts";
import type { Json } from "../core/json.ts";
import type { SeenRun } from "../hosts/embedded/read-run.ts";
import { createReadRun } from "../hosts/embedded/read-run.ts";
import { stepsOf } from "../kernel/roster.ts";
import { sourceOf } from "../kernel/scope.ts";
import type { StoreReader } from "../ports/store.ts";
import type { CompiledCache } from "./compiled-cache.ts";
import { defaultMaxWorkers } from "./default-workers.ts";
import { graphView } from "./placed-graph.ts";
import { readSpans } from "./read-spans.ts";
import { readComparison, readReport } from "./report/read-report.ts";
import { computeRunDiff } from "./report/run-diff.ts";
import { keepReference, listAsCount } from "./run-pages.ts";
import { runViewOf, stepView } from "./views.ts";

export type Telling =
  | { readonly kind: "stats"; readonly run: RunId }
  | { readonly kind: "trace"; readonly run: RunId }
  | { readonly kind: "diff"; readonly left: RunId; readonly right: RunId }
  | { readonly kind: "graph"; readonly definition: Digest };

/** A page draws no more, and 10,000 items have three times as many. */
const SPANS_MAX = 10_000;

export function tell(store: StoreReader, compiled: CompiledCache, telling: Telling): string {
  const snapshot = createReadRun(store, (hash) => compiled.get(hash));
  switch (telling.kind) {
    case "stats":
      return JSON.stringify(readReport({ store, snapshot }, telling.run));
    case "trace": {
      const seen = snapshot(telling.run);
      return JSON.stringify(readSpans(store, seen.workflow, seen.snapshot).slice(0, SPANS_MAX).map(toSpanView));
    }
    case "diff": {
      const [left, right] = [telling.left, telling.right].map((run) => lightView(store, snapshot(run)));
      if (left === undefined || right === undefined) throw new RangeError("a difference has two sides");
      const figures = readComparison({ store, snapshot }, telling.left, telling.right);
      return JSON.stringify({ diff: computeRunDiff(left, right), figures } satisfies RunDiffView);
    }
    case "graph":
      return JSON.stringify(graphView(compiled.get(telling.definition), defaultMaxWorkers()));
  }
}

function toSpanView({ role, name, traceId, spanId, parentSpanId, startedAt, endedAt, attributes, events, error }: SpanSource): SpanView {
  return {
    role,
    name,
    traceId,
    spanId,
    parentSpanId,
    startedAt,
    endedAt,
    attributes,
    events: events.map((event) => ({ name: event.name, at: event.at, attributes: event.attributes })),
    error,
  };
}

type SpanSource = ReturnType<typeof readSpans>[number];

/** Large values stay references, which are equal when the values are. */
function lightView(store: StoreReader, { workflow, snapshot }: SeenRun) {
  const source = sourceOf(workflow, snapshot);
  const { runId } = snapshot.start;
  const byStep = Map.groupBy(store.attempts(runId), ({ step }) => step);
  const list = listAsCount(source);
  const steps = [...stepsOf(source)].map((step) => stepView(step, source, byStep.get(step.id) ?? [], keepReference, list));
  const row = store.run(runId);
  const load: (ref: Parameters<typeof keepReference>[0]) => Json = keepReference;
  return runViewOf(workflow, snapshot, { createdAt: row?.createdAt ?? 0, costUsd: row?.costUsd ?? 0, steps, load });
}
