import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { isAlive } from "../../../src/adapters/process-shim/proc.ts";
import { createProcesses } from "../../../src/adapters/process-shim/processes.ts";
import type { PidFile } from "../../../src/adapters/process-shim/protocol.ts";
import type { ProcessResult, ProcessSpec, ProcessVerdict } from "../../../src/ports/processes.ts";
import { eventually } from "../../support/eventually.ts";
import { living, RUN_MARK, useProcesses } from "../../support/processes.ts";

const bench = useProcesses();
const never = new AbortController().signal;
const engines: ChildProcess[] = [];
let attempts = 0;
/** The promise is 50 ms; other tests that share the machine get the rest. */
const LATE_MS = 250;
/** For what would last for minutes if it were not bounded. */
const SOON_MS = 15_000;

afterEach(() => {
  for (const engine of engines.splice(0)) engine.kill("SIGKILL");
});

function spec(script: string, differs: Partial<ProcessSpec> = {}): ProcessSpec {
  const id = `${RUN_MARK}p.s${++attempts}`;
  return {
    directory: join(bench.directory, "control", id, "1"),
    token: `${id}.1.${crypto.randomUUID()}`,
    epoch: 1,
    argv: bench.processes.interpreter,
    script,
    cwd: bench.workspace,
    env: bench.processes.inherited,
    confinement: null,
    stdin: null,
    deadlineAt: null,
    graceMs: 300,
    captureMaxBytes: 64 * 1024,
    masks: [],
    cleanup: null,
    ...differs,
  };
}

async function run(script: string, differs: Partial<ProcessSpec> = {}, signal = never): Promise<ProcessResult> {
  return resultOf(await bench.processes.run(spec(script, differs), signal));
}

function resultOf(verdict: ProcessVerdict): ProcessResult {
  expect(verdict.kind).toBe("recorded");
  return (verdict as ProcessVerdict & { kind: "recorded" }).result;
}

/**
 * Tells by how much something came late. A busy machine is late now and then, so the best of some tries counts; what a try must hold
 * in any case, it asserts itself. Null for a try that the machine has spoilt; the next one is given twice the time.
 */
async function expectPunctual(once: (limitMs: number) => Promise<number | null>): Promise<void> {
  let least = Number.POSITIVE_INFINITY;
  for (let limitMs = 200; least > LATE_MS && limitMs < 5_000; limitMs *= 2) least = Math.min(least, (await once(limitMs)) ?? least);
  expect(least).toBeLessThan(LATE_MS);
}

