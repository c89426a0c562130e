/** Tokens by which the processes of an attempt are found, whatever became of their parents. */
import type { RunId } from "../core/ids.ts";
import { sha256 } from "../core/sha256.ts";
import type { AttemptRequest } from "./attempt.ts";

const PLACE_DIGITS = 12;

/**
 * How the tokens of a run's processes begin. A key decides the id of its run, so runs of two state directories can have one id: the
 * place of their control directories keeps their processes apart.
 */
export function runToken(directory: string, runId: RunId): string {
  return `${runId}.${sha256(directory).slice(0, PLACE_DIGITS)}.`;
}

/** How the tokens of an attempt's processes begin, whichever dispatch of it they belong to. */
export function attemptToken(directory: string, { runId, step, attempt }: AttemptRequest): string {
  return `${runToken(directory, runId)}${step.id}.${attempt}.`;
}
