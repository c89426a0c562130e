/**
 * Identity in W3C traces, computed from the ids of runs and steps: whoever describes a run, in whichever process, before or after a
 * crash, names the same trace and the same spans, and nothing has to be stored for it (ADR-0007).
 */
import type { RunId } from "./ids.ts";
import { sha256 } from "./sha256.ts";

/** The trace in which a run was started, from whoever started it. */
export interface TraceParent {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the span below which the run appears. */
  readonly spanId: string;
  readonly isSampled: boolean;
  /** `tracestate` as it came; empty for none. */
  readonly state: string;
}

export interface TracedRun {
  readonly runId: RunId;
  readonly trace: TraceParent | null;
}

const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;
/** Longer ones need not be passed on (W3C Trace Context, 3.3.1.5). */
const TRACE_STATE_CHARS_MAX = 512;

/** SHA-256 of a text in hexadecimal. Our own, unless the caller's platform has one that is faster. */
type Digest = (text: string) => string;

export function traceIdOf({ runId, trace }: TracedRun, digest: Digest = sha256): string {
  return trace === null ? digest(`trace ${runId}`).slice(0, TRACE_ID_DIGITS) : trace.traceId;
}

export function runSpanId({ runId }: Pick<TracedRun, "runId">, digest?: Digest): string {
  return spanId(runId, digest);
}

export function stepSpanId({ runId }: Pick<TracedRun, "runId">, step: string, digest?: Digest): string {
  return spanId(`${runId} ${step}`, digest);
}

export function attemptSpanId({ runId }: Pick<TracedRun, "runId">, step: string, attempt: number, digest?: Digest): string {
  return spanId(`${runId} ${step} ${attempt}`, digest);
}

/** A span that belongs to another one and has no name of its own in the journal: an operation in it, or its continuation. */
export function derivedSpanId(of: string, name: string, digest?: Digest): string {
  return spanId(`${of} ${name}`, digest);
}

function spanId(name: string, digest: Digest = sha256): string {
  return digest(`span ${name}`).slice(0, SPAN_ID_DIGITS);
}

/** What a process gets in its environment, or a server in its headers, so that its spans appear below this one. */
export function traceContext(run: TracedRun, spanId: string): Readonly<Record<"traceparent" | "tracestate", string>> {
  const flags = run.trace === null || run.trace.isSampled ? "01" : "00";
  return { traceparent: `00-${traceIdOf(run)}-${spanId}-${flags}`, tracestate: run.trace?.state ?? "" };
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Null for what is no valid `traceparent` (W3C Trace Context, 3.2.2): a broken one is as good as none. */
export function parseTraceParent(traceparent: string, tracestate = ""): TraceParent | null {
  const [, version = "ff", traceId = "", spanId = "", flags = "00", more] = TRACEPARENT.exec(traceparent.trim()) ?? [];
  if (version === "ff" || (version === "00" && more !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  const state = tracestate.length <= TRACE_STATE_CHARS_MAX ? tracestate.trim() : "";
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1, state };
}
