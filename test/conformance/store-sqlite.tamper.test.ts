/** What the SQLite store says about a file that somebody changed, damaged or brought from elsewhere (F-10, I-40, S-47, S-48). */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { TenantId } from "../../src/core/ids.ts";
import type { StoreReader } from "../../src/ports/store.ts";
import { batchOf, definitionRow, runId, Script } from "./store.entries.ts";
import { createFileBench, withDatabase } from "./store-sqlite.bench.ts";

const bench = createFileBench();

/** A closed store with three whole runs; returns its directory and the heads of its chains. */
async function writeStore(runs = 3) {
  const directory = bench.makeDirectory();
  const store = await bench.open(directory);
  const { epoch } = await store.own("if-dead");
  await store.putDefinition(definitionRow());
  for (let number = 1; number <= runs; number++) await store.commit(epoch, batchOf(new Script(number).whole().take()));
  const heads = store.heads();
  await store.disown();
  await store[Symbol.asyncDispose]();
  return { directory, heads };
}

/** As an attacker who can write the file would: without our triggers. */
function tamper(directory: string, ...statements: string[]): void {
  withDatabase(directory, (db) => {
    db.exec("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON");
    for (const { name } of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all()) db.exec(`DROP TRIGGER ${name}`);
    for (const statement of statements) db.exec(statement);
  });
}

