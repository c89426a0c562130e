/**
 * Attributes of spans and of their events. Inputs, outputs, environments and what steps print stay here: a trace goes to other people's
 * servers (S-38). Of failures, code, class and title are told, never the detail, which may quote what a step printed.
 */
import { parseItemId } from "../src/core/item-id.ts";
import type { JsonObject } from "../src/core/json.ts";
import type { Anomaly } from "../src/ports/anomaly.ts";
import type { ObservedRun } from "../src/ports/observer.ts";
import { cacheResultOf } from "./attempt-usage.ts";
import { ATTR, toResult } from "./semconv.ts";
import { type Entry, failureOf, numberIn, objectIn, type Step, textIn } from "./spans-entry.ts";
import { type Attributes, type AttributeValue, bounded, type SpanEvent } from "./spans-shape.ts";

/** Labels of a run that become attributes. */
const LABELS_MAX = 16;
const LABEL_CHARS_MAX = 100;

export function eventOf({ type, at, seq, on, from, to, causeId, data }: Entry): SpanEvent {
  const reason = textIn(data, "reason") ?? textIn(objectIn(data, "reason"), "text");
  return {
    name: type,
    at,
    attributes: defined({
      [ATTR.from]: from,
      [ATTR.to]: to,
      [ATTR.seq]: seq,
      [ATTR.cause]: bounded(causeId),
      [ATTR.on]: on,
      [ATTR.attempt]: numberIn(data, "attempt"),
      [ATTR.by]: shown(textIn(data, "by") ?? textIn(objectIn(data, "reason"), "by")),
      [ATTR.reason]: shown(reason),
    }),
  };
}

/** The figures only: what a step gave is not among them. */
export function anomalyEventOf({ kind, unit, at, seq, attempt, observed, direction, score, baseline, compareWith }: Anomaly): SpanEvent {
  return {
    name: "anomaly.detected",
    at,
    attributes: {
      [ATTR.seq]: seq,
      [ATTR.attempt]: attempt,
      [ATTR.anomalyKind]: kind,
      [ATTR.anomalyUnit]: unit,
      [ATTR.anomalyObserved]: observed,
      [ATTR.anomalyDirection]: direction,
      [ATTR.anomalyScore]: score,
      [ATTR.anomalyMedian]: baseline.median,
      [ATTR.anomalyLow]: baseline.low,
      [ATTR.anomalyHigh]: baseline.high,
      [ATTR.anomalySamples]: baseline.samples,
      [ATTR.anomalyCompareWith]: compareWith,
    },
  };
}

/** `data` is that of the run's first entry. */
export function runAttributes({ runId, tenant, workflow, definition }: ObservedRun, { data }: Entry): Attributes {
  const start = objectIn(data, "start");
  const parent = objectIn(start, "parent");
  const labels = Object.entries(objectIn(start, "labels")).slice(0, LABELS_MAX);
  return defined({
    [ATTR.pipelineName]: workflow,
    [ATTR.pipelineRunId]: runId,
    [ATTR.tenant]: bounded(tenant),
    [ATTR.definition]: definition.hash,
    [ATTR.priority]: numberIn(start, "priority"),
    [ATTR.stepsTotal]: definition.steps.length,
    [ATTR.parentRun]: textIn(parent, "runId"),
    [ATTR.relation]: textIn(parent, "relation"),
    ...Object.fromEntries(labels.map(([name, value]) => [`${ATTR.label}${bounded(name, LABEL_CHARS_MAX)}`, bounded(String(value))])),
  });
}

export function stepAttributes({ runId, workflow }: ObservedRun, id: string, step: Step | undefined): Attributes {
  return defined({
    [ATTR.taskName]: id,
    [ATTR.taskRunId]: `${runId}/${id}`,
    [ATTR.pipelineName]: workflow,
    [ATTR.pipelineRunId]: runId,
    [ATTR.stepType]: step?.type ?? null,
    [ATTR.item]: shown(parseItemId(id)?.key ?? null),
  });
}

export function attemptAttributes({ runId }: ObservedRun, id: string, step: Step | undefined, attempt: number): Attributes {
  return defined({
    [ATTR.attempt]: attempt,
    [ATTR.stepId]: id,
    [ATTR.stepType]: step?.type ?? null,
    [ATTR.pipelineRunId]: runId,
  });
}

