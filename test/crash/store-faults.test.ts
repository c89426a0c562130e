/** The SQLite store against processes that die, stop and compete, and disks that fail (reliability §7). */
import { spawnSync } from "node:child_process";
import { accessSync, chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { describe, expect, test } from "vitest";
import { batchOf, definitionRow, runId, Script } from "../conformance/store.entries.ts";
import { createFileBench, withDatabase } from "../conformance/store-sqlite.bench.ts";

const bench = createFileBench();
const isRoot = process.getuid?.() === 0;
const hasStrace = spawnSync("strace", ["-e", "trace=none", "true"]).status === 0;

/** Skips with a loud line: a gate that sees nothing must be noticed. */
function skipLoudly(context: { skip(note: string): void }, reason: string): void {
  console.warn(`SKIPPED: ${reason}`);
  context.skip(reason);
}

describe("owners", () => {
  test("of two engines that start at the same moment one wins, every time (F-16, I-11)", async () => {
    const directory = bench.makeDirectory();
    const pair = await Promise.all([bench.spawnChild(directory), bench.spawnChild(directory)]);
    for (let round = 1; round <= 60; round++) {
      const answers = await Promise.all(pair.map((child) => child.ask("own if-dead", "owned")));
      expect(answers.filter((answer) => answer.owned === round)).toHaveLength(1);
      expect(answers.filter((answer) => answer.failed === "STORE_OWNED")).toHaveLength(1);
      await Promise.all(pair.map((child, index) => ("owned" in (answers[index] ?? {}) ? child.ask("disown", "disowned") : null)));
    }
  });

  test("an owner keeps its lock while its own process asks for it again and opens the store a second time", async () => {
    const directory = bench.makeDirectory();
    const owner = await bench.open(directory);
    await owner.own("if-dead");
    const second = await bench.open(directory);
    await expect(second.own("if-dead")).rejects.toMatchObject({ code: "STORE_OWNED" });
    await second[Symbol.asyncDispose]();
    // Without its row the lock alone has to tell.
    withDatabase(directory, (db) => db.exec("UPDATE engines SET ended_at = 1"));
    const child = await bench.spawnChild(directory);
    expect(await child.ask("own if-dead", "owned")).toMatchObject({ failed: "STORE_OWNED" });
  });

  test("a fresh directory can be opened by several processes at once", async () => {
    for (let round = 0; round < 3; round++) {
      const directory = bench.makeDirectory();
      const children = await Promise.all([1, 2, 3].map(() => bench.spawnChild(directory)));
      expect(children.map(({ answers }) => Object.keys(answers[0] ?? {}))).toEqual([["ready"], ["ready"], ["ready"]]);
    }
  });

  test("an engine that wakes after a forced takeover commits nothing (F-15, I-10)", async () => {
    const directory = bench.makeDirectory();
    const zombie = await bench.spawnChild(directory);
    await zombie.ask("own if-dead", "owned");
    await zombie.ask("commit 1", "committed");
    zombie.process.kill("SIGSTOP");
    const store = await bench.open(directory);
    await expect(store.own("if-dead")).rejects.toMatchObject({
      code: "STORE_OWNED",
      message: expect.stringContaining(`process ${zombie.process.pid}`),
    });
    const { epoch, previous } = await store.own("force");
    expect([epoch, previous]).toEqual([2, "crashed"]);
    await store.commit(epoch, batchOf(new Script(2).create().take()));
    zombie.process.kill("SIGCONT");
    expect(await zombie.ask("commit 3", "committed")).toMatchObject({ failed: "EPOCH_LOST" });
    expect(store.run(runId(3))).toBeNull();
    expect(store.audits(0, 9)).toMatchObject([{ actor: "engine 2", what: "engine.takeover", data: { from: 1 } }]);
    await store.commit(epoch, batchOf(new Script(4).create().take()));
    await zombie.kill("SIGKILL");
    const third = await bench.open(directory);
    await expect(third.own("if-dead")).rejects.toMatchObject({ code: "STORE_OWNED" });
  });

  test("after kill -9 amid commits every acknowledged one is there, and the next engine needs no force (F-3, I-43)", async () => {
    const directory = bench.makeDirectory();
    for (const round of [1, 2]) {
      const child = await bench.spawnChild(directory);
      await child.ask("own if-dead", "owned");
      child.process.stdin.write(`flood ${round * 10_000}\n`);
      const enough = child.answers.length + 60 * round;
      while (child.answers.length < enough) await child.hear("committed", "failed");
      await child.kill("SIGKILL");
      const acknowledged = child.answers.flatMap((answer) => (typeof answer.committed === "number" ? [answer.committed] : []));
      const store = await bench.open(directory);
      for (const number of acknowledged) expect(store.run(runId(number))).toMatchObject({ state: "succeeded", lastSeq: 12 });
      expect(store.verify().breaks).toEqual([]);
      const { previous, recentCrashes } = await store.own("if-dead");
      expect([previous, recentCrashes.length]).toEqual(["crashed", round]);
      await store.disown();
      await store[Symbol.asyncDispose]();
    }
  });
});

describe("locks and disks", () => {
  test("a lock held elsewhere delays a commit, is reported, and stalls nobody else (F-11)", async () => {
    const directory = bench.makeDirectory();
    const troubles: unknown[] = [];
    const store = await bench.open(directory, (trouble) => troubles.push(trouble));
    const { epoch } = await store.own("if-dead");
    await store.putDefinition(definitionRow());
    const other = await bench.spawnChild(directory);
    await other.ask("lock 1200", "locked");
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const commit = store.commit(epoch, batchOf(new Script(1).create().take()));
    const reader = setInterval(() => store.runs({ limit: 5 }), 10);
    await commit;
    clearInterval(reader);
    delay.disable();
    expect(troubles.length).toBeGreaterThanOrEqual(2);
    expect([troubles[0], troubles.at(-1)]).toEqual(["busy", null]);
    // The writer waits for 250 ms at a time; on this thread it would show.
    expect(delay.percentile(99) / 1e6).toBeLessThan(200);
    expect(store.run(runId(1))?.state).toBe("pending");
  });

  test("closing gives up a commit that waits for a lock: it failed, and surely", async () => {
    const directory = bench.makeDirectory();
    const store = await bench.open(directory);
    const { epoch } = await store.own("if-dead");
    const other = await bench.spawnChild(directory);
    await other.ask("lock 5000", "locked");
    const commit = expect(store.commit(epoch, batchOf())).rejects.toMatchObject({ code: "STORE_BUSY", kind: "transient" });
    await store[Symbol.asyncDispose]();
    await commit;
  });

  test("a full disk holds commits back until there is space again, and loses nothing (F-7)", async (context) => {
    const directory = bench.makeDirectory();
    const mounted = isRoot && spawnSync("mount", ["-t", "tmpfs", "-o", "size=6m,mode=0700", "tmpfs", directory]).status === 0;
    if (!mounted) return skipLoudly(context, "F-7 needs root and the right to mount a tmpfs");
    try {
      const filler = join(directory, "filler");
      const full = Promise.withResolvers<void>();
      const troubles: unknown[] = [];
      const store = await bench.open(directory, (trouble) => {
        troubles.push(trouble);
        if (trouble === "full") full.resolve();
      });
      const { epoch } = await store.own("if-dead");
      await store.putDefinition(definitionRow());
      await store.commit(epoch, batchOf(new Script(1).create().take()));
      fill(filler);
      let number = 1;
      let last: Promise<void> = Promise.resolve();
      while (!troubles.includes("full") && number < 400) {
        number += 1;
        last = store.commit(epoch, batchOf(new Script(number).create({ input: "x".repeat(20_000) }).take()));
        await Promise.race([last, full.promise]);
      }
      expect(troubles).toContain("full");
      expect(store.run(runId(number))).toBeNull();
      expect(store.run(runId(1))?.state).toBe("pending");
      rmSync(filler);
      await last;
      expect(troubles.at(-1)).toBeNull();
      expect(store.run(runId(number))?.state).toBe("pending");
      expect(store.verify()).toMatchObject({ runs: number, breaks: [] });
      await store[Symbol.asyncDispose]();
    } finally {
      spawnSync("umount", ["-l", directory]);
    }
  });

  function fill(path: string): void {
    const chunk = Buffer.alloc(16 * 1024);
    for (let bytes = 0; bytes < 4 * 1024 * 1024; bytes += chunk.length) {
      try {
        writeFileSync(path, chunk, { flag: "a" });
      } catch {
        return;
      }
    }
  }

  test("a failed fsync of a commit stops the store, and either outcome is consistent afterwards (F-5, I-39)", async (context) => {
    if (!hasStrace) return skipLoudly(context, "F-5 needs strace with the right to trace");
    for (const when of [1, 4]) {
      const directory = bench.makeDirectory();
      const log = join(directory, "troupe.db-wal");
      const strace = [
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-P",
        log,
        "-e",
        "trace=fsync,fdatasync",
        "-e",
        `inject=fsync,fdatasync:error=EIO:when=${when + 8}+`,
      ];
      const child = await bench.spawnChild(directory, strace);
      await child.ask("own if-dead", "owned");
      const codes: unknown[] = [];
      for (let number = 1; number <= 20; number++) {
        const answer = await child.ask(`commit ${number}`, "committed");
        codes.push("committed" in answer ? answer.committed : answer.failed);
      }
      await child.kill("SIGKILL");
      const failedAt = codes.indexOf("COMMIT_UNKNOWN");
      expect(failedAt).toBeGreaterThan(-1);
      // ST4: nothing more is tried after it.
      expect(new Set(codes.slice(failedAt))).toEqual(new Set(["COMMIT_UNKNOWN"]));
      const store = await bench.open(directory);
      for (let number = 1; number <= failedAt; number++) expect(store.run(runId(number))?.lastSeq).toBe(12);
      expect([undefined, 12]).toContain(store.run(runId(failedAt + 1))?.lastSeq);
      expect(store.run(runId(failedAt + 2))).toBeNull();
      expect(store.verify().breaks).toEqual([]);
      expect((await store.own("if-dead")).previous).toBe("crashed");
      await store[Symbol.asyncDispose]();
    }
  });

  test("every acknowledged commit has a sync of the log before it (F-4, I-1)", async (context) => {
    if (!hasStrace) return skipLoudly(context, "F-4 needs strace with the right to trace");
    const directory = bench.makeDirectory();
    const trace = join(bench.makeDirectory(), "trace");
    const strace = ["strace", "-f", "-qq", "-y", "-o", trace, "-e", "trace=fsync,fdatasync"];
    const child = await bench.spawnChild(directory, strace);
    await child.ask("own if-dead", "owned");
    const syncs = () => (spawnSync("grep", ["-c", "troupe.db-wal", trace], { encoding: "utf8" }).stdout ?? "").trim();
    for (let number = 1; number <= 5; number++) {
      const before = Number(syncs());
      await child.ask(`commit ${number}`, "committed");
      expect(Number(syncs())).toBeGreaterThan(before);
    }
    await child.kill("SIGKILL");
  });

  test("a slow sync slows commits and nothing else (F-12)", async (context) => {
    if (!hasStrace) return skipLoudly(context, "F-12 needs strace with the right to trace");
    const directory = bench.makeDirectory();
    const strace = [
      "strace",
      "-f",
      "-qq",
      "-o",
      "/dev/null",
      "-e",
      "trace=fsync,fdatasync",
      "-e",
      "inject=fsync,fdatasync:delay_enter=300000",
    ];
    const child = await bench.spawnChild(directory, strace);
    await child.ask("own if-dead", "owned");
    const from = performance.now();
    const { committed, stallMs } = await child.ask("commit 1", "committed");
    expect(committed).toBe(1);
    expect(performance.now() - from).toBeGreaterThan(300);
    expect(stallMs).toBeLessThan(300);
  });

  test("storage that cannot be written is refused with a clear message (F-9)", async (context) => {
    if (!isRoot) return skipLoudly(context, "F-9 needs root, to become somebody else");
    const directory = bench.makeDirectory();
    const state = join(directory, "state");
    mkdirSync(state, { mode: 0o700 });
    for (const path of [directory, state]) chmodSync(path, 0o755);
    const nobody = { uid: 65534, gid: 65534 };
    if (spawnSync(process.execPath, ["-e", "0"], nobody).status !== 0)
      return skipLoudly(context, "F-9 needs a Node that user 65534 may run");
    const child = await bench.spawnChild(join(state, "deep"), [], nobody);
    expect(child.answers[0]).toMatchObject({ failed: "STORE_UNUSABLE", message: expect.stringContaining("EACCES") });
    expect(() => accessSync(join(state, "deep"))).toThrow();
  });
});