describe("history", () => {
  test("triggers refuse to change or remove what is truth", async () => {
    const { directory } = await writeStore();
    withDatabase(directory, (db) => {
      for (const table of ["run_events", "journals", "definitions", "audit", "blobs", "mailbox", "sources", "deployments"]) {
        if (table === "audit") db.exec("INSERT INTO audit VALUES (1, 1, 'a', 'b', '{}', 'x')");
        if (table === "sources") db.exec("INSERT INTO sources VALUES ('x', 'x')");
        if (table === "deployments") db.exec("INSERT INTO deployments VALUES (1, 't', 'n', NULL, NULL, NULL, 0, 1, 'a')");
        if (table === "blobs") db.exec("INSERT INTO blobs VALUES ('x', 1, '1')");
        if (table === "mailbox") db.exec("INSERT INTO mailbox (id, run_id, cause_id, at, event) VALUES (1, 'r', 'c', 1, '{}')");
        expect(() => db.exec(`DELETE FROM ${table}`), table).toThrow(/retention only|kept/);
      }
      expect(() => db.exec("UPDATE run_events SET data = '{}'")).toThrow("entries never change");
      expect(() => db.exec("UPDATE audit SET actor = 'x'")).toThrow("the audit log never changes");
      expect(() => db.exec("UPDATE mailbox SET event = 'x'")).toThrow("letters never change");
    });
  });

  const seq = (number: number) => `run = 2 AND seq = ${number}`;
  const columns = ["actor", "type", "consumed", "from_state", "to_state", "data", "cause_id", "hash"];
  test.each([
    ...columns.map((column) => [`${column} edited`, 5, [`UPDATE run_events SET ${column} = 'x' WHERE ${seq(5)}`]] as const),
    ["time edited", 5, [`UPDATE run_events SET at = at + 1 WHERE ${seq(5)}`]] as const,
    ["removed", 6, [`DELETE FROM run_events WHERE ${seq(6)}`]] as const,
    [
      "removed and the rest moved up",
      6,
      [`DELETE FROM run_events WHERE ${seq(6)}`, "UPDATE run_events SET seq = seq - 1 WHERE run = 2 AND seq > 6"],
    ] as const,
    [
      "swapped",
      3,
      [
        `UPDATE run_events SET seq = 99 WHERE ${seq(3)}`,
        `UPDATE run_events SET seq = 3 WHERE ${seq(4)}`,
        `UPDATE run_events SET seq = 4 WHERE ${seq(99)}`,
      ],
    ] as const,
    ["first removed", 1, [`DELETE FROM run_events WHERE ${seq(1)}`]] as const,
  ])("an entry %s is named by verify (S-47)", async (_name, broken, statements) => {
    const { directory } = await writeStore();
    tamper(directory, ...statements);
    const store = await bench.open(directory);
    expect(store.verify().breaks).toMatchObject([{ runId: runId(2), seq: broken }]);
    expect(store.checks().find(({ ok }) => !ok)).toMatchObject({ name: "hash chains" });
  });

  test.each([
    ["given another version", "UPDATE deployments SET definition = 'd0'"],
    ["given to another tenant", "UPDATE deployments SET tenant = 'other'"],
    ["given another author", "UPDATE deployments SET actor = 'eve'"],
    [
      "put in without a note",
      "INSERT INTO deployments SELECT 99, tenant, 'more', definition, source, title, steps, at, actor FROM deployments",
    ],
    ["removed", "DELETE FROM deployments"],
    ["rewritten", "UPDATE sources SET text = 'run: rm -rf /'"],
  ])("a deployed workflow that was %s is named by verify (S-47)", async (_name, statement) => {
    const { directory } = await writeStore();
    const store = await bench.open(directory);
    const { revision } = await store.deploy({
      tenant: "default" as TenantId,
      definition: definitionRow(),
      source: "steps: []",
      title: null,
      steps: 2,
      by: "ada",
    });
    expect(store.verify().breaks).toEqual([]);
    await store[Symbol.asyncDispose]();
    tamper(directory, statement);
    const breaks = (await bench.open(directory)).verify().breaks;
    expect(breaks).toMatchObject([{ runId: null, seq: statement.startsWith("INSERT") ? 99 : revision }]);
  });

  test("a cut tail and a removed run are found by kept heads only", async () => {
    const { directory, heads } = await writeStore();
    tamper(
      directory,
      "DELETE FROM run_events WHERE run = 2 AND seq > 8",
      "DELETE FROM run_events WHERE run = 3",
      "DELETE FROM journals WHERE run = 3",
    );
    const store = await bench.open(directory);
    expect(store.verify().breaks).toEqual([]);
    expect(store.verify(heads).breaks).toMatchObject([
      { runId: runId(2), seq: 12 },
      { runId: runId(3), seq: 12 },
    ]);
  });

  test("a changed audit log is found", async () => {
    const { directory } = await writeStore();
    const store = await bench.open(directory);
    await store.note("ada", "run.deleted", { why: "test" });
    await store.note("ada", "run.deleted", { why: "again" });
    const heads = store.heads();
    await store[Symbol.asyncDispose]();
    tamper(directory, "UPDATE audit SET actor = 'bob' WHERE id = 1");
    expect((await bench.open(directory)).verify().breaks).toMatchObject([{ runId: null, seq: 1 }]);
    tamper(directory, "DELETE FROM audit");
    expect((await bench.open(directory)).verify(heads).breaks).toMatchObject([{ runId: null, seq: 2 }]);
  });

  test("every derived row comes back byte for byte (F-33)", async () => {
    const { directory } = await writeStore(20);
    const dump = () =>
      withDatabase(directory, (db) =>
        ["run_starts", "run_states", "steps", "step_attempts", "blob_uses"].map((table) =>
          JSON.stringify(db.prepare(`SELECT * FROM ${table}`).all()),
        ),
      );
    const before = dump();
    tamper(
      directory,
      "DELETE FROM run_starts",
      "DELETE FROM steps",
      "UPDATE run_states SET state = 'lost'",
      "DELETE FROM step_attempts WHERE attempt = 1",
    );
    const store = await bench.open(directory);
    const ills = () => store.checks().flatMap(({ ok, name }) => (ok ? [] : [name]));
    expect(ills()).toEqual(["derived rows"]);
    expect(await store.rebuild("ada")).toBe(20);
    expect(ills()).toEqual([]);
    expect(dump()).toEqual(before);
    expect(store.audits(0, 9)).toMatchObject([{ actor: "ada", what: "store.rebuilt", data: { runs: 20 } }]);
  });
});

