import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { openStore } from "./index.ts";
import { APPLICATION_ID, MIGRATIONS } from "./schema.ts";

test("a store of schema 2 gets its table of breakers when it is opened", async () => {
  const directory = mkdtempSync(join(tmpdir(), "troupe-schema-"));
  try {
    const older = new DatabaseSync(join(directory, "troupe.db"));
    for (const sql of MIGRATIONS.slice(0, 2)) older.exec(sql);
    older.exec(`PRAGMA journal_mode = WAL; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 2`);
    older.close();
    await using store = await openStore({ directory, durability: "full" });
    expect(store.breakers(0)).toEqual([]);
    expect(store.checks().filter(({ ok }) => !ok)).toEqual([]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
