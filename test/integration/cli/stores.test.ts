/** The command against storage and outputs that fail, and against others at the same store (F-8 to F-10, F-14 to F-16, F-52). */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openProject } from "../../../src/main/project.ts";
import { builtCommand } from "../../support/built.ts";
import { runCommand, startCommand } from "../../support/command.ts";
import { useEngines, waitFor, workflowOf } from "../../support/engine-bench.ts";
import { eventually } from "../../support/eventually.ts";

const bench = useEngines();
const QUICK = workflowOf("- id: say", "  stdout: text", "  run: echo hello");
/** Says that it has begun, and waits for `go`. */
const HELD = workflowOf(
  "- id: hold",
  "  run: 'echo \"hold $TROUPE_ATTEMPT\" >> ledger; touch begun; until [ -e go ] || [ ! -e begun ]; do sleep 0.02; done'",
  "- id: after",
  "  needs: [hold]",
  "  run: 'echo \"after $TROUPE_ATTEMPT\" >> ledger'",
);
const ledgerOf = (folder: string): readonly string[] => readFileSync(join(folder, "ledger"), "utf8").trim().split("\n");

describe("a dead output (F-8)", () => {
  test("that is full ends nothing but what it would have shown", async () => {
    const { workspace, state, write } = bench.place();
    const full = openSync("/dev/full", "w");
    const { code, stderr } = await runCommand(["run", write(QUICK), "--state", state], { cwd: workspace, stdout: full });
    closeSync(full);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect((await runCommand(["show", "@latest", "--state", state, "-o", "json"], { cwd: workspace })).stdout).toContain('"succeeded"');
    expect(code).toBe(74); // Whoever asked has not got an answer; the run has succeeded all the same.
  });

  test("that was closed lets the run reach its end", async () => {
    const { workspace, state, write } = bench.place();
    const line = `"${process.execPath}" "${builtCommand()}" run "${write(QUICK)}" --state "${state}" -o jsonl 2> err | true`;
    spawnSync("bash", ["-c", line], { cwd: workspace });
    expect(readFileSync(join(workspace, "err"), "utf8")).not.toMatch(/\n\s+at /);
    await eventually(async () => {
      const { stdout } = await runCommand(["show", "@latest", "--state", state, "-o", "json"], { cwd: workspace });
      expect(stdout).toContain('"succeeded"');
    });
  });
});