describe("bad rows (S-48)", () => {
  const garbage = ["'{'", "'null'", "'[1]'", "x'00ff'", "''"];
  const columns = [
    "run_events.data",
    "run_events.type",
    "run_starts.input",
    "run_starts.labels",
    "run_starts.priority",
    "run_states.output",
    "run_states.error",
    "run_states.state",
    "steps.state",
    "step_attempts.error",
    "step_attempts.outcome",
  ];
  const ask = {
    run: (store: StoreReader, number: number) => store.run(runId(number)),
    steps: (store: StoreReader, number: number) => store.steps(runId(number)),
    attempts: (store: StoreReader, number: number) => store.attempts(runId(number)),
    entries: (store: StoreReader, number: number) => store.entries(runId(number), 0, 99),
  };

  test("one bad column of one run never reaches a read of another run", async () => {
    const { directory } = await writeStore();
    const pristine = join(directory, "pristine");
    copyFileSync(join(directory, "troupe.db"), pristine);
    for (const column of columns) {
      for (const value of garbage) {
        const [table = "", name = ""] = column.split(".");
        copyFileSync(pristine, join(directory, "troupe.db"));
        try {
          tamper(directory, `UPDATE ${table} SET ${name} = ${value} WHERE run = 2`);
        } catch (error) {
          // A STRICT table refuses the type, which is as good.
          expect(String(error)).toMatch(/cannot store/);
          continue;
        }
        const store = await bench.open(directory);
        for (const [what, read] of Object.entries(ask)) {
          expect(read(store, 1), `${column} ${value} ${what}`).toEqual(JSON.parse(JSON.stringify(read(store, 1))));
          expect(read(store, 3)).toBeTruthy();
          try {
            read(store, 2);
          } catch (error) {
            expect(error).toMatchObject({ code: "INV_ROW_UNREADABLE" });
          }
        }
        expect(store.runs({ limit: 9 }).map(({ id }) => id)).toEqual(expect.arrayContaining([runId(1), runId(3)]));
        expect(store.tail(0, 99).filter((entry) => entry.runId !== runId(2))).toHaveLength(24);
        await store[Symbol.asyncDispose]();
      }
    }
  });

  test("an unreadable entry is an error of its run, and a bad letter holds up no other", async () => {
    const { directory } = await writeStore();
    const store = await bench.open(directory);
    await store.post(runId(1), "a" as never, 1, { type: "run.pause", by: "ada" });
    await store.post(runId(2), "b" as never, 1, { type: "run.pause", by: "ada" });
    tamper(directory, "UPDATE run_events SET data = '{' WHERE run = 2 AND seq = 4", "UPDATE mailbox SET event = '{' WHERE id = 1");
    expect(() => store.entries(runId(2), 0, 99)).toThrow(expect.objectContaining({ code: "INV_ROW_UNREADABLE" }));
    expect(store.entries(runId(2), 4, 99)).toHaveLength(8);
    expect(store.letters(9)).toMatchObject([{ runId: runId(2) }]);
  });
});