/** What the entry tells in which a run or step comes to rest. */
export function restAttributes(entry: Entry, result: string): Attributes {
  const { to, data } = entry;
  const failure = to === "succeeded" ? null : failureOf(entry);
  return defined({
    [ATTR.state]: to,
    [result]: toResult(to, failure?.class ?? null),
    [ATTR.reason]: shown(textIn(objectIn(data, "reason"), "text") ?? textIn(data, "reason")),
    ...failureAttributes(entry, to === "failed" || to === "quarantined"),
  });
}

/** What the entry tells that ends an attempt. */
export function outcomeAttributes(entry: Entry): Attributes {
  const usage = objectIn(entry.data, "usage");
  return defined({
    [ATTR.outcome]: outcomeOf(entry),
    [ATTR.costUsd]: numberIn(usage, "costUsd"),
    [ATTR.tool]: shown(textIn(usage, "tool")),
    ...usedAttributes(usage),
    ...failureAttributes(entry, isFailedAttempt(entry)),
  });
}

/** Counts and verdicts; what a cache, a gate or a merge told in words stays in the journal. */
function usedAttributes(usage: JsonObject): Record<string, AttributeValue | null> {
  const [tokens, cache, gate, merge] = ["tokens", "cache", "gate", "merge"].map((name) => objectIn(usage, name)) as [
    JsonObject,
    JsonObject,
    JsonObject,
    JsonObject,
  ]; // As many as there are names.
  return {
    [ATTR.inputTokens]: numberIn(tokens, "input"),
    [ATTR.outputTokens]: numberIn(tokens, "output"),
    [ATTR.cacheResult]: usage.cache === undefined ? null : cacheResultOf(cache),
    [ATTR.cacheKey]: shown(textIn(cache, "key")),
    [ATTR.gatePassed]: typeof gate.ok === "boolean" ? gate.ok : null,
    [ATTR.testsPassed]: numberIn(gate, "passed"),
    [ATTR.testsFailed]: numberIn(gate, "failed"),
    [ATTR.testsSkipped]: numberIn(gate, "skipped"),
    [ATTR.coverage]: numberIn(gate, "coverage"),
    [ATTR.isMerged]: typeof merge.merged === "boolean" ? merge.merged : null,
    [ATTR.conflicts]: numberIn(merge, "conflicts"),
  };
}

export function processAttributes(entry: Entry, step: Step | undefined): Attributes {
  const logs = objectIn(objectIn(entry.data, "usage"), "logs");
  const failure = failureOf(entry);
  // A success of a step that accepts other codes could have been any of them.
  const isPlainSuccess = outcomeOf(entry) === "succeeded" && step?.config.success_codes === undefined;
  return defined({
    [ATTR.exitCode]: failure?.exitCode ?? (isPlainSuccess ? 0 : null),
    [ATTR.signal]: shown(failure?.signal ?? null),
    [ATTR.stdoutBytes]: numberIn(objectIn(logs, "stdout"), "bytes"),
    [ATTR.stderrBytes]: numberIn(objectIn(logs, "stderr"), "bytes"),
  });
}

/**
 * `succeeded failed timed_out stopped lost`, or `parked` and `fanned` where the step goes on without it. An attempt without an outcome died
 * with its engine, and the step was taken from it.
 */
export function outcomeOf({ on, data }: Entry): string {
  if (on === "attempt.parked") return "parked";
  if (on === "attempt.fanned") return "fanned";
  return textIn(objectIn(data, "outcome"), "kind") ?? "lost";
}

export function isFailedAttempt(entry: Entry): boolean {
  const outcome = outcomeOf(entry);
  return outcome === "failed" || outcome === "timed_out" || outcome === "lost";
}

/** Why a span counts as an error, in words; null where it does not. */
export function errorText(entry: Entry, isError: boolean): string | null {
  if (!isError) return null;
  const reason = textIn(entry.data, "reason") ?? textIn(objectIn(entry.data, "reason"), "text");
  return bounded(failureOf(entry)?.title ?? reason ?? "It was lost with its engine.");
}

function failureAttributes(entry: Entry, isError: boolean): Record<string, AttributeValue | null> {
  if (!isError) return {};
  const failure = failureOf(entry);
  return {
    [ATTR.errorType]: shown(failure?.code ?? (entry.to === "quarantined" ? "QUARANTINED" : "LOST")),
    [ATTR.failureClass]: failure?.class ?? null,
  };
}

function shown(text: string | null): string | null {
  return text === null ? null : bounded(text);
}

function defined(values: Readonly<Record<string, AttributeValue | null>>): Attributes {
  const kept: Record<string, AttributeValue> = {};
  for (const name in values) {
    const value = values[name];
    if (value !== undefined && value !== null && value !== "") kept[name] = value;
  }
  return kept;
}