function startEngine(attempt: ProcessSpec): ChildProcess {
  const script = fileURLToPath(new URL("../../support/engine.child.ts", import.meta.url));
  const engine = spawn(process.execPath, [script, join(bench.directory, `engine-${attempts}`), JSON.stringify(attempt)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  engines.push(engine);
  return engine;
}

function pidFile(attempt: ProcessSpec): Promise<PidFile> {
  return eventually(() => JSON.parse(readFileSync(join(attempt.directory, "pid.json"), "utf8")) as PidFile); // written by the supervisor as one
}

describe("a deadline (I-16)", () => {
  test("ends the command at its time, whatever the engine does", async () => {
    await expectPunctual(async (limitMs) => {
      const deadlineAt = Date.now() + limitMs;
      const result = await run("sleep 60", { deadlineAt });
      expect(result).toMatchObject({ stopped: "timeout", signal: "SIGTERM", unkillable: false });
      expect(result.endedAt).toBeGreaterThanOrEqual(deadlineAt);
      return result.endedAt - deadlineAt;
    });
  });

  test("kills what ignores TERM after the grace", async () => {
    await expectPunctual(async (limitMs) => {
      const deaf = join(bench.workspace, `deaf-${limitMs}`);
      const deadlineAt = Date.now() + limitMs;
      const result = await run(`trap '' TERM; touch ${deaf}; while :; do sleep 0.05; done`, { deadlineAt, graceMs: 300 });
      expect(result).toMatchObject({ stopped: "timeout" });
      if (!existsSync(deaf)) return null; // TERM came before the trap.
      expect(result.signal).toBe("SIGKILL");
      expect(result.endedAt).toBeGreaterThanOrEqual(deadlineAt + 300);
      return result.endedAt - deadlineAt - 300;
    });
  });

  test("ends a stopped command too (F-20)", async () => {
    const attempt = spec("kill -STOP $$", { deadlineAt: Date.now() + 200 });
    expect(resultOf(await bench.processes.run(attempt, never))).toMatchObject({ stopped: "timeout" });
    expect(living(attempt.token)).toEqual([]);
  });

  test("is `timeout` even when the command answers TERM with success", async () => {
    let isTrapped = false;
    for (let limitMs = 200; !isTrapped && limitMs < 5_000; limitMs *= 2) {
      const trapped = join(bench.workspace, `trapped-${limitMs}`);
      const script = `trap 'exit 0' TERM; touch ${trapped}; while :; do sleep 0.02; done`;
      const result = await run(script, { deadlineAt: Date.now() + limitMs });
      isTrapped = existsSync(trapped);
      expect(result).toMatchObject({ stopped: "timeout", ...(isTrapped && { exitCode: 0 }) });
    }
    expect(isTrapped).toBe(true);
  });
});

describe("stopping", () => {
  test("an abort ends the command and says why", async () => {
    for (const reason of ["cancel", "timeout"] as const) {
      const stop = new AbortController();
      const attempt = spec("touch began; sleep 60");
      const verdict = bench.processes.run(attempt, stop.signal);
      await pidFile(attempt);
      stop.abort(reason);
      expect(resultOf(await verdict)).toMatchObject({ stopped: reason });
    }
  });

  test("a signal aborted before the start still ends it", async () => {
    expect(await run("sleep 60", {}, AbortSignal.abort("cancel"))).toMatchObject({ stopped: "cancel" });
  });

  test("an abort after the end changes nothing", async () => {
    const stop = new AbortController();
    expect(await run("true", {}, stop.signal)).toMatchObject({ stopped: null, exitCode: 0 });
    stop.abort("cancel");
  });
});

describe("what a command leaves behind (I-15, F-21)", () => {
  const leavers: [name: string, script: string][] = [
    ["a background job", "sleep 1000 & exit 0"],
    ["a session of its own", "setsid sleep 1000 & exit 0"],
    ["a double fork", "( ( sleep 1000 & ) & ) ; exit 0"],
    ["nohup", "nohup sleep 1000 >/dev/null 2>&1 & exit 0"],
    ["one that ignores TERM", "setsid bash -c 'trap \"\" TERM; while :; do sleep 0.1; done' & exit 0"],
  ];
  test.each(leavers)("%s holds up no outcome and is gone soon after it", async (_name, script) => {
    const attempt = spec(script);
    const { exitCode, startedAt, endedAt } = resultOf(await bench.processes.run(attempt, never));
    expect(exitCode).toBe(0);
    expect(endedAt - startedAt).toBeLessThan(SOON_MS);
    await eventually(() => expect(living(attempt.token)).toEqual([]));
  });

  test("after a stop nothing is left when the outcome is known", async () => {
    const attempt = spec("setsid sleep 1000 & sleep 1000", { deadlineAt: Date.now() + 200 });
    await bench.processes.run(attempt, never);
    expect(living(attempt.token)).toEqual([]);
  });

  test("a sweep finds all and says how many", async () => {
    const attempt = spec("sleep 1000 & setsid sleep 1000 & sleep 1000");
    const verdict = bench.processes.run(attempt, never);
    await eventually(() => expect(living(attempt.token)).toHaveLength(4));
    expect(await bench.processes.sweep(attempt.token.slice(0, -5), 200)).toBe(4);
    expect(living(attempt.token)).toEqual([]);
    await verdict;
  });
});

describe("output", () => {
  test("of any size is kept in bounded space and memory (I-34, F-23)", async () => {
    const bytes = 256 * 1024 * 1024;
    const attempt = spec(`head -c ${bytes} /dev/zero; printf end`);
    const verdict = bench.processes.run(attempt, never);
    const { supervisor } = await pidFile(attempt);
    const before = process.memoryUsage().rss;
    const peakKb = (): number => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${supervisor.pid}/status`, "utf8"))?.[1]);
    const { stdout } = resultOf(await verdict);
    expect(stdout).toMatchObject({ bytes: bytes + 3, truncated: true, headBytes: 32 * 1024, tailBytes: 32 * 1024 });
    expect(readFileSync(join(attempt.directory, "stdout")).subarray(-5)).toEqual(Buffer.from("\0\0end"));
    expect(peakKb()).toBeLessThan(200 * 1024);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });

  test("is exact to the byte (F-24)", async () => {
    const odd = Buffer.from([0, 0xff, 0xc3, 0x28, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0xe2, 0x80, 0xa8, 0xed, 0xa0, 0x80, 10]);
    writeFileSync(join(bench.workspace, "odd"), odd);
    const attempt = spec("cat odd; cat odd >&2");
    const { stdout, stderr } = resultOf(await bench.processes.run(attempt, never));
    const sha256 = createHash("sha256").update(odd).digest("hex");
    expect([stdout.sha256, stderr.sha256]).toEqual([sha256, sha256]);
    expect(readFileSync(join(attempt.directory, "stderr"))).toEqual(odd);
  });

  test("written right before the exit is not lost", async () => {
    for (let i = 0; i < 20; i++) expect((await run("head -c 60000 /dev/zero; head -c 60000 /dev/zero >&2")).stdout.bytes).toBe(60_000);
  });

  test("shows no secret, and neither does anything else in the control directory (S-38)", async () => {
    const secret = "s3cr3t-canary";
    const attempt = spec('printf "%s" "$PASSWORD" | cut -c1-4; echo "x $PASSWORD y"; printf s3cr; sleep 0.05; echo 3t-canary', {
      env: { ...bench.processes.inherited, PASSWORD: secret },
      masks: [secret],
    });
    resultOf(await bench.processes.run(attempt, never));
    expect(readFileSync(join(attempt.directory, "stdout"), "utf8")).toBe("s3cr\nx *** y\n***\n");
    for (const name of ["spec.json", "script", "claim", "pid.json", "result.json"])
      expect(readFileSync(join(attempt.directory, name), "utf8")).not.toContain(secret);
  });
});

describe("clean-up", () => {
  test("runs after success, failure and time-out, in the place of the command", async () => {
    for (const [script, differs] of [
      ["true", {}],
      ["exit 3", {}],
      ["sleep 60", { deadlineAt: Date.now() + 200 }],
    ] as const) {
      rmSync(join(bench.workspace, "cleaned"), { force: true });
      const { cleanup } = await run(script, { ...differs, cleanup: { argv: bench.processes.interpreter, script: "touch cleaned" } });
      expect(cleanup).toEqual({ exitCode: 0, signal: null });
      expect(existsSync(join(bench.workspace, "cleaned"))).toBe(true);
    }
  });

  test("is bounded by the grace", async () => {
    const { cleanup, startedAt, endedAt } = await run("true", { cleanup: { argv: bench.processes.interpreter, script: "sleep 60" } });
    expect(cleanup).toMatchObject({ signal: "SIGTERM" });
    expect(endedAt - startedAt).toBeLessThan(SOON_MS);
  });
});

describe("an engine that is killed (I-13)", () => {
  test("leaves its command running; the next one follows it to its result", async () => {
    const go = join(bench.workspace, "go-on");
    const attempt = spec(`echo before; until [ -e ${go} ]; do sleep 0.02; done; echo after; exit 7`);
    const engine = startEngine(attempt);
    await pidFile(attempt);
    engine.kill("SIGKILL");
    expect(await bench.processes.judge(attempt.directory, attempt.token)).toEqual({ kind: "alive" });
    const verdict = bench.processes.follow(attempt.directory, attempt.token.slice(0, -8), 300, never);
    writeFileSync(go, "");
    expect(resultOf(await verdict)).toMatchObject({ exitCode: 7, stopped: null, stdout: { bytes: 13 } });
  });

  test("leaves its deadline in force", async () => {
    const attempt = spec("sleep 60", { deadlineAt: Date.now() + 1_500 });
    const engine = startEngine(attempt);
    await pidFile(attempt);
    engine.kill("SIGKILL");
    expect(resultOf(await bench.processes.follow(attempt.directory, attempt.token, 300, never))).toMatchObject({ stopped: "timeout" });
  });

  test("leaves a result that the next one records", async () => {
    const attempt = spec("true");
    const engine = startEngine(attempt);
    await eventually(() => expect(existsSync(join(attempt.directory, "result.json"))).toBe(true));
    engine.kill("SIGKILL");
    expect(resultOf(await bench.processes.judge(attempt.directory, attempt.token))).toMatchObject({ exitCode: 0 });
  });

  test("the next one can stop its command, and the result says why", async () => {
    const attempt = spec("trap 'exit 0' TERM; while :; do sleep 0.02; done");
    const engine = startEngine(attempt);
    await pidFile(attempt);
    engine.kill("SIGKILL");
    const stop = new AbortController();
    const verdict = bench.processes.follow(attempt.directory, attempt.token, 300, stop.signal);
    stop.abort("timeout");
    expect(resultOf(await verdict)).toMatchObject({ stopped: "timeout" });
    expect(living(attempt.token)).toEqual([]);
  });

  test("its supervisor ends once nothing is left to do", async () => {
    const attempt = spec("true");
    // Both may have happened before we look for the second.
    const [{ supervisor }] = await Promise.all([pidFile(attempt), once(startEngine(attempt), "exit")]);
    await eventually(() => expect(isAlive(supervisor)).toBe(false));
  });
});

describe("a supervisor that cannot start", () => {
  /** The supervisor is started at once, so that Node is another program for no longer than the call. */
  function fail(supervisor: string): Promise<ProcessVerdict> {
    const { execPath } = process;
    const path = join(bench.workspace, `node${++attempts}`);
    writeFileSync(path, supervisor, { mode: 0o755 });
    process.execPath = path;
    const verdict = createProcesses({ directory: join(bench.directory, `broken${attempts}`) }).run(spec("true"), never);
    process.execPath = execPath;
    return verdict;
  }

  test("is told as what it complained of", async () => {
    const complaint = "#!/bin/sh\necho 'file:///supervisor.js:1' >&2\necho 'SyntaxError: Unexpected token' >&2\nexit 1";
    expect(await fail(complaint)).toEqual({
      kind: "not_started",
      reason: "The supervisor of child processes cannot start: SyntaxError: Unexpected token",
    });
  });

  test("or as how it ended, or as why there is none", async () => {
    expect(await Promise.all([fail("#!/bin/sh\nexit 3"), fail("#!/bin/sh\nkill -KILL $$"), fail("#!/nowhere/at-all")])).toEqual([
      { kind: "not_started", reason: "The supervisor of child processes cannot start: it ended with 3" },
      { kind: "not_started", reason: "The supervisor of child processes cannot start: it ended with SIGKILL" },
      { kind: "not_started", reason: expect.stringMatching(/^The supervisor of child processes cannot start: .*ENOENT/) },
    ]);
  });

  test("because it has no place is told, too, and warming it fails nobody", async () => {
    const processes = createProcesses({ directory: "/dev/null/nowhere" });
    processes.warm();
    expect(await processes.run(spec("true"), never)).toMatchObject({
      kind: "not_started",
      reason: expect.stringContaining("cannot start: ENOTDIR"),
    });
    await processes[Symbol.asyncDispose]();
  });

  test("holds up nobody who closes", async () => {
    const processes = createProcesses({ directory: join(bench.directory, "hopeless") });
    const { execPath } = process;
    process.execPath = "/bin/false";
    const verdict = processes.run(spec("true"), never);
    await processes[Symbol.asyncDispose]();
    process.execPath = execPath;
    expect(await verdict).toMatchObject({ kind: "not_started" });
    expect(await processes.run(spec("true"), never)).toMatchObject({ reason: "The engine let go of its supervisor." });
  });

  test("is tried again after a pause, and what went wrong before is not told for it", async () => {
    const { execPath } = process;
    const directory = join(bench.directory, "mended");
    const processes = createProcesses({ directory });
    const attempt = spec("exit 5");
    process.execPath = "/bin/false";
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "supervisor.log"), "Error: of another day\n");
    expect(await processes.run(attempt, never)).toMatchObject({ kind: "not_started", reason: expect.stringContaining("it ended with 1") });
    process.execPath = execPath;
    expect(resultOf(await processes.run(attempt, never))).toMatchObject({ exitCode: 5 });
    await processes[Symbol.asyncDispose]();
  });
});

describe("a supervisor that is killed", () => {
  test("means lost: the command is ended, and the next one gets a new supervisor", async () => {
    const processes = createProcesses({ directory: join(bench.directory, "own") });
    const attempt = spec("sleep 60");
    const verdict = processes.run(attempt, never);
    const { supervisor } = await pidFile(attempt);
    process.kill(supervisor.pid, "SIGKILL");
    expect(await verdict).toMatchObject({ kind: "lost" });
    expect(living(attempt.token)).toEqual([]);
    expect(resultOf(await processes.run(spec("exit 4"), never))).toMatchObject({ exitCode: 4 });
    await processes[Symbol.asyncDispose]();
  });

  test("by TERM ends its commands first, so that an outer attempt takes inner ones along", async () => {
    const processes = createProcesses({ directory: join(bench.directory, "own") });
    const attempt = spec("sleep 60");
    const verdict = processes.run(attempt, never);
    const { supervisor } = await pidFile(attempt);
    process.kill(supervisor.pid, "SIGTERM");
    expect(resultOf(await verdict)).toMatchObject({ stopped: "cancel" });
    await eventually(() => expect(isAlive(supervisor)).toBe(false));
    await processes[Symbol.asyncDispose]();
  });
});

describe("what a new owner finds (reliability §5)", () => {
  async function finished(): Promise<ProcessSpec> {
    const attempt = spec("true");
    await bench.processes.run(attempt, never);
    return attempt;
  }
  const judge = (attempt: ProcessSpec): Promise<ProcessVerdict> => bench.processes.judge(attempt.directory, attempt.token);

  test("a damaged, foreign, huge or linked result is lost, and kept", async () => {
    const damages: ((path: string) => void)[] = [
      (path) => writeFileSync(path, readFileSync(path, "utf8").slice(0, 40)),
      (path) => writeFileSync(path, "\0garbage"),
      (path) => writeFileSync(path, readFileSync(path, "utf8").replace(/"token":"[^"]*"/, '"token":"another"')),
      (path) => writeFileSync(path, "x".repeat(1_000_000)),
      (path) => {
        renameSync(path, `${path}.moved`);
        symlinkSync(`${path}.moved`, path);
      },
    ];
    for (const damage of damages) {
      const attempt = await finished();
      damage(join(attempt.directory, "result.json"));
      expect(await judge(attempt)).toMatchObject({ kind: "lost" });
      expect(existsSync(join(attempt.directory, "result.json"))).toBe(true);
    }
  });

  test("what never began is revoked, and can then not begin; the next dispatch has a directory of its own", async () => {
    const attempt = spec("touch began-late");
    mkdirSync(attempt.directory, { recursive: true });
    const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    writeFileSync(join(attempt.directory, "spec.json"), JSON.stringify({ token: attempt.token, bootId }));
    expect(await judge(attempt)).toMatchObject({ kind: "not_started" });
    expect(await judge(attempt)).toMatchObject({ kind: "not_started" });
    const again = { ...attempt, script: "exit 6" };
    expect(await bench.processes.run(again, never)).toMatchObject({
      kind: "recorded",
      directory: `${attempt.directory}.2`,
      result: { exitCode: 6 },
    });
    expect(await judge(attempt)).toMatchObject({ kind: "recorded", result: { exitCode: 6 } });
    expect(existsSync(join(bench.workspace, "began-late"))).toBe(false);
  });

  test("a machine that could not start it used up no attempt (F-19)", async () => {
    const attempt = await finished();
    const path = join(attempt.directory, "result.json");
    writeFileSync(path, readFileSync(path, "utf8").replace('"spawnError":null', '"spawnError":"EAGAIN"'));
    expect(await judge(attempt)).toEqual({ kind: "not_started", reason: "The machine could not start it: EAGAIN." });
  });

  test("after a restart of the machine a missing result is lost", async () => {
    const attempt = await finished();
    const path = join(attempt.directory, "spec.json");
    writeFileSync(path, readFileSync(path, "utf8").replace(/"bootId":"[^"]*"/, '"bootId":"earlier"'));
    rmSync(join(attempt.directory, "result.json"));
    expect(await judge(attempt)).toMatchObject({ kind: "lost" });
  });

  test("a reused pid is not the child", async () => {
    const attempt = await finished();
    rmSync(join(attempt.directory, "result.json"));
    const path = join(attempt.directory, "pid.json");
    const file = JSON.parse(readFileSync(path, "utf8")) as PidFile; // written by the supervisor as one
    const me = { ...file.child, pid: process.pid };
    writeFileSync(path, JSON.stringify({ ...file, child: me, supervisor: me }));
    expect(await judge(attempt)).toMatchObject({ kind: "lost" });
  });

  test("a control directory that was cleaned away is lost, and what ran in it is swept (F-51)", async () => {
    const attempt = spec("sleep 60");
    const verdict = bench.processes.run(attempt, never);
    await pidFile(attempt);
    rmSync(attempt.directory, { recursive: true });
    expect(await bench.processes.judge(attempt.directory, attempt.token)).toMatchObject({ kind: "lost" });
    expect(living(attempt.token)).toEqual([]);
    await verdict;
  });
});
