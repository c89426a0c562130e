/** What people do with a store beside running workflows. */
import type { DatabaseSync } from "node:sqlite";
import type { StoreAdmin } from "../../ports/store.ts";
import { backUp } from "./backup.ts";
import { runChecks } from "./checks.ts";
import type { Durability } from "./connection.ts";
import { createQuery } from "./query.ts";
import { parseObject } from "./rows.ts";
import { readHeads, verifyChains } from "./verify.ts";
import type { WriterClient } from "./writer-client.ts";

export interface AdminParts {
  readonly reader: DatabaseSync;
  readonly writer: () => Promise<WriterClient>;
  /** Null in memory. */
  readonly file: string | null;
  readonly directory: string;
  readonly durability: Durability;
  readonly now: () => number;
}

export function createAdmin(parts: AdminParts): StoreAdmin {
  const { reader, writer, now } = parts;
  const audits = createQuery(reader, "SELECT * FROM audit WHERE id > ? ORDER BY id LIMIT ?");
  return {
    verify: (kept) => verifyChains(reader, kept),
    heads: () => readHeads(reader, now()),
    checks: () => runChecks(parts),
    backup: (target) => backUp(reader, target),
    async prune(order) {
      return (await writer()).call("prune", { ...order, at: now() });
    },
    async rebuild(actor) {
      return (await writer()).call("rebuild", { at: now(), actor });
    },
    async note(actor, what, data) {
      await (await writer()).call("note", { at: now(), note: { actor, what, data } });
    },
    audits: (afterId, limit) =>
      audits.all(afterId, limit).map((row) => ({
        id: Number(row.id),
        at: Number(row.at),
        actor: String(row.actor),
        what: String(row.what),
        data: parseObject(row.data, `note ${row.id}`, "the audit log"),
        hash: String(row.hash),
      })),
  };
}
