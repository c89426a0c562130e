/** The spans of a stored run, from its journal alone: what a collector would have been sent, and what goes on. */
import { readHistory } from "../../observability/anomaly-history.ts";
import { createRunWatch, type RunWatch } from "../../observability/anomaly-watch.ts";
import { entriesOf } from "../../observability/run-entries.ts";
import { RunSpans } from "../../observability/spans.ts";
import { toOtlpJson } from "../../observability/spans-otlp.ts";
import type { Span } from "../../observability/spans-shape.ts";
import type { JsonObject } from "../core/json.ts";
import type { RunSnapshot } from "../kernel/snapshot.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { StoreReader } from "../ports/store.ts";

export type { Span } from "../../observability/spans-shape.ts";

/** Outer spans come before inner ones, and otherwise what began first. A span that goes on has no end. */
export function readSpans(store: StoreReader, workflow: CompiledWorkflow, { start }: RunSnapshot): readonly Span[] {
  const { runId, tenant, trace } = start;
  const steps = workflow.steps.length;
  const spans = new RunSpans({ runId, tenant, workflow: start.workflow, definition: workflow, trace });
  const found: Span[] = [];
  let watch: RunWatch | null = null;
  for (const entry of entriesOf(store, runId)) {
    watch ??= createRunWatch(readHistory(store, { tenant, workflow: start.workflow, runId, createdAt: entry.at, steps }));
    found.push(...spans.take(entry, watch.see(entry)));
  }
  return [...found, ...spans.open()].reverse().sort((one, other) => one.startedAt - other.startedAt || DEPTH[one.role] - DEPTH[other.role]);
}

const DEPTH: Readonly<Record<Span["role"], number>> = { run: 0, step: 1, attempt: 2, operation: 3 };

/** As an OTLP request in JSON, for any collector's `/v1/traces`. Spans that go on are left out: their end is not known. */
export function spansToOtlp(spans: readonly Span[], version: string): JsonObject {
  return toOtlpJson(
    spans.filter(({ endedAt }) => endedAt !== null),
    version,
  );
}
