/** Connections with the settings that reliability rests on, asserted rather than assumed (I-40). */
import { DatabaseSync } from "node:sqlite";
import { FencedError, toError } from "../../core/errors.ts";
import { isBusy, isDamage } from "./failure.ts";
import { APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION } from "./schema.ts";
import { inTransaction } from "./transaction.ts";

export type Durability = "full" | "relaxed";

/** Below this two connections could corrupt the log by checkpointing at once (fixed in 3.51.3). */
const SQLITE_MIN = [3, 51, 3] as const;
/** How long opening waits for others that open or close the same file. */
const OPEN_PATIENCE_MS = 10_000;

export interface ConnectionOptions {
  /** File, or `:memory:`. */
  readonly path: string;
  readonly durability: Durability;
  /** How long a call may wait for a lock before it fails with BUSY. */
  readonly busyMs: number;
  readonly readOnly?: boolean;
}

export function isSqliteTooOld(version: string): boolean {
  const found = version.split(".").map(Number);
  for (const [index, floor] of SQLITE_MIN.entries()) {
    const part = found[index] ?? 0;
    if (part !== floor) return part < floor;
  }
  return false;
}

/** @throws FencedError STORE_UNUSABLE when a setting does not hold. */
export function openConnection(options: ConnectionOptions): DatabaseSync {
  const { path, durability, busyMs, readOnly = false } = options;
  const version = process.versions.sqlite ?? "0";
  if (isSqliteTooOld(version)) throw unusable(`SQLite ${version} can corrupt its log`, "Use Node 24.16 or later.");
  const db = new DatabaseSync(path, { readOnly, timeout: busyMs, enableForeignKeyConstraints: true, allowExtension: false });
  try {
    db.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY");
    if (!readOnly) {
      patiently(() => db.exec("PRAGMA journal_mode = WAL"));
      // Checkpoints are the writer's, so that a failed one is seen.
      db.exec("PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864");
      // 8 MiB at most: what is written is mostly appended, and 32 MiB were no faster (W1).
      db.exec("PRAGMA cache_size = -8192");
    }
    db.exec(durability === "full" ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    assertSettings(db, path, durability);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function assertSettings(db: DatabaseSync, path: string, durability: Durability): void {
  const expected = {
    synchronous: durability === "full" ? 2 : 1,
    foreign_keys: 1,
    trusted_schema: 0,
    journal_mode: path === ":memory:" ? "memory" : "wal",
  };
  for (const [name, value] of Object.entries(expected)) {
    const found = readPragma(db, name);
    if (found !== value) throw unusable(`PRAGMA ${name} reads ${found} instead of ${value}`);
  }
}

/** Names come from this folder only, never from outside (S-30). */
export function readPragma(db: DatabaseSync, name: string): unknown {
  const row = db.prepare(`PRAGMA ${name}`).get();
  return row === undefined ? undefined : Object.values(row)[0];
}

/**
 * Brings a new or older file to this schema.
 *
 * @throws FencedError STORE_UNUSABLE for a newer schema, or a file that is not ours.
 */
export function migrate(db: DatabaseSync): void {
  if (readSchemaVersion(db) === SCHEMA_VERSION) return;
  patiently(() =>
    inTransaction(db, () => {
      // Somebody else may have been faster.
      const from = readSchemaVersion(db);
      for (const sql of MIGRATIONS.slice(from)) db.exec(sql);
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
    }),
  );
}

function readSchemaVersion(db: DatabaseSync): number {
  const version = Number(readPragma(db, "user_version"));
  if (version > SCHEMA_VERSION) {
    throw unusable(`it has schema ${version}, and this Troupe knows schema ${SCHEMA_VERSION}`, "Use the newer Troupe that wrote it.");
  }
  const owner = Number(readPragma(db, "application_id"));
  const isEmpty = db.prepare("SELECT count(*) AS tables FROM sqlite_schema").get()?.tables === 0;
  if (owner !== APPLICATION_ID && !isEmpty) throw unusable("the database belongs to another program", "Give another state directory.");
  return version;
}

/** Switching to WAL and the first write ignore the busy timeout in places, so that two openers can meet a BUSY. */
function patiently(work: () => void): void {
  const giveUpAt = performance.now() + OPEN_PATIENCE_MS;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      work();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpAt) throw error;
      Atomics.wait(pause, 0, 0, 5 + Math.random() * 20);
    }
  }
}

/** First problems found by SQLite itself; empty when the file is sound. Throws what kept it from looking: a lock, an error of the disk. */
export function quickCheck(db: DatabaseSync): readonly string[] {
  try {
    const found = db.prepare("PRAGMA quick_check(10)").all();
    const problems = found.map((row) => String(Object.values(row)[0]));
    return problems.length === 1 && problems[0] === "ok" ? [] : problems;
  } catch (error) {
    if (!isDamage(error)) throw error;
    // Too damaged to be checked.
    return [toError(error).message];
  }
}

export function unusable(problem: string, fix?: string, cause?: unknown): FencedError {
  return new FencedError("STORE_UNUSABLE", { problem }, { ...(fix !== undefined && { fix }), ...(cause !== undefined && { cause }) });
}
