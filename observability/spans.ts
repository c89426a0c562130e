/**
 * Spans of a run from its journal: `troupe.run` → `troupe.step` → `troupe.attempt` → what the attempt did; items of a
 * fan-out are steps below their step. Equal entries give equal spans,
 * in whichever process and how often they are read, so a run that was killed and resumed is one trace (ADR-0007, ADR-0009).
 *
 * SP1 Every entry is an event of exactly one span.
 * SP2 A span ends in the entry in which its actor comes to rest, and is never changed afterwards. That of a fan-out that is canceled lasts
 *     until the last of its items has stopped, for it encloses theirs.
 * SP3 What a person decides about a quarantined step or run goes on in a new span, linked to the one that had ended.
 * SP4 An anomaly is an event of the span that its entry belongs to, right after it (ADR-0012).
 */
import { stepNameOf } from "../src/core/item-id.ts";
import type { Anomaly } from "../src/ports/anomaly.ts";
import type { ObservedRun } from "../src/ports/observer.ts";
import { isCacheHit } from "./attempt-usage.ts";
import { ATTR } from "./semconv.ts";
import {
  attemptAttributes,
  errorText,
  isFailedAttempt,
  outcomeAttributes,
  outcomeOf,
  processAttributes,
  restAttributes,
  runAttributes,
  stepAttributes,
} from "./spans-attributes.ts";
import { type Entry, isInFlight, isRest, numberIn, objectIn, type Step, textIn } from "./spans-entry.ts";
import { attemptSpanId, derivedSpanId, runSpanId, stepSpanId, traceIdOf } from "./spans-ids.ts";
import { OpenSpan } from "./spans-open.ts";
import type { Attributes, Span, SpanLink } from "./spans-shape.ts";

const NO_ANOMALIES: readonly Anomaly[] = [];

interface OpenAttempt {
  readonly number: number;
  readonly span: OpenSpan;
}

interface StepSpans {
  span: OpenSpan | null;
  /** How many spans it has had; more than one after a person's decision. */
  parts: number;
  attempt: OpenAttempt | null;
  attempts: number;
  /** Span of the attempt whose end nobody saw; the next attempt points to it. */
  lost: string | null;
  /** Items whose spans are open. */
  items: number;
  /** The entry in which it came to rest while items of it were still stopping. */
  rest: Entry | null;
}

export class RunSpans {
  readonly #run: ObservedRun;
  readonly #traceId: string;
  readonly #steps = new Map<string, StepSpans>();
  #attributes: Attributes = {};
  #span: OpenSpan | null = null;
  #spanId: string;
  #parts = 0;

  constructor(run: ObservedRun) {
    this.#run = run;
    this.#traceId = traceIdOf(run);
    this.#spanId = runSpanId(run);
  }

  /**
   * Takes a run's entries in order, from its first one on, and answers with the spans that each has ended, inner ones first.
   * @param anomalies what is unusual about the entry
   */
  take(entry: Entry, anomalies: readonly Anomaly[] = NO_ANOMALIES): readonly Span[] {
    return entry.actor === "run" ? this.#takeRun(entry) : this.#takeStep(entry, anomalies);
  }

