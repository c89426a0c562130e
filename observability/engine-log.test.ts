import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RunId, StepId, TenantId } from "../src/core/ids.ts";
import { attemptSpanId, runSpanId, traceIdOf } from "../src/core/trace.ts";
import type { CommittedEntry, ObservedRun } from "../src/ports/observer.ts";
import { type LogLevel, openEngineLog } from "./engine-log.ts";

const run = { runId: "run_1" as RunId, tenant: "default" as TenantId, workflow: "build", trace: null } as ObservedRun; // The log reads no more of it.
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "troupe-log-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function entry(seq: number, actor: string, type: CommittedEntry["entry"]["type"], data = {}): CommittedEntry {
  return { run, entry: { seq, actor: actor as StepId, type, on: "x", from: "a", to: "b", data, causeId: "c" as never, at: 0 } };
}

const JOURNAL = [
  entry(1, "run", "run.created", { start: { input: { password: "hunter2" } } }),
  entry(2, "only", "step.ready"),
  entry(3, "only", "step.retrying", {
    attempt: 1,
    outcome: { kind: "failed", failure: { class: "transient", code: "ECONNRESET", title: "The connection broke" } },
  }),
  entry(4, "run", "run.succeeded", { output: "hunter2" }),
];

async function logged(level: LogLevel): Promise<readonly Record<string, unknown>[]> {
  const file = join(directory, `${level}.jsonl`);
  {
    await using log = openEngineLog({ file, level, warn: () => undefined });
    for (const observer of log.observers) observer.committed(JOURNAL);
    log.heard("The disk is nearly full");
  }
  return readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("every transition of its level is a line with the ids of its trace", async () => {
  const lines = await logged("info");
  expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
    ["info", "run.created"],
    ["warn", "step.retrying"],
    ["info", "run.succeeded"],
    ["warn", "The disk is nearly full"],
  ]);
  expect(lines[0]).toMatchObject({
    trace_id: traceIdOf(run),
    span_id: runSpanId(run),
    run_id: "run_1",
    workflow: "build",
    tenant: "default",
    seq: 1,
  });
  expect(lines[1]).toMatchObject({
    span_id: attemptSpanId(run, "only", 1),
    step_id: "only",
    attempt: 1,
    error: { class: "transient", code: "ECONNRESET", message: "The connection broke" },
  });
});

test("the level chooses, and debug leaves nothing out", async () => {
  expect((await logged("warn")).map(({ msg }) => msg)).toEqual(["step.retrying", "The disk is nearly full"]);
  expect(await logged("debug")).toHaveLength(JOURNAL.length + 1);
});

test("payloads stay in the journal (S-38)", async () => {
  expect(JSON.stringify(await logged("debug"))).not.toContain("hunter2");
});

test("lines are appended to what is there", async () => {
  writeFileSync(join(directory, "error.jsonl"), '{"msg":"earlier"}\n');
  expect((await logged("error")).map(({ msg }) => msg)).toEqual(["earlier"]);
});

test("a file that cannot be opened is told before anything runs", () => {
  expect(() => openEngineLog({ file: join(directory, "missing", "log"), level: "info", warn: () => undefined })).toThrow("ENOENT");
});

test("a full disk is told once and costs nothing but lines", async () => {
  const warnings: string[] = [];
  {
    await using log = openEngineLog({ file: "/dev/full", level: "debug", warn: (text) => warnings.push(text) });
    for (let round = 0; round < 500; round++) for (const observer of log.observers) observer.committed(JOURNAL);
  }
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^The log \/dev\/full is incomplete: .*ENOSPC/);
});

test("a name with line breaks and control characters is one line, which begins no other (S-43)", async () => {
  const file = join(directory, "names.jsonl");
  const workflow = 'x"}\n{"level":"fatal"}\u2028\u001b[2J\r\0';
  {
    await using log = openEngineLog({ file, level: "info", warn: () => undefined });
    for (const observer of log.observers) observer.committed([{ ...entry(1, "run", "run.succeeded"), run: { ...run, workflow } }]);
  }
  const text = readFileSync(file, "utf8");
  expect(text.trimEnd().split(/[\n\r]/)).toHaveLength(1);
  expect(JSON.parse(text)).not.toMatchObject({ level: "fatal" });
  expect([...text.trimEnd()].filter((char) => char < " ")).toEqual([]);
});
