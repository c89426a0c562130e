/** Stores that an older Troupe wrote (F-37). */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "../../src/adapters/store-sqlite/index.ts";
import { APPLICATION_ID, MIGRATIONS } from "../../src/adapters/store-sqlite/schema.ts";
import type { TenantId } from "../../src/core/ids.ts";
import { batchOf, definitionRow, runId, Script } from "./store.entries.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "troupe-schema-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = () => openStore({ directory, durability: "full" });
const file = (): DatabaseSync => new DatabaseSync(join(directory, "troupe.db"));

test("a store of schema 2 gets its table of breakers when it is opened", async () => {
  const older = file();
  for (const sql of MIGRATIONS.slice(0, 2)) older.exec(sql);
  older.exec(`PRAGMA journal_mode = WAL; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 2`);
  older.close();
  await using store = await open();
  expect(store.breakers(0)).toEqual([]);
  expect(store.checks().filter(({ ok }) => !ok)).toEqual([]);
});

test("a store of schema 6 finds the approvals that waited before, and goes on from there", async () => {
  const asking = new Script(1).create().begin().queue("compile").start("compile", 1);
  const park = (kind: string) =>
    asking.move("compile", "step.waiting", "attempt.parked", "running.parked", { attempt: 1, until: { parking: { kind } } });
  park("timer");
  asking.move("compile", "step.queued", "step.answer", "running.waiting", { attempt: 1 }).start("compile", 2);
  park("approval");
  {
    await using store = await open();
    const { epoch } = await store.own("if-dead");
    await store.putDefinition(definitionRow());
    await store.commit(epoch, batchOf(asking.take()));
  }
  const older = file();
  older.exec(`DROP INDEX steps_parked; DROP INDEX steps_quarantined; DROP INDEX run_starts_by_owner;
    ALTER TABLE steps DROP COLUMN parked_on; PRAGMA user_version = 6`);
  older.close();
  await using store = await open();
  const parked = () => store.parked("default" as TenantId, "approval", 9).map((row) => [row.runId, row.step]);
  expect([parked(), store.census().pendingApprovals]).toEqual([[[runId(1), "compile"]], 1]);
  const { epoch } = await store.own("if-dead");
  asking.move("compile", "step.queued", "step.answer", "running.waiting", { attempt: 2 });
  await store.commit(epoch, batchOf(asking.take()));
  expect([parked(), store.census().pendingApprovals]).toEqual([[], 0]);
});