  /** Spans that go on, inner ones first. */
  open(): readonly Span[] {
    const steps = [...this.#steps.values()].flatMap(({ attempt, span }) => [attempt?.span ?? null, span]);
    return [...steps, this.#span].filter((span) => span !== null).map((span) => span.toSpan(null, null));
  }

  #takeRun(entry: Entry): readonly Span[] {
    const span = this.#span ?? this.#openRun(entry);
    span.note(entry);
    if (!isRest(entry.to)) return [];
    Object.assign(span.attributes, restAttributes(entry, ATTR.pipelineResult));
    this.#span = null;
    return [span.toSpan(entry.at, errorText(entry, entry.to === "failed" || entry.to === "quarantined"))];
  }

  #openRun(entry: Entry): OpenSpan {
    const { workflow, trace } = this.#run;
    this.#parts += 1;
    const before = this.#spanId;
    if (this.#parts === 1) this.#attributes = runAttributes(this.#run, entry);
    else this.#spanId = derivedSpanId(runSpanId(this.#run), `part ${this.#parts}`);
    const span = this.#opened("run", `troupe.run ${workflow}`, this.#spanId, trace?.spanId ?? null, entry.at, this.#attributes);
    if (this.#parts === 1) this.#linkToParent(span, entry);
    else continued(span, this.#parts, this.#linkTo(before, "continues"));
    this.#span = span;
    return span;
  }

  /** A retry or fork starts inside the trace of its parent run, if that was somebody's, and else in one of its own. */
  #linkToParent(span: OpenSpan, { data }: Entry): void {
    const parent = objectIn(objectIn(data, "start"), "parent");
    const runId = textIn(parent, "runId") as ObservedRun["runId"] | null; // Written by the kernel as such.
    if (runId === null) return;
    const traceId = traceIdOf({ runId, trace: this.#run.trace });
    span.links.push({ traceId, spanId: runSpanId({ runId }), attributes: { [ATTR.link]: textIn(parent, "relation") ?? "parent" } });
  }

  #takeStep(entry: Entry, anomalies: readonly Anomaly[]): readonly Span[] {
    const ended: Span[] = [];
    const { step, span } = this.#stepFor(entry);
    if (entry.on === "attempt.start") this.#openAttempt(step, span, entry);
    const { attempt } = step;
    const isOfAttempt = attempt !== null && entry.type.startsWith("attempt.") && numberIn(entry.data, "attempt") === attempt.number;
    const teller = isOfAttempt ? attempt.span : span;
    teller.note(entry);
    for (const anomaly of anomalies) teller.noteAnomaly(anomaly);
    if (attempt !== null && !isInFlight(entry.to)) ended.push(...this.#endAttempt(step, span, attempt, entry));
    if (!isRest(entry.to)) return ended;
    if (step.items > 0) step.rest = entry;
    else ended.push(this.#endStep(step, span, entry), ...this.#endFanOut(entry));
    return ended;
  }

  /** The fan-out that came to rest before its items, when the last of them has. */
  #endFanOut({ actor, at }: Entry): readonly Span[] {
    const of = this.#fanOutOf(actor);
    if (of === undefined) return [];
    of.items -= 1;
    if (of.items > 0 || of.rest === null || of.span === null) return [];
    return [this.#endStep(of, of.span, { ...of.rest, at })];
  }

  #stepFor(entry: Entry): { readonly step: StepSpans; readonly span: OpenSpan } {
    const id = entry.actor;
    const step = this.#steps.get(id) ?? { span: null, parts: 0, attempt: null, attempts: 0, lost: null, items: 0, rest: null };
    if (step.span !== null) return { step, span: step.span };
    this.#steps.set(id, step);
    step.parts += 1;
    const first = stepSpanId(this.#run, id);
    const spanId = step.parts === 1 ? first : derivedSpanId(first, `part ${step.parts}`);
    const before = step.parts === 2 ? first : derivedSpanId(first, `part ${step.parts - 1}`);
    const span = this.#opened(
      "step",
      `troupe.step ${id}`,
      spanId,
      this.#above(id),
      entry.at,
      stepAttributes(this.#run, id, this.#declared(id)),
    );
    if (step.parts > 1) continued(span, step.parts, this.#linkTo(before, "continues"));
    if (entry.on === "step.carry") {
      span.attributes[ATTR.isCached] = true;
      span.attributes[ATTR.carriedFrom] = textIn(entry.data, "from") ?? "";
    }
    step.span = span;
    const of = this.#fanOutOf(id);
    if (of !== undefined) of.items += 1;
    return { step, span };
  }

  /** The step that an item belongs to; undefined for a step that is none, and when its step had ended before. */
  #fanOutOf(id: string): StepSpans | undefined {
    const of = stepNameOf(id);
    return of === id ? undefined : this.#steps.get(of);
  }

  #above(id: string): string {
    const of = stepNameOf(id);
    return of === id ? this.#spanId : (this.#fanOutOf(id)?.span?.spanId ?? stepSpanId(this.#run, of));
  }

  #endStep(step: StepSpans, span: OpenSpan, entry: Entry): Span {
    Object.assign(span.attributes, restAttributes(entry, ATTR.taskResult), step.attempts > 0 && { [ATTR.attempts]: step.attempts });
    step.span = null;
    // Only a person's decision comes after this; other steps are done with.
    if (entry.to !== "quarantined") this.#steps.delete(entry.actor);
    return span.toSpan(entry.at, errorText(entry, entry.to === "failed" || entry.to === "quarantined"));
  }

  #openAttempt(step: StepSpans, parent: OpenSpan, entry: Entry): void {
    const id = entry.actor;
    const number = numberIn(entry.data, "attempt") ?? 0;
    const spanId = attemptSpanId(this.#run, id, number);
    const attributes = attemptAttributes(this.#run, id, this.#declared(id), number);
    const span = this.#opened("attempt", "troupe.attempt", spanId, parent.spanId, entry.at, attributes);
    if (step.lost !== null) span.links.push(this.#linkTo(step.lost, "lost"));
    if (entry.from === "pending.queued") parent.attributes[ATTR.queueMs] = entry.at - parent.startedAt;
    step.lost = null;
    step.attempts += 1;
    step.attempt = { number, span };
  }

  #endAttempt(step: StepSpans, parent: OpenSpan, { span }: OpenAttempt, entry: Entry): readonly Span[] {
    step.attempt = null;
    if (entry.on === "attempt.requeued") {
      // It never began, and its number and its span are used again.
      step.attempts -= 1;
      parent.absorb(span);
      return [];
    }
    if (outcomeOf(entry) === "lost") step.lost = span.spanId;
    if (isCacheHit(entry.data.usage)) parent.attributes[ATTR.isCached] = true;
    Object.assign(span.attributes, outcomeAttributes(entry));
    return [...this.#operationsOf(span, entry), span.toSpan(entry.at, errorText(entry, isFailedAttempt(entry)))];
  }

  /** What the attempt's executor has told about its process. */
  #operationsOf(attempt: OpenSpan, entry: Entry): readonly Span[] {
    const usage = objectIn(entry.data, "usage");
    const [startedAt, endedAt] = [numberIn(usage, "startedAt"), numberIn(usage, "endedAt")];
    if (usage.logs === undefined || startedAt === null || endedAt === null) return [];
    const clamp = (at: number): number => Math.min(Math.max(at, attempt.startedAt), entry.at);
    const attributes = processAttributes(entry, this.#declared(entry.actor));
    const id = derivedSpanId(attempt.spanId, "process.exec");
    const span = this.#opened("operation", "process.exec", id, attempt.spanId, clamp(startedAt), attributes);
    const exitCode = attributes[ATTR.exitCode];
    const hasFailed = exitCode === undefined ? isFailedAttempt(entry) : exitCode !== 0;
    if (hasFailed) span.attributes[ATTR.errorType] = outcomeAttributes(entry)[ATTR.errorType] ?? "EXIT_CODE";
    return [span.toSpan(Math.max(span.startedAt, clamp(endedAt)), errorText(entry, hasFailed))];
  }

  #opened(role: Span["role"], name: string, spanId: string, parentSpanId: string | null, at: number, attributes: Attributes): OpenSpan {
    return new OpenSpan({ role, name, traceId: this.#traceId, spanId, parentSpanId, startedAt: at }, attributes);
  }

  #linkTo(spanId: string, why: string): SpanLink {
    return { traceId: this.#traceId, spanId, attributes: { [ATTR.link]: why } };
  }

  #declared(id: string): Step | undefined {
    const { steps, indexOf } = this.#run.definition;
    return steps[indexOf.get(stepNameOf(id)) ?? -1];
  }
}

function continued(span: OpenSpan, part: number, link: SpanLink): void {
  span.attributes[ATTR.part] = part;
  span.links.push(link);
}
