/**
 * The writing side over one connection, synchronous. It runs on a thread of its own for a file (`writer.worker.ts`), and in place
 * for a store in memory.
 *
 * W1 After a failure of unknown outcome nothing more is written by this process (ST4).
 * W2 Every batch is written under the condition that its epoch is still the store's (ST3).
 */
import type { DatabaseSync } from "node:sqlite";
import { FencedError, InvariantError, isTroupeError } from "../../core/errors.ts";
import type { Deployed } from "../../ports/deployments.ts";
import { type AuditNote, appendAudit } from "./audit.ts";
import { type BreakerOrder, keepBreaker } from "./breakers.ts";
import { createCheckpointer } from "./checkpoint.ts";
import { quickCheck, readPragma, unusable } from "./connection.ts";
import { type DeployText, deploy, type UndeployText, undeploy } from "./deployments.ts";
import { createDerivedRows } from "./derived.ts";
import { isBusy, isConstraint, isFull, toErrcode, toStoreError } from "./failure.ts";
import { type FlatBatch, readFlatBatch } from "./handover.ts";
import { type DefinitionText, insertDefinition, insertLetter, type LetterText } from "./intake.ts";
import { createJournal } from "./journal.ts";
import { type DecisionOrder, keepDecisions, type RetryOrder, retryDeliveries, type SettleOrder, settleDeliveries } from "./outbox.ts";
import type { ProcessIdentity } from "./process-identity.ts";
import { createChanges } from "./projection.ts";
import { type RebuildOrder, rebuildDerived } from "./rebuild.ts";
import { type PruneOrder, type PruneResult, pruneRuns } from "./retention.ts";
import { commitUnknown, inTransaction } from "./transaction.ts";
import { createTriggerWrites, type TriggerWrites } from "./trigger-writes.ts";

/** Checking takes about 6 ms for each megabyte. */
const CHECKED_BYTES_MAX = 8 * 1024 * 1024;

/** A batch as it crosses the thread border. */
export interface FlatCommit {
  readonly epoch: number;
  readonly flat: FlatBatch;
  readonly takenLetters: readonly number[];
  readonly refusals: readonly { readonly letter: number; readonly error: string }[];
  readonly blobs: readonly { readonly hash: string; readonly bytes: number; readonly text: string }[];
}

export interface OwnOrder {
  readonly identity: ProcessIdentity;
  readonly forced: boolean;
  readonly at: number;
}

export interface Writer extends TriggerWrites {
  own(order: OwnOrder): number;
  commit(batch: FlatCommit): void;
  disown(engine: { readonly epoch: number; readonly at: number }): void;
  putDefinition(row: DefinitionText): void;
  post(letter: LetterText): number;
  note(order: { readonly at: number; readonly note: AuditNote }): void;
  /** A move of a circuit breaker. */
  keepBreaker(order: BreakerOrder): void;
  deploy(order: DeployText): Deployed;
  undeploy(order: UndeployText): void;
  keepDecisions(order: DecisionOrder): void;
  settleDeliveries(order: SettleOrder): void;
  retryDeliveries(order: RetryOrder): number;
  prune(order: PruneOrder): PruneResult;
  rebuild(order: RebuildOrder): number;
  /** Moves finished log pages into the database; called when nobody waits. */
  tidy(): void;
}

