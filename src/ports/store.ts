/**
 * Where runs are kept. The log of entries, the mailbox, definitions and blobs are truth; rows for lists and look-ups are derived
 * from them by the store itself, in the same transaction, and can be rebuilt.
 *
 * ST1 A resolved `commit` is on disk (fsync) under full durability (I-1, I-43).
 * ST2 A commit is all or nothing, and commits become visible in the order in which they were called.
 * ST3 A commit under an epoch that is no longer the store's fails with EPOCH_LOST and writes nothing (I-10).
 * ST4 A commit whose outcome is unknown fails with COMMIT_UNKNOWN, and so does every later one: the store must be opened anew (I-39).
 * ST5 Per run, entries are gapless and hash-chained; an entry that does not follow is refused (I-6, I-10).
 */
import type { BlobRef } from "../core/blob.ts";
import type { SerialisedError } from "../core/errors.ts";
import type { CauseId, Digest, Epoch, RunId, StepId, TenantId } from "../core/ids.ts";
import type { Json, JsonObject } from "../core/json.ts";
import type { CauseEvent } from "../kernel/cause.ts";
import type { JournalEntry } from "../kernel/entry.ts";
import type { Parking } from "../plan/parking.ts";
import type { Priority } from "../plan/workflow.ts";

/** Entries of one run, in order. */
export interface Appended {
  readonly runId: RunId;
  readonly entries: readonly JournalEntry[];
}

/** A letter that was refused, and why. */
export interface Refusal {
  readonly letter: number;
  readonly error: SerialisedError;
}

/** One transaction. */
export interface CommitBatch {
  readonly appended: readonly Appended[];
  /** Mailbox letters whose causes are decided by this batch. */
  readonly takenLetters: readonly number[];
  /** What is to be told to the writers of those among them that came to nothing. @defaultValue none */
  readonly refusals?: readonly Refusal[];
  readonly blobs: readonly { readonly ref: BlobRef; readonly text: string }[];
}

/** A stored version of a workflow. */
export interface DefinitionRow {
  readonly hash: Digest;
  readonly name: string;
  /** The normalised document. */
  readonly document: JsonObject;
  /** Where it was read from, for people. */
  readonly file: string;
  readonly createdAt: number;
}

/** A line of a list: nothing in it is as large as an author likes. */
export interface RunListing {
  readonly id: RunId;
  readonly tenant: TenantId;
  readonly workflow: string;
  readonly definition: Digest;
  /** Dotted statechart state, such as `running.waiting`. */
  readonly state: string;
  readonly priority: Priority;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly costUsd: number;
  readonly stepsTotal: number;
  readonly stepsDone: number;
  readonly parent: RunId | null;
  readonly lastSeq: number;
}

export interface RunRow extends RunListing {
  readonly input: Json;
  readonly output: Json;
  readonly error: Json;
  readonly labels: JsonObject;
}

/** Current row of a step that has left `pending.blocked`; the others have none. */
export interface StepRow {
  readonly runId: RunId;
  readonly step: StepId;
  readonly itemKey: string;
  readonly state: string;
  readonly attempt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly dueAt: number | null;
  readonly costUsd: number;
}

export interface AttemptRow {
  readonly runId: RunId;
  readonly step: StepId;
  readonly itemKey: string;
  readonly attempt: number;
  readonly tool: string | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** `succeeded failed timed_out stopped lost`, `parked` or `fanned` when its step goes on without it, or null while it runs. */
  readonly outcome: string | null;
  readonly error: Json;
  readonly costUsd: number | null;
  readonly epoch: number;
}

export interface DueTimer {
  readonly runId: RunId;
  readonly actor: string;
  /** The timer's id as in `Effect.setTimer`. */
  readonly timer: string;
  readonly dueAt: number;
}

/** A cause put in from outside the owning engine, durable before it is acknowledged. */
export interface Letter {
  readonly id: number;
  readonly runId: RunId;
  readonly causeId: CauseId;
  readonly at: number;
  readonly event: CauseEvent;
}

/** What has become of a letter. One that is no longer there went with its run, which had ended. */
export type LetterFate =
  | { readonly kind: "waiting" }
  | { readonly kind: "taken" }
  | { readonly kind: "refused"; readonly error: SerialisedError };

export interface RunFilter {
  /** Top-level states such as `running`; empty for all. */
  readonly states?: readonly string[];
  readonly workflow?: string;
  readonly tenant?: TenantId;
  /** Part of the name of a workflow, in whichever case, or the beginning or end of an id. */
  readonly text?: string;
  /** Runs created at this time or later, and before that one. Epoch milliseconds. */
  readonly createdFrom?: number;
  readonly createdBefore?: number;
  /** Runs before this id, newest first (keyset paging, I-44). */
  readonly before?: RunId;
  readonly limit: number;
}

/** An entry as stored, with the run it belongs to, its place in the whole store's order and its hash. */
export interface StoredEntry {
  readonly position: number;
  readonly runId: RunId;
  readonly tenant: TenantId;
  readonly entry: JournalEntry;
  readonly hash: string;
}

