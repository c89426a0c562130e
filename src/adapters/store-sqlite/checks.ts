/** What `troupe doctor` asks of a store (I-40). */
import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { StoreCheck } from "../../ports/store.ts";
import { type Durability, isSqliteTooOld, quickCheck, readPragma } from "./connection.ts";
import { isOpenToOthers } from "./directory.ts";
import { isDamage, toErrcode, toStoreError } from "./failure.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import { verifyChains } from "./verify.ts";

export interface CheckedParts {
  readonly reader: DatabaseSync;
  readonly file: string | null;
  readonly directory: string;
  readonly durability: Durability;
}

interface Finding {
  readonly ok: boolean;
  readonly detail: string;
  /** Where the look itself failed, and so says nothing about what was looked for. */
  readonly fix?: string;
}

const RESTORE = "Stop the engine and restore a backup: `troupe doctor` cannot repair a damaged file.";

export function runChecks({ reader, file, directory, durability }: CheckedParts): readonly StoreCheck[] {
  const checks: readonly { readonly name: string; readonly fix: string; look(): Finding }[] = [
    {
      name: "sqlite version",
      fix: "Use Node 24.16 or later.",
      look: () => ({ ok: !isSqliteTooOld(process.versions.sqlite ?? "0"), detail: process.versions.sqlite ?? "none" }),
    },
    {
      name: "state directory",
      fix: `Run \`chmod 700 ${directory}\`.`,
      look: () => (file === null ? { ok: true, detail: "in memory" } : { ok: !isOpenToOthers(directory), detail: directory }),
    },
    { name: "schema", fix: "Use the Troupe that wrote it.", look: () => expectPragma(reader, "user_version", SCHEMA_VERSION) },
    { name: "journal mode", fix: RESTORE, look: () => expectPragma(reader, "journal_mode", file === null ? "memory" : "wal") },
    { name: "synchronous", fix: RESTORE, look: () => expectPragma(reader, "synchronous", durability === "full" ? 2 : 1) },
    { name: "foreign keys", fix: RESTORE, look: () => expectPragma(reader, "foreign_keys", 1) },
    { name: "integrity", fix: RESTORE, look: () => lookForDamage(reader) },
    { name: "hash chains", fix: "Compare with a backup; somebody changed history.", look: () => lookForBreaks(reader) },
    { name: "derived rows", fix: "Run `troupe doctor --rebuild`.", look: () => lookForStrays(reader) },
    { name: "log size", fix: "A reader holds an old snapshot: end it.", look: () => lookAtLog(file) },
  ];
  return checks.map(({ name, fix, look }) => {
    const found = lookSafely(look);
    return { name, ok: found.ok, detail: found.detail, fix: found.ok ? null : (found.fix ?? fix) };
  });
}

function lookSafely(look: () => Finding): Finding {
  try {
    return look();
  } catch (thrown) {
    const { message: detail, cause, fix } = toStoreError(thrown);
    const isKnown = fix !== undefined && toErrcode(cause) !== 0 && !isDamage(cause);
    return { ok: false, detail: cause instanceof Error ? cause.message : detail, ...(isKnown && { fix }) };
  }
}

function expectPragma(db: DatabaseSync, name: string, expected: string | number): Finding {
  const found = readPragma(db, name);
  return { ok: found === expected, detail: String(found) };
}

function lookForDamage(db: DatabaseSync): Finding {
  const [problem] = quickCheck(db);
  return { ok: problem === undefined, detail: problem ?? "ok" };
}

function lookForBreaks(db: DatabaseSync): Finding {
  const { runs, entries, breaks } = verifyChains(db);
  const [first] = breaks;
  if (first === undefined) return { ok: true, detail: `${entries} entries of ${runs} runs` };
  return { ok: false, detail: `${first.runId ?? "audit log"}, ${first.seq}: ${first.problem}` };
}

/** Each actor's row against the last entry of that actor. */
function lookForStrays(db: DatabaseSync): Finding {
  const strays = db
    .prepare(
      `WITH last AS (SELECT run, actor, max(seq), to_state FROM run_events GROUP BY run, actor),
         rows AS (SELECT run, 'run' AS actor, state FROM run_states JOIN run_starts USING (run) UNION ALL SELECT run, step_id, state FROM steps)
       SELECT count(*) AS strays FROM last LEFT JOIN rows USING (run, actor) WHERE state IS NOT to_state`,
    )
    .get()?.strays;
  return strays === 0
    ? { ok: true, detail: "as the journal says" }
    : { ok: false, detail: `${strays} actors are missing or differ from the journal` };
}

/** Beyond this something keeps the log from being moved into the database. */
const LOG_BYTES_MAX = 256 * 1024 * 1024;

function lookAtLog(file: string | null): Finding {
  const bytes = file === null ? 0 : (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0);
  return { ok: bytes <= LOG_BYTES_MAX, detail: `${Math.ceil(bytes / 1024)} KiB` };
}
