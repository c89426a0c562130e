/** Rows into values. Whatever a row holds is parsed totally: a bad one is an error about that row (S-48). */

import type { BlobRef } from "../../core/blob.ts";
import { InvariantError, type SerialisedError } from "../../core/errors.ts";
import type { CauseId, Digest, RunId, StepId, TenantId } from "../../core/ids.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { nanosToUsd } from "../../core/usd.ts";
import type { CauseEvent } from "../../kernel/cause.ts";
import { ENTRY_TYPES, type JournalEntry } from "../../kernel/entry.ts";
import { PRIORITIES, type Priority } from "../../plan/workflow.ts";
import type {
  AttemptRow,
  DefinitionRow,
  DueTimer,
  Letter,
  LetterFate,
  RunListing,
  RunRow,
  StepRow,
  StoredEntry,
} from "../../ports/store.ts";

export type Row = Record<string, unknown>;

const types: ReadonlySet<string> = new Set(ENTRY_TYPES);

function unreadable(row: string, of: string, problem: string): InvariantError {
  return new InvariantError("INV_ROW_UNREADABLE", { row, of, problem });
}

function parseJson(text: unknown, row: string, of: string): Json {
  try {
    return text === null || text === undefined ? null : (JSON.parse(String(text)) as Json);
  } catch (error) {
    throw unreadable(row, of, error instanceof Error ? error.message : "it is no JSON");
  }
}

export function parseObject(text: unknown, row: string, of: string): JsonObject {
  const value = parseJson(text, row, of);
  if (!isJsonObject(value)) throw unreadable(row, of, "it is no object");
  return value;
}

const toNumber = (value: unknown): number | null => (typeof value === "number" ? value : null);
const toText = (value: unknown): string | null => (typeof value === "string" ? value : null);
const toUsd = (nanos: unknown): number => nanosToUsd(Number(nanos));

/** STRICT tables vouch for the types of columns; ids are branded as they were written. */
export function parseListing(row: Row): RunListing {
  const id = String(row.id) as RunId;
  const priority = PRIORITIES.find((known) => known === row.priority);
  if (priority === undefined) throw unreadable("run", id, `its priority is ${row.priority}`);
  return {
    id,
    tenant: String(row.tenant) as TenantId,
    workflow: String(row.workflow),
    definition: String(row.definition) as Digest,
    state: String(row.state),
    priority: priority satisfies Priority,
    createdAt: Number(row.created_at),
    startedAt: toNumber(row.started_at),
    endedAt: toNumber(row.ended_at),
    costUsd: toUsd(row.cost_nanos),
    stepsTotal: Number(row.steps_total),
    stepsDone: Number(row.steps_done),
    parent: toText(row.parent) as RunId | null,
    lastSeq: Number(row.last_seq),
  };
}

export function parseRun(row: Row): RunRow {
  const listing = parseListing(row);
  const json = (name: "input" | "output" | "error"): Json => parseJson(row[name], "run", listing.id);
  return {
    ...listing,
    input: json("input"),
    output: json("output"),
    error: json("error"),
    labels: parseObject(row.labels, "run", listing.id),
  };
}

export function toStep(row: Row): StepRow {
  return {
    runId: String(row.id) as RunId,
    step: String(row.step_id) as StepId,
    itemKey: String(row.item_key),
    state: String(row.state),
    attempt: Number(row.attempt),
    startedAt: toNumber(row.started_at),
    endedAt: toNumber(row.ended_at),
    dueAt: toNumber(row.due_at),
    costUsd: toUsd(row.cost_nanos),
  };
}

export function parseAttempt(row: Row): AttemptRow {
  const runId = String(row.id) as RunId;
  return {
    runId,
    step: String(row.step_id) as StepId,
    itemKey: String(row.item_key),
    attempt: Number(row.attempt),
    tool: toText(row.tool),
    startedAt: Number(row.started_at),
    endedAt: toNumber(row.ended_at),
    outcome: toText(row.outcome),
    error: parseJson(row.error, "attempt", runId),
    costUsd: row.cost_nanos === null ? null : toUsd(row.cost_nanos),
    epoch: Number(row.epoch),
  };
}

export function parseEntry(row: Row, of: string): JournalEntry {
  if (!types.has(String(row.type))) throw unreadable("entry", of, `its type is ${row.type}`);
  return {
    seq: Number(row.seq),
    actor: String(row.actor) as JournalEntry["actor"],
    // Looked up just above.
    type: String(row.type) as JournalEntry["type"],
    on: String(row.consumed),
    from: String(row.from_state),
    to: String(row.to_state),
    data: parseObject(row.data, `entry ${row.seq}`, of),
    causeId: String(row.cause_id) as CauseId,
    at: Number(row.at),
  };
}

export function parseStoredEntry(row: Row): StoredEntry {
  const runId = String(row.id) as RunId;
  return {
    position: Number(row.position),
    runId,
    tenant: String(row.tenant) as TenantId,
    entry: parseEntry(row, runId),
    hash: String(row.hash),
  };
}

export function toTimer(row: Row): DueTimer {
  return { runId: String(row.id) as RunId, actor: String(row.actor), timer: String(row.timer), dueAt: Number(row.due_at) };
}

export function parseLetter(row: Row): Letter {
  const runId = String(row.run_id) as RunId;
  const event = parseObject(row.event, "letter", runId);
  if (typeof event.type !== "string") throw unreadable("letter", runId, "it has no type");
  return {
    id: Number(row.id),
    runId,
    causeId: String(row.cause_id) as CauseId,
    at: Number(row.at),
    // Written by `post` from a CauseEvent; the kernel refuses what it does not know.
    event: event as unknown as CauseEvent,
  };
}

export function parseDefinition(row: Row): DefinitionRow {
  const hash = String(row.hash) as Digest;
  return {
    hash,
    name: String(row.name),
    document: parseObject(row.document, "definition", hash),
    file: String(row.file),
    createdAt: Number(row.created_at),
  };
}

export function parseBlob(row: Row | undefined, { $blob }: BlobRef): Json {
  if (row === undefined) throw new InvariantError("INV_BLOB_MISSING", { digest: $blob });
  return parseJson(row.text, "blob", $blob);
}

export function toLetterFate(row: Row | undefined, id: number): LetterFate {
  if (row === undefined) return { kind: "taken" };
  if (row.taken === 0) return { kind: "waiting" };
  if (row.refusal === null) return { kind: "taken" };
  const error = parseJson(row.refusal, "letter", String(id)) as unknown as SerialisedError; // Written by `commit` from one.
  return { kind: "refused", error };
}