/** Runs that have entries after some position. */
export interface Moves {
  /** Of the last of those entries; the one that was asked about where there are none. */
  readonly position: number;
  /** Number of the last entry of each such run. */
  readonly lastSeqs: ReadonlyMap<RunId, number>;
}

export interface StepHistory {
  readonly step: string;
  readonly type: string;
  /** Durations in milliseconds of the latest succeeded attempts, newest first, at most 100. */
  readonly durationsMs: readonly number[];
}

/** What a step that succeeded by attempts of its own took in one run. */
export interface StepFigures {
  /** Of the attempt that succeeded, as its executor reported it. */
  readonly durationMs: number;
  /** Of all its attempts. */
  readonly costUsd: number;
  /** Attempts before the one that succeeded. */
  readonly retries: number;
  /** UTF-8 bytes of its output as JSON. */
  readonly outputBytes: number;
}

/** Figures of a run that has ended, by step. */
export interface RunSample {
  readonly runId: RunId;
  readonly createdAt: number;
  readonly endedAt: number;
  readonly steps: ReadonlyMap<string, StepFigures>;
}

/** Which runs are somebody's history. Whatever happens later, the answer stays the same until retention removes runs. */
export interface SampleQuery {
  readonly tenant: TenantId;
  readonly workflow: string;
  /** Runs created before this one; null for all. */
  readonly before: RunId | null;
  /** Runs that had ended before this moment, in epoch milliseconds. */
  readonly endedBefore: number;
  readonly limit: number;
}

/** Counts of what has not ended. */
export interface StoreCensus {
  /** Runs by dotted state. */
  readonly runs: ReadonlyMap<string, number>;
  readonly quarantinedSteps: number;
  /** Steps that wait for a person's approval. */
  readonly pendingApprovals: number;
}

/** A step that waits for an answer. */
export interface ParkedRow {
  readonly runId: RunId;
  readonly step: StepId;
  readonly attempt: number;
  readonly parking: Parking;
  /** When it is settled without one; null for never. Epoch milliseconds. */
  readonly dueAt: number | null;
}

export interface QuarantinedRow {
  readonly runId: RunId;
  readonly workflow: string;
  readonly step: StepId;
  readonly attempt: number;
  /** Epoch milliseconds. */
  readonly since: number;
}

/** What the attempts of one step of one definition cost together; attempts that cost nothing do not count. */
export interface CostSum {
  readonly workflow: string;
  readonly definition: Digest;
  /** An item counts as its step. */
  readonly step: string;
  readonly tool: string | null;
  readonly usd: number;
  readonly attempts: number;
}

/**
 * Reading side; safe to call while another process writes. All calls are synchronous and short.
 *
 * A row that cannot be parsed makes the reads of its own run fail with INV_ROW_UNREADABLE; reads across runs leave it out (S-48).
 */
export interface StoreReader {
  run(id: RunId): RunRow | null;
  runs(filter: RunFilter): readonly RunListing[];
  /** Ids that start with this prefix, newest first, at most `limit`. */
  runIds(prefix: string, limit: number): readonly RunId[];
  steps(id: RunId): readonly StepRow[];
  /** In the order in which they began; of all steps, or of these. */
  attempts(id: RunId, steps?: readonly StepId[]): readonly AttemptRow[];
  /** Entries with a seq above `afterSeq`, in order. */
  entries(id: RunId, afterSeq: number, limit: number): readonly JournalEntry[];
  /**
   * What the first attempt of a step that ended at or after this time told of itself: cost, cache, gate and so on; null where none did. Costs a
   * look at the entries in between.
   */
  usageSince(id: RunId, step: StepId, since: number): JsonObject | null;
  /** Of an entry, in its run's chain (ST5); null where there is none. */
  entryHash(id: RunId, seq: number): string | null;
  /** Entries of all runs after a position in the store's order. */
  tail(afterPosition: number, limit: number): readonly StoredEntry[];
  lastPosition(): number;
  /** Entries of one run with a seq above `afterSeq`, in order, with their places in the store's order. */
  placedEntries(id: RunId, afterSeq: number, limit: number): readonly StoredEntry[];
  /** Which runs have moved since; looks at no entry's data. */
  moves(afterPosition: number): Moves;
  definition(hash: Digest): DefinitionRow | null;
  definitionsOf(name: string): readonly DefinitionRow[];
  blob(ref: BlobRef): Json;
  /** Letters not taken yet, in order. */
  letters(limit: number): readonly Letter[];
  letterFate(id: number): LetterFate;
  /** Number of the engine that owns the store, or that owned it last; 0 before the first. */
  epoch(): number;
  /** Timers due at or before `until`, in due order, of these runs or (null) of all. */
  dueTimers(until: number, limit: number, runs: readonly RunId[] | null): readonly DueTimer[];
  /** When the earliest timer is due; null if there is none. */
  nextDueAt(runs: readonly RunId[] | null): number | null;
  /** Runs that are neither final nor quarantined. */
  unfinishedRuns(): readonly RunId[];
  /**
   * Runs that wait for their host: a step asks for a place or runs (also while a person is asked about the run), the run's output is
   * being made, or the run has not begun.
   */
  activeRuns(): readonly RunId[];
  /** Of one tenant, or of all. Costs a look at every run that has not ended. */
  census(tenant?: TenantId): StoreCensus;
  /** Steps of a tenant that wait for an answer of this kind, in the order of their runs. */
  parked(tenant: TenantId, kind: Parking["kind"], limit: number): readonly ParkedRow[];
  /** Steps of a tenant that wait for a person to look at them, in the order of their runs. */
  quarantined(tenant: TenantId, limit: number): readonly QuarantinedRow[];
  /** What attempts that ended in this span of time have cost a tenant, end not included. Epoch milliseconds. */
  costs(tenant: TenantId, from: number, before: number): readonly CostSum[];
  /** Of one tenant's runs, or of all. */
  history(workflow: string, tenant?: TenantId): readonly StepHistory[];
  /** Figures of ended runs, the one created last first. */
  samples(query: SampleQuery): readonly RunSample[];
  /** Calls back after anything was written by whomever, at most once an interval; cheap while nothing was. */
  watch(onChange: () => void, intervalMs: number): Disposable;
}