export function createWriter(db: DatabaseSync): Writer {
  const journal = createJournal(db);
  const derived = createDerivedRows(db);
  const checkpointer = createCheckpointer(db);
  const latestEngine = db.prepare("SELECT epoch, ended_at FROM engines ORDER BY epoch DESC LIMIT 1");
  const takeLetter = db.prepare("UPDATE mailbox SET taken = 1 WHERE id = ?");
  const refuseLetter = db.prepare("UPDATE mailbox SET refusal = ? WHERE id = ?");
  const insertBlob = db.prepare("INSERT INTO blobs VALUES (?, ?, ?) ON CONFLICT (hash) DO NOTHING");
  let poison: FencedError | null = null;

  /** One transaction; sorts its failures into refused, to be tried again, and unknown. */
  const write = <TResult>(work: () => TResult): TResult => {
    if (poison !== null) throw poison;
    try {
      return work();
    } catch (error) {
      journal.reset();
      if (isBusy(error) || isFull(error)) throw toStoreError(error);
      if (isConstraint(error)) throw toRefusal(error);
      if (isTroupeError(error) && error.code !== "COMMIT_UNKNOWN") throw error;
      // Not SQLite's: a value that no column takes, say. The transaction was rolled back.
      if (!isTroupeError(error) && toErrcode(error) === 0) throw toRefusal(error);
      poison = isTroupeError(error) ? (error as FencedError) : commitUnknown(error);
      throw poison;
    }
  };

  const demandEpoch = (epoch: number): void => {
    const latest = latestEngine.get();
    if (latest?.epoch !== epoch || latest.ended_at !== null)
      throw new FencedError("EPOCH_LOST", { current: Number(latest?.epoch ?? 0), epoch });
  };

  return {
    own: (order) =>
      write(() => {
        demandSound(db);
        return inTransaction(db, () => {
          const epoch = Number(latestEngine.get()?.epoch ?? 0) + 1;
          insertEngine(db, epoch, order);
          journal.reset();
          return epoch;
        });
      }),
    commit: ({ epoch, flat, takenLetters, refusals, blobs }) =>
      write(() => {
        const runs = readFlatBatch(flat);
        inTransaction(db, () => {
          demandEpoch(epoch);
          for (const { hash, bytes, text } of blobs) insertBlob.run(hash, bytes, text);
          const changes = createChanges();
          journal.append(runs, epoch, changes);
          derived.apply(changes);
          for (const id of takenLetters) takeLetter.run(id);
          for (const { letter, error } of refusals) refuseLetter.run(error, letter);
        });
      }),
    disown: (engine) => write(() => inTransaction(db, () => endEngine(db, engine))),
    putDefinition: (row) => write(() => insertDefinition(db, row)),
    post: (letter) => write(() => insertLetter(db, letter)),
    note: ({ at, note }) => write(() => inTransaction(db, () => appendAudit(db, at, note))),
    keepBreaker: (order) =>
      write(() =>
        inTransaction(db, () => {
          if (typeof order.by === "number") demandEpoch(order.by);
          keepBreaker(db, order);
        }),
      ),
    ...createTriggerWrites(db, write, demandEpoch),
    deploy: (order) => write(() => inTransaction(db, () => deploy(db, order))),
    undeploy: (order) => write(() => inTransaction(db, () => undeploy(db, order))),
    keepDecisions: (order) =>
      write(() =>
        inTransaction(db, () => {
          demandEpoch(order.epoch);
          keepDecisions(db, order);
        }),
      ),
    settleDeliveries: (order) =>
      write(() =>
        inTransaction(db, () => {
          demandEpoch(order.epoch);
          settleDeliveries(db, order);
        }),
      ),
    retryDeliveries: (order) => write(() => inTransaction(db, () => retryDeliveries(db, order))),
    prune: (order) => write(() => pruneRuns(db, order)),
    rebuild: (order) => write(() => rebuildDerived(db, order)),
    tidy: () => write(() => checkpointer.tidy()),
  };
}

function insertEngine(db: DatabaseSync, epoch: number, { identity: { pid, processStart, bootId }, forced, at }: OwnOrder): void {
  const insert = db.prepare("INSERT INTO engines (epoch, pid, process_start, boot_id, started_at) VALUES (?, ?, ?, ?, ?)");
  insert.run(epoch, pid, processStart, bootId, at);
  if (forced) appendAudit(db, at, { actor: `engine ${epoch}`, what: "engine.takeover", data: { from: epoch - 1, pid } });
}

function endEngine(db: DatabaseSync, { epoch, at }: { readonly epoch: number; readonly at: number }): void {
  db.prepare("UPDATE engines SET ended_at = ?, clean = 1 WHERE epoch = ? AND ended_at IS NULL").run(at, epoch);
}

/** Refuses a damaged file at boot (F-10). A large one is read through only when the engine before did not end cleanly. */
function demandSound(db: DatabaseSync): void {
  const last = db.prepare("SELECT clean FROM engines ORDER BY epoch DESC LIMIT 1").get();
  const bytes = Number(readPragma(db, "page_count")) * Number(readPragma(db, "page_size"));
  if (last?.clean === 1 && bytes > CHECKED_BYTES_MAX) return;
  const [problem] = problemsOf(db);
  if (problem !== undefined) throw unusable(`the database is damaged (${problem})`, "Restore a backup; `troupe doctor` tells more.");
}

/** Nothing has been written yet, so whatever fails here has a known outcome. */
function problemsOf(db: DatabaseSync): readonly string[] {
  try {
    return quickCheck(db);
  } catch (error) {
    throw toStoreError(error);
  }
}

function toRefusal(error: unknown): InvariantError {
  const problem = error instanceof Error ? error.message : String(error);
  return new InvariantError("INV_ENTRY_REFUSED", { problem }, { cause: error });
}