describe("files that are not in order (F-10, I-40)", () => {
  const refused = (problem: string | RegExp) =>
    expect.objectContaining({ code: "STORE_UNUSABLE", message: expect.stringMatching(problem) });

  test("a newer schema, another program's database and a text file are refused", async () => {
    const { directory } = await writeStore();
    withDatabase(directory, (db) => db.exec("PRAGMA user_version = 99"));
    await expect(bench.open(directory)).rejects.toEqual(refused("schema 99"));
    withDatabase(directory, (db) => db.exec("PRAGMA user_version = 0; PRAGMA application_id = 7"));
    await expect(bench.open(directory)).rejects.toEqual(refused("another program"));
    for (const suffix of ["", "-wal", "-shm"]) rmSync(join(directory, `troupe.db${suffix}`), { force: true });
    writeFileSync(join(directory, "troupe.db"), "these are notes, not a database\n".repeat(200));
    await expect(bench.open(directory)).rejects.toEqual(refused("not a database"));
  });

  test("a state directory is private, ignored by git, and never somebody else's", async () => {
    const { directory } = await writeStore();
    const inner = join(directory, "deep", "state");
    await bench.open(inner);
    expect(statSync(inner).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(inner, ".gitignore"), "utf8")).toBe("*\n");
    chmodSync(directory, 0o755);
    await expect(bench.open(directory)).rejects.toEqual(refused("other users"));
    const empty = join(directory, "empty");
    mkdirSync(empty, { mode: 0o777 });
    await bench.open(empty);
    expect(statSync(empty).mode & 0o777).toBe(0o700);
    const file = join(directory, "file");
    writeFileSync(file, "");
    await expect(bench.open(join(file, "state"))).rejects.toEqual(refused("ENOTDIR"));
  });

  test("a flipped byte is refused at boot, found by verify, or harmless: never a crash or a wrong journal", async () => {
    const { directory } = await writeStore(15);
    const path = join(directory, "troupe.db");
    const pristine = readFileSync(path);
    const good = await readAll(directory);
    const found = { refused: 0, verified: 0, harmless: 0 };
    // Every second page and the first: half the file, in seconds.
    for (const page of Array.from({ length: pristine.length / 4096 }, (_, index) => index).filter(
      (index) => index === 0 || index % 2 === 1,
    )) {
      const damaged = Buffer.from(pristine);
      // Headers of pages lie at their front, cells at their back.
      const offset = page * 4096 + (page % 4 < 2 ? (page * 7) % 100 : 4095 - ((page * 131) % 900));
      damaged[offset] = (damaged[offset] ?? 0) ^ 0x55;
      for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
      writeFileSync(path, damaged);
      found[await judge(directory, good)] += 1;
    }
    console.log("pages with one flipped byte:", found);
    expect(found.refused).toBeGreaterThan(5);
  });

  /** The journals as one text, or null when a coded error says that they cannot be read. */
  async function readAll(directory: string): Promise<string> {
    const store = await bench.open(directory);
    const all = JSON.stringify(store.tail(0, 10_000));
    await store[Symbol.asyncDispose]();
    return all;
  }

  async function judge(directory: string, good: string): Promise<"refused" | "verified" | "harmless"> {
    const store = await bench.open(directory).catch((error) => {
      expect(error).toMatchObject({ code: "STORE_UNUSABLE" });
      return null;
    });
    if (store === null) return "refused";
    try {
      await store.own("if-dead");
      if (store.verify().breaks.length > 0) return "verified";
      expect(JSON.stringify(store.tail(0, 10_000))).toBe(good);
      return "harmless";
    } catch (error) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^STORE_UNUSABLE|COMMIT_UNKNOWN|INV_/) });
      return "refused";
    } finally {
      await store[Symbol.asyncDispose]();
    }
  }

  test("a log cut anywhere loses whole commits from its end, and nothing else", async () => {
    const directory = bench.makeDirectory();
    const store = await bench.open(directory);
    const { epoch } = await store.own("if-dead");
    await store.putDefinition(definitionRow());
    for (let number = 1; number <= 10; number++) await store.commit(epoch, batchOf(new Script(number).whole().take()));
    const [database, log] = ["troupe.db", "troupe.db-wal"].map((name) => readFileSync(join(directory, name)));
    if (database === undefined || log === undefined) throw new Error("no files");
    const counts: number[] = [];
    const stride = 4120 * 3 + 1; // Somewhere in each third page.
    const cuts = Array.from({ length: Math.ceil((log.length - 32) / stride) }, (_, index) => 32 + index * stride);
    for (const cut of [...cuts, log.length]) {
      const copy = join(bench.makeDirectory(), "state");
      mkdirSync(copy, { mode: 0o700 });
      writeFileSync(join(copy, "troupe.db"), database);
      writeFileSync(join(copy, "troupe.db-wal"), log.subarray(0, cut));
      const torn = await bench.open(copy);
      expect(torn.verify().breaks).toEqual([]);
      const ids = torn.runs({ limit: 99 });
      expect(ids.map(({ lastSeq }) => lastSeq)).toEqual(ids.map(() => 12));
      counts.push(ids.length);
      await torn[Symbol.asyncDispose]();
    }
    expect(counts).toEqual(counts.toSorted((left, right) => left - right));
    expect(counts.at(-1)).toBe(10);
  });

  test("a backup is a store of its own, taken while commits go on", async () => {
    const { directory } = await writeStore();
    const store = await bench.open(directory);
    const { epoch } = await store.own("if-dead");
    const copy = join(bench.makeDirectory(), "copy");
    mkdirSync(copy, { mode: 0o700 });
    const target = join(copy, "troupe.db");
    await Promise.all([store.backup(target), store.commit(epoch, batchOf(new Script(9).whole().take()))]);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    await expect(store.backup(target)).rejects.toEqual(refused("exists already"));
    const restored = await bench.open(copy);
    expect(restored.runs({ limit: 9 }).length).toBeGreaterThanOrEqual(3);
    expect(restored.checks().filter(({ ok }) => !ok)).toEqual([]);
    expect(existsSync(`${target}-journal`)).toBe(false);
  });
});