/** What any process may write without owning the store. */
export interface StoreIntake {
  /** Stores a definition; storing it again changes nothing. */
  putDefinition(row: DefinitionRow): Promise<void>;
  /** Puts a cause into the mailbox; the same cause id again changes nothing and returns the first letter's id. */
  post(runId: RunId, causeId: CauseId, at: number, event: CauseEvent): Promise<number>;
}

/** Who drives the runs of a store. */
export interface Ownership {
  readonly epoch: Epoch;
  /** How the engine before this one ended; attempts that it left count a crash only if it did (I-18). */
  readonly previous: "none" | "clean" | "crashed";
  /** When engines of this store ended without saying so, newest first, at most 10 (I-20). Epoch milliseconds of their start. */
  readonly recentCrashes: readonly number[];
}

export interface Store extends StoreReader, StoreIntake, AsyncDisposable {
  /**
   * Becomes the owner: takes the lock (I-11) and raises the epoch (I-10).
   *
   * @throws RequestError STORE_OWNED, naming the holder, while another engine is alive.
   */
  own(takeover: "if-dead" | "force"): Promise<Ownership>;
  commit(epoch: Epoch, batch: CommitBatch): Promise<void>;
  /** Gives ownership up; a clean end, so that the next engine does not count a crash. */
  disown(): Promise<void>;
}

/** End of a run's hash chain. */
export interface ChainHead {
  readonly runId: RunId;
  readonly seq: number;
  readonly hash: string;
}

/** Ends of all chains at one moment. Kept elsewhere, it proves later that nothing was cut off (S-47). */
export interface StoreHeads {
  readonly at: number;
  readonly runs: readonly ChainHead[];
  readonly audit: { readonly id: number; readonly hash: string };
}

/** Where a chain breaks: the first entry that is missing, changed or out of place. `runId` is null for the audit log. */
export interface ChainBreak {
  readonly runId: RunId | null;
  readonly seq: number;
  readonly problem: string;
}

export interface ChainReport {
  readonly runs: number;
  readonly entries: number;
  readonly breaks: readonly ChainBreak[];
}

/** One finding of `troupe doctor`. */
export interface StoreCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do about it; null when it is in order. */
  readonly fix: string | null;
}

export interface Pruned {
  readonly runs: number;
  readonly entries: number;
  readonly blobs: number;
}

/** An act on the store itself, as it was recorded. */
export interface AuditEntry {
  readonly id: number;
  readonly at: number;
  readonly actor: string;
  readonly what: string;
  readonly data: JsonObject;
  readonly hash: string;
}

/** What people do with a store beside running workflows. Any process may; a running engine goes on. */
export interface StoreAdmin {
  /** Recomputes every hash chain. With `kept`, finds cut tails and removed runs too. */
  verify(kept?: StoreHeads): ChainReport;
  heads(): StoreHeads;
  checks(): readonly StoreCheck[];
  /** Writes a consistent copy to a file that must not exist yet. */
  backup(target: string): Promise<void>;
  /** Removes runs that ended more than `olderThanMs` ago, except for the newest `keep` (I-45). */
  prune(order: { readonly olderThanMs: number; readonly keep: number; readonly actor: string }): Promise<Pruned>;
  /** Makes every derived row anew from the journal (F-33); returns the number of runs. */
  rebuild(actor: string): Promise<number>;
  /** Records an act of a person or engine on the store (S-47). */
  note(actor: string, what: string, data: JsonObject): Promise<void>;
  audits(afterId: number, limit: number): readonly AuditEntry[];
}
