/**
 * What a dispatch of an attempt is for. It stands in the token of its processes, which their result repeats: an engine that finds the
 * result after a crash knows from it how to go on.
 */
import type { AttemptRequest } from "../../ports/attempt.ts";
import { attemptToken } from "../../ports/attempt-token.ts";

/** `ask`: the task. `resume`: the task, in a conversation that was cut off. `correct`: the answer once more, to fit its schema. */
export const PHASES = ["ask", "resume", "correct"] as const;
export type Phase = (typeof PHASES)[number];

export function phaseToken(directory: string, request: AttemptRequest, phase: Phase, tool: string): string {
  return `${attemptToken(directory, request)}${phase}~${encodeURIComponent(tool)}~${crypto.randomUUID()}`;
}

/** Null for a token of another kind. */
export function parsePhaseToken(
  directory: string,
  request: AttemptRequest,
  token: string,
): { readonly phase: Phase; readonly tool: string } | null {
  const start = attemptToken(directory, request);
  const [phase, tool] = token.startsWith(start) ? token.slice(start.length).split("~") : [];
  const known = PHASES.find((one) => one === phase);
  return known === undefined || tool === undefined ? null : { phase: known, tool: decodeURIComponent(tool) };
}

/** The dispatch before one of the same attempt: `3.2` follows `3`, `3.3` follows `3.2`. */
export function dispatchBefore(directory: string): string | null {
  const [, base, number] = /^(.*\/\d+)\.(\d+)$/.exec(directory) ?? [];
  if (base === undefined || number === undefined) return null;
  return number === "2" ? base : `${base}.${Number(number) - 1}`;
}

/** Places of an attempt's dispatches, the first one first, as far as anybody would look. */
export function dispatchesOf(base: string): readonly string[] {
  return [base, ...Array.from({ length: DISPATCHES_LOOKED_AT - 1 }, (_, index) => `${base}.${index + 2}`)];
}

const DISPATCHES_LOOKED_AT = 8;
