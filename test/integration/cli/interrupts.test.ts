import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunView } from "../../../src/contract/run-view.ts";
import { openProject } from "../../../src/main/project.ts";
import { elapse } from "../../support/elapse.ts";
import { eventually } from "../../support/eventually.ts";
import { isRunning } from "../../support/processes.ts";
import { createFolder, type Folder } from "./in-process.ts";
import { runToEnd, start } from "./spawned.ts";

/** Ends when the file `go` appears; the ledger tells what really ran. */
const WAITING = `name: waiting
steps:
  - id: first
    run: echo first >> ledger
  - id: second
    needs: [first]
    timeout: { after: 1m, grace: 500ms }
    run: |
      echo second >> ledger
      echo $$ > pid
      until [ -e go ]; do sleep 0.05; done
`;

let folder: Folder;

beforeEach(() => {
  folder = createFolder();
  writeFileSync(join(folder.path, "waiting.troupe.yaml"), WAITING);
});
afterEach(() => {
  writeFileSync(join(folder.path, "go"), "");
  folder[Symbol.dispose]();
});

async function startWaiting() {
  const running = start(["run", "waiting.troupe.yaml"], { cwd: folder.path });
  await running.saw("second started");
  return running;
}

async function latest(): Promise<RunView> {
  return JSON.parse((await runToEnd(["show", "-o", "json"], { cwd: folder.path })).out);
}

function ledger(): readonly string[] {
  return readFileSync(join(folder.path, "ledger"), "utf8").trim().split("\n");
}

describe("signals", () => {
  test("the first SIGINT cancels the run and ends with 130", async () => {
    const running = await startWaiting();
    running.child.kill("SIGINT");
    const { code, out, err } = await running.ended;
    expect(err).toContain("Press Ctrl-C again to force");
    expect(code).toBe(130);
    expect(out).toContain("⊘ waiting canceled");
    expect((await latest()).state).toBe("canceled");
  });

  test("the second SIGINT kills what runs and ends with 130", async () => {
    writeFileSync(
      join(folder.path, "waiting.troupe.yaml"),
      WAITING.replace("500ms", "50s").replace("run: |\n      echo second", "run: |\n      trap '' TERM\n      echo second"),
    );
    const running = await startWaiting();
    // The command has begun, and is deaf to TERM from here on.
    const readPid = (): string => readFileSync(join(folder.path, "pid"), "utf8").trim();
    await eventually(() => expect(readPid()).not.toBe(""), 10_000);
    running.child.kill("SIGINT");
    await running.saw("Canceling");
    running.child.kill("SIGINT");
    const { code, err } = await running.ended;
    expect(code).toBe(130);
    // Then the run is seen to be canceled, or this command has left before that.
    expect(err).toContain("Killing.");
    const pid = readPid();
    // A killed process may still be on its way out.
    await eventually(() => expect(isRunning(pid)).toBe(false));
  });

  test("SIGTERM suspends with 143, and resume goes on where it stopped", async () => {
    const running = await startWaiting();
    running.child.kill("SIGTERM");
    const { code, err } = await running.ended;
    expect(code).toBe(143);
    expect(err).toMatch(/troupe resume run_[0-9a-f]+/);
    writeFileSync(join(folder.path, "go"), "");
    const resumed = await runToEnd(["resume"], { cwd: folder.path });
    expect([resumed.code, resumed.err]).toEqual([0, expect.not.stringContaining("first")]);
    expect(ledger()).toEqual(["first", "second"]);
  });

  test("after kill -9 recover tells of the run, and resume repeats nothing", async () => {
    const running = await startWaiting();
    running.child.kill("SIGKILL");
    await running.ended;
    writeFileSync(join(folder.path, "go"), "");
    const listed = await runToEnd(["recover", "list", "-o", "json"], { cwd: folder.path });
    expect(JSON.parse(listed.out)).toMatchObject([{ workflow: "waiting", isDriven: false }]);
    const resumed = await runToEnd(["resume", "@latest", "-o", "json"], { cwd: folder.path });
    expect(resumed.code).toBe(0);
    expect(JSON.parse(resumed.out).steps).toMatchObject([
      { id: "first", state: "succeeded", attempts: 1 },
      { id: "second", state: "succeeded", attempts: 1 },
    ]);
    expect(ledger()).toEqual(["first", "second"]);
  });

  test("time without an engine is no work of a step that went on without it", async () => {
    const running = await startWaiting();
    running.child.kill("SIGKILL");
    await running.ended;
    writeFileSync(join(folder.path, "go"), "");
    const readPid = (): string => readFileSync(join(folder.path, "pid"), "utf8").trim();
    await eventually(() => expect(isRunning(readPid())).toBe(false), 10_000);
    await elapse(1_500);
    const { code, out } = await runToEnd(["resume"], { cwd: folder.path });
    expect([code, out]).toEqual([0, expect.stringContaining("of work in")]);
    const [, second] = (await latest()).steps;
    expect((second?.durationMs ?? 0) - (second?.workMs ?? 0)).toBeGreaterThan(1_000);
  });
});

