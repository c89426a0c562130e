/** Recomputes the hash chains (S-47): who edits, removes or reorders a row cannot hide where. */
import type { DatabaseSync } from "node:sqlite";
import type { RunId } from "../../core/ids.ts";
import type { ChainBreak, ChainReport, StoreHeads } from "../../ports/store.ts";
import { AUDIT_SEED, toAuditText } from "./audit.ts";
import { strayDeployments } from "./deployments.ts";
import { computeNextHash, toEntryText } from "./entry-text.ts";
import { toStoreError } from "./failure.ts";
import { toColumns } from "./rebuild.ts";

/** @throws FencedError STORE_UNUSABLE when SQLite cannot read the file at all. */
export function verifyChains(db: DatabaseSync, kept?: StoreHeads): ChainReport {
  try {
    const found = verifyRuns(db);
    const breaks = [...found.breaks, ...verifyAudit(db), ...verifyDeployments(db), ...(kept === undefined ? [] : compareHeads(db, kept))];
    return { runs: found.runs, entries: found.entries, breaks };
  } catch (error) {
    throw toStoreError(error);
  }
}

function verifyRuns(db: DatabaseSync): ChainReport {
  const read = db.prepare("SELECT run_events.*, id FROM run_events LEFT JOIN journals USING (run) ORDER BY run, seq");
  const breaks: ChainBreak[] = [];
  let run: unknown = null;
  let runId = "";
  let last = { seq: 0, hash: "" };
  let isBroken = false;
  let runs = 0;
  let entries = 0;
  for (const row of read.iterate()) {
    entries += 1;
    if (row.run !== run) {
      run = row.run;
      runs += 1;
      runId = String(row.id);
      last = { seq: 0, hash: runId };
      isBroken = false;
    }
    if (isBroken) continue;
    const entry = toColumns(row);
    const hash = computeNextHash(last.hash, toEntryText(entry));
    const problem = entry.seq !== last.seq + 1 ? "the entry is missing" : hash !== row.hash ? "the entry does not match its hash" : null;
    if (problem !== null) {
      breaks.push({ runId: runId as RunId, seq: last.seq + 1, problem });
      isBroken = true;
    }
    last = { seq: entry.seq, hash };
  }
  return { runs, entries, breaks };
}

function verifyAudit(db: DatabaseSync): ChainBreak[] {
  let last = { id: 0, hash: AUDIT_SEED };
  for (const row of db.prepare("SELECT * FROM audit ORDER BY id").iterate()) {
    const id = Number(row.id);
    const hash = computeNextHash(last.hash, toAuditText(id, Number(row.at), String(row.actor), String(row.what), String(row.data)));
    if (id !== last.id + 1) return [{ runId: null, seq: last.id + 1, problem: "the note is missing" }];
    if (hash !== row.hash) return [{ runId: null, seq: id, problem: "the note does not match its hash" }];
    last = { id, hash };
  }
  return [];
}

/** Like the audit log, they belong to no run. */
function verifyDeployments(db: DatabaseSync): ChainBreak[] {
  return strayDeployments(db).map(({ revision, problem }) => ({ runId: null, seq: revision, problem }));
}

/** Against an export: tails cut off, runs removed, or a whole chain written anew. */
function compareHeads(db: DatabaseSync, kept: StoreHeads): ChainBreak[] {
  const find = db.prepare("SELECT hash FROM journals JOIN run_events USING (run) WHERE id = ? AND seq = ?");
  const pruned = readPrunedRuns(db);
  const breaks: ChainBreak[] = [];
  for (const { runId, seq, hash } of kept.runs) {
    const row = find.get(runId, seq);
    if (row === undefined && pruned.get(runId) !== undefined) continue;
    if (row === undefined) breaks.push({ runId, seq, problem: "the entry was there when the heads were kept, and is gone" });
    else if (row.hash !== hash) breaks.push({ runId, seq, problem: "the chain up to here was written anew" });
  }
  const { id, hash } = kept.audit;
  const note = db.prepare("SELECT hash FROM audit WHERE id = ?").get(id);
  if (id > 0 && note?.hash !== hash) breaks.push({ runId: null, seq: id, problem: "the audit log is not the one that was kept" });
  return breaks;
}

/** Runs that retention removed, with the hash that each had at its end. */
function readPrunedRuns(db: DatabaseSync): ReadonlyMap<string, string> {
  const rows = db
    .prepare(
      `SELECT json_extract(value, '$.run') AS run, json_extract(value, '$.hash') AS hash
       FROM audit, json_each(audit.data, '$.heads') WHERE what = 'runs.pruned' AND json_valid(audit.data)`,
    )
    .all();
  return new Map(rows.map((row) => [String(row.run), String(row.hash)]));
}

export function readHeads(db: DatabaseSync, at: number): StoreHeads {
  try {
    const rows = db
      .prepare(
        `SELECT id, seq, hash FROM journals JOIN run_events USING (run)
         WHERE seq = (SELECT max(seq) FROM run_events AS last WHERE last.run = journals.run) ORDER BY run`,
      )
      .all();
    const audit = db.prepare("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1").get();
    return {
      at,
      runs: rows.map((row) => ({ runId: String(row.id) as RunId, seq: Number(row.seq), hash: String(row.hash) })),
      audit: audit === undefined ? { id: 0, hash: AUDIT_SEED } : { id: Number(audit.id), hash: String(audit.hash) },
    };
  } catch (error) {
    throw toStoreError(error);
  }
}