describe("storage that cannot be used", () => {
  test("because it may not be written is refused, with the reason (F-9)", async () => {
    const { workspace, state, write } = bench.place();
    const file = write(QUICK);
    chmodSync(workspace, 0o755);
    const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const env = { NODE_COMPILE_CACHE: "", TROUPE_DEBUG: "0" };
    const { code, stderr } = await runCommand(["run", file, "--state", state], { cwd: workspace, through: asNobody, env });
    expect({ code, stderr }).toMatchObject({ code: expect.toBeOneOf([2, 6]), stderr: expect.stringMatching(/[A-Z]+_[A-Z]+/) });
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test.runIf(process.platform === "linux")("because nothing can be made there is refused, too", async () => {
    const { workspace, write } = bench.place();
    const { code, stderr } = await runCommand(["run", write(QUICK), "--state", "/proc/state"], { cwd: workspace });
    expect({ code, stderr }).toEqual({ code: 6, stderr: expect.stringContaining("STORE_UNUSABLE") });
  });

  test("because it is damaged starts nothing, and says what to do (F-10, I-40)", async () => {
    const { workspace, state, write } = bench.place();
    const file = write(QUICK);
    await runCommand(["run", file, "--state", state], { cwd: workspace });
    const database = join(state, "troupe.db");
    const sound = join(workspace, "sound.db");
    for (const log of ["-wal", "-shm"]) rmSync(`${database}${log}`, { force: true });
    copyFileSync(database, sound);
    const damages: readonly [string, () => void][] = [
      ["not a database", () => writeFileSync(database, "This is a text, not a database. ".repeat(400))],
      ["a header of zeros", () => overwrite(database, 0, 100)],
      ["a page of zeros", () => overwrite(database, 4096, 4096)],
      ["half a file", () => truncateSync(database, 20_000)],
    ];
    for (const [name, damage] of damages) {
      copyFileSync(sound, database);
      damage();
      const { code, stderr } = await runCommand(["run", file, "--state", state], { cwd: workspace });
      expect({ name, code, stderr }).toMatchObject({ code: 6, stderr: expect.stringMatching(/\(STORE_\w+|COMMIT_\w+\)/) });
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(stderr, name).toContain("fix:");
      for (const log of ["-wal", "-shm"]) rmSync(`${database}${log}`, { force: true });
    }
  }, 40_000);
});

function overwrite(file: string, from: number, length: number): void {
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, Buffer.alloc(length), 0, length, from);
  closeSync(descriptor);
}

describe("two engines", () => {
  test("that start in the same millisecond on a fresh directory both see their run to its end (F-16, I-11)", async () => {
    for (let pair = 0; pair < 5; pair++) {
      const { workspace, state, write } = bench.place();
      const file = write(QUICK);
      const ends = await Promise.all([0, 1].map(() => runCommand(["run", file, "--state", state, "-o", "json"], { cwd: workspace })));
      for (const { code, stdout, stderr } of ends)
        expect({ code, stderr, state: stateIn(stdout) }).toMatchObject({ code: 0, state: "succeeded" });
    }
  }, 60_000);

  test("an engine that wakes after a forced takeover starts nothing and ends with 6 (F-15, F-14, I-10)", async () => {
    const { workspace, state, write } = bench.place();
    const frozen = startCommand(["run", write(HELD), "--state", state], { cwd: workspace });
    await waitFor(join(workspace, "begun"));
    frozen.child.kill("SIGSTOP");
    await using project = await openProject({ state });
    await using driver = await project.drive({ adopt: "all", takeover: "force" });
    writeFileSync(join(workspace, "go"), "");
    const [run] = project.list();
    expect((await driver.rest(project.runId(run?.id ?? ""))).state).toBe("succeeded");
    frozen.child.kill("SIGCONT");
    const { code, stderr } = await frozen.ended;
    expect(ledgerOf(workspace)).toEqual(["hold 1", "after 1"]);
    expect({ code, stderr }).toMatchObject({ code: 6, stderr: expect.stringContaining("EPOCH_LOST") });
  });
});

function stateIn(stdout: string): unknown {
  return (JSON.parse(stdout) as { readonly state: string }).state; // `run -o json` prints a run.
}

describe("signals (F-52, I-41)", () => {
  test.each(["SIGTERM", "SIGHUP"] as const)("%s suspends; the command goes on, and the next engine with it", async (signal) => {
    const { workspace, state, write } = bench.place();
    const first = startCommand(["run", write(HELD), "--state", state], { cwd: workspace });
    await waitFor(join(workspace, "begun"));
    first.child.kill(signal);
    expect(await first.ended).toMatchObject({ code: 143, stderr: expect.stringContaining("troupe resume") });
    writeFileSync(join(workspace, "go"), "");
    expect((await runCommand(["resume", "--state", state], { cwd: workspace })).code).toBe(0);
    expect(ledgerOf(workspace)).toEqual(["hold 1", "after 1"]);
  });

  test("a second SIGTERM hurries", async () => {
    let tookMs = Number.POSITIVE_INFINITY;
    // One signal takes two seconds. A busy machine may take as long for two of them, but not again and again.
    for (let round = 0; tookMs >= 1_900 && round < 5; round++) {
      const { workspace, state, write } = bench.place();
      const first = startCommand(["run", write(HELD), "--state", state], { cwd: workspace });
      await waitFor(join(workspace, "begun"));
      const begin = performance.now();
      first.child.kill("SIGTERM");
      setTimeout(() => first.child.kill("SIGTERM"), 100);
      expect((await first.ended).code).toBe(143);
      tookMs = performance.now() - begin;
      writeFileSync(join(workspace, "go"), "");
      expect((await runCommand(["resume", "--state", state], { cwd: workspace })).code).toBe(0);
    }
    expect(tookMs).toBeLessThan(1_900);
  }, 60_000);

  test("Ctrl-C cancels: what runs is ended, and the run says so", async () => {
    const { workspace, state, write } = bench.place();
    const first = startCommand(["run", write(HELD), "--state", state], { cwd: workspace });
    await waitFor(join(workspace, "begun"));
    first.child.kill("SIGINT");
    expect((await first.ended).code).toBe(130);
    expect((await runCommand(["show", "@latest", "--state", state, "-o", "json"], { cwd: workspace })).stdout).toContain('"canceled"');
    expect(existsSync(join(workspace, "go"))).toBe(false);
  });
});