describe("several commands at once", () => {
  test("a second run is driven by the engine that is there, and cancel reaches it from a third process", async () => {
    const running = await startWaiting();
    const second = start(["run", "waiting.troupe.yaml"], { cwd: folder.path });
    await second.saw("driven by the engine that is running already");
    await second.saw("second started");
    const canceled = await runToEnd(["cancel", "@latest", "--reason", "enough"], { cwd: folder.path });
    expect([canceled.code, canceled.out]).toEqual([0, expect.stringContaining("waiting canceled")]);
    expect((await second.ended).code).toBe(1);
    writeFileSync(join(folder.path, "go"), "");
    expect((await running.ended).code).toBe(0);
  });

  test("the second takes over when the first is killed", async () => {
    const running = await startWaiting();
    const second = start(["run", "waiting.troupe.yaml"], { cwd: folder.path });
    await second.saw("second started");
    running.child.kill("SIGKILL");
    await running.ended;
    writeFileSync(join(folder.path, "go"), "");
    expect((await second.ended).code).toBe(0);
  });

  test("a detached run goes on without its command, and watch follows it", async () => {
    const detached = await runToEnd(["run", "waiting.troupe.yaml", "--detach"], { cwd: folder.path });
    expect([detached.code, detached.out]).toEqual([0, expect.stringMatching(/^run_[0-9a-f]{32}\n$/)]);
    const watching = start(["watch", detached.out.trim()], { cwd: folder.path });
    await watching.saw("second started");
    writeFileSync(join(folder.path, "go"), "");
    expect((await watching.ended).code).toBe(0);
  });
});

describe("output that nobody gets", () => {
  test("a reader that has seen enough is told as SIGPIPE would be, without a word", async () => {
    const listing = start(["schema"], { cwd: folder.path });
    listing.child.stdout?.destroy();
    const { code, err } = await listing.ended;
    expect([code, err]).toEqual([141, ""]);
  });

  test.skipIf(!existsSync("/dev/full"))("a full disk is told, and no script takes it for a success", async () => {
    const full = openSync("/dev/full", "w");
    try {
      const { code, err } = await runToEnd(["schema"], { cwd: folder.path, stdout: full });
      expect([code, err]).toEqual([74, expect.stringContaining("stdout takes nothing more")]);
      // What became of the run comes before what became of its report.
      writeFileSync(join(folder.path, "bad.troupe.yaml"), "name: bad\nsteps: [{ id: a, run: exit 3 }]\n");
      expect((await runToEnd(["run", "bad.troupe.yaml"], { cwd: folder.path, stdout: full })).code).toBe(1);
    } finally {
      closeSync(full);
    }
  });
});

/** Engines of the state directory that the next one takes for crashed. */
function unended(): number {
  using db = new DatabaseSync(join(folder.path, ".troupe", "troupe.db"), { readOnly: true, timeout: 5_000 });
  return Number(db.prepare("SELECT count(*) AS n FROM engines WHERE clean = 0").get()?.n);
}

describe("in the first moments of an engine", () => {
  test.each([
    ["SIGTERM", 143],
    ["SIGHUP", 143],
    ["SIGINT", 130],
  ] as const)("%s ends it, which is no crash (I-20)", async (signal, expected) => {
    await using _store = await openProject({ state: join(folder.path, ".troupe"), willWrite: true }); // Made before, so that it can be looked into.
    const running = start(["run", "waiting.troupe.yaml"], { cwd: folder.path });
    while (unended() === 0 && running.child.exitCode === null) await new Promise((resolve) => setImmediate(resolve));
    running.child.kill(signal);
    const { code, err } = await running.ended;
    expect([code, err]).toEqual([expected, expect.stringMatching(/nothing is lost/)]);
    expect(unended()).toBe(0);
  });
});
