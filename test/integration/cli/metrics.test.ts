/** Reports of real runs: with retries, with a skipped step, killed and resumed; and what is told of a step that is far from usual. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AnomalyView, RunComparison, RunReport } from "../../../src/contract/run-report.ts";
import type { RunId } from "../../../src/core/ids.ts";
import { createTroupe } from "../../../src/main/create-troupe.ts";
import type { Anomaly } from "../../../src/ports/anomaly.ts";
import { createFolder, type Folder } from "./in-process.ts";
import { runToEnd, start } from "./spawned.ts";

const folders: Folder[] = [];
function folderWith(workflow: string): { readonly folder: Folder; readonly file: string } {
  const folder = createFolder();
  folders.push(folder);
  const file = join(folder.path, "work.troupe.yaml");
  writeFileSync(file, workflow);
  return { folder, file };
}
afterAll(() => {
  for (const folder of folders) folder[Symbol.dispose]();
});

const WORKFLOW = `name: work
input: { n: { type: integer, default: 1 }, pause: { type: number, default: 0 } }
steps:
  - { id: fetch, run: "sleep {{ input.pause }}; echo fetched", cost: { manual_minutes: 15 } }
  - { id: flaky, run: '[ "$TROUPE_ATTEMPT" -ge 3 ]', retry: { max: 3, base: 20ms, jitter: none, strategy: fixed, on: [permanent, transient] } }
  - { id: never, when: input.n > 5, run: echo no }
  - { id: last, needs: [fetch, flaky], run: echo done }
`;

async function show(folder: Folder, ...words: readonly string[]): Promise<RunReport> {
  const { code, out, err } = await folder.run(["metrics", "show", ...words, "-o", "json"]);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out);
}

describe("a run with retries and a skipped step", () => {
  let folder: Folder;
  let file: string;
  beforeAll(async () => {
    ({ folder, file } = folderWith(WORKFLOW));
    expect((await folder.run(["run", file])).code).toBe(0);
  });

  test("metrics show tells where the time went, and why", async () => {
    const report = await show(folder);
    const [fetch, flaky, never, last] = report.steps;
    expect(report.run).toMatchObject({ workflow: "work", state: "succeeded" });
    expect(report.quality).toMatchObject({
      executedSteps: 3,
      succeededFirst: 2,
      attempts: 5,
      failedAttempts: 2,
      retries: 2,
      skippedSteps: 1,
    });
    expect(flaky?.attempts.map(({ outcome }) => outcome)).toEqual(["failed", "failed", "succeeded"]);
    expect(flaky?.retryMs).toBeGreaterThanOrEqual(40);
    expect(never).toMatchObject({ state: "skipped", skippedBecause: expect.stringContaining("input.n > 5"), attempts: [], tookMs: null });
    const runMs = report.time.elapsedMs;
    for (const { blockedMs, queueMs, runMs: ran, retryMs, heldMs, endedAt } of report.steps)
      expect(blockedMs + queueMs + ran + retryMs + heldMs).toBe((endedAt ?? 0) - (report.run.startedAt ?? 0));
    expect(report.criticalPath.steps.at(-1)).toMatchObject({ id: "last" });
    expect(report.criticalPath.totalMs).toBe((last?.endedAt ?? 0) - (report.run.startedAt ?? 0));
    expect(report.criticalPath.totalMs).toBeLessThanOrEqual(runMs);
    expect(report.savings).toMatchObject({ declaredSteps: 1, manualMs: 900_000, savedMs: 900_000 - (fetch?.tookMs ?? 0), savedUsd: null });
    expect((await show(folder, "--hourly-usd", "100")).savings.savedUsd).toBeCloseTo(25, 0);
  });

  test("in words, too", async () => {
    const { out } = await folder.run(["metrics", "show", "--hourly-usd", "100"]);
    for (const text of [
      "BACKOFF",
      "critical path",
      "2 retries",
      "2 of 3 steps succeeded at the first attempt (67 %)",
      "saved of 15 m 00 s",
      "worth $2",
    ])
      expect(out).toContain(text);
    expect((await folder.run(["metrics", "show", "--hourly-usd", "0"])).code).toBe(2);
  });

  test("metrics export writes JSON, lines of JSON, CSV and OpenMetrics", async () => {
    expect((await folder.run(["run", file, "-i", "n=6"])).code).toBe(0);
    const [newest, oldest] = JSON.parse((await folder.run(["list", "-o", "json"])).out) as { readonly id: string }[];
    const both = [oldest?.id ?? "", newest?.id ?? ""];
    const json = JSON.parse((await folder.run(["metrics", "export", ...both])).out) as RunReport[];
    expect(json.map(({ run }) => run.id)).toEqual(both);
    expect(json[1]).toEqual(await show(folder));
    const lines = (await folder.run(["metrics", "export", ...both, "-o", "jsonl"])).out.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(json);
    expect((await folder.run(["metrics", "export", ...both, "--format", "csv"])).out.trim().split("\r\n")).toHaveLength(9);
    expect((await folder.run(["metrics", "export", "--format", "openmetrics"])).out).toMatch(/^# TYPE [\s\S]*# EOF\n$/);
    expect((await folder.run(["metrics", "export", "--format", "xml"])).code).toBe(2);
    expect((await folder.run(["metrics", "export", "run_fff"])).err).toContain("(RUN_NOT_FOUND)");
  });

  test("metrics compare says that there is not enough history", async () => {
    const [newest, oldest] = JSON.parse((await folder.run(["list", "-o", "json"])).out) as { readonly id: string }[];
    const words = ["metrics", "compare", oldest?.id ?? "", newest?.id ?? ""];
    const comparison = JSON.parse((await folder.run([...words, "-o", "json"])).out) as RunComparison;
    expect(comparison).toMatchObject({ sameDefinition: true, history: { runs: 0 } });
    expect(comparison.steps.find(({ id }) => id === "fetch")?.durationMs.significance).toEqual({
      kind: "not_enough_history",
      samples: 0,
      needed: 10,
    });
    expect((await folder.run(words)).out).toContain("no earlier runs: not enough history to call a difference significant (10 needed)");
  });

  test("a fork is told what it took over", async () => {
    expect((await folder.run(["fork", "@latest", "--from", "last"])).code).toBe(0);
    const { cache, steps, run, savings } = await show(folder);
    expect(cache).toMatchObject({ reusedSteps: 3, savedMs: expect.any(Number) });
    expect(steps[0]).toMatchObject({ isReused: true, tookMs: null, workMs: 0, attempts: [] });
    expect(run.parent).toMatchObject({ relation: "fork" });
    expect(savings.declaredSteps).toBe(0);
  });
});

describe("a run that was killed and resumed", () => {
  test("has figures from before and after, and says that an engine died", async () => {
    const { folder, file } = folderWith(`name: killed
steps:
  - { id: first, run: echo one }
  - { id: slow, needs: [first], run: 'while [ ! -e go ]; do sleep 0.05; done' }
  - { id: last, needs: [slow], run: echo two }
`);
    const engine = start(["run", file], { cwd: folder.path });
    await engine.saw("slow started");
    engine.child.kill("SIGKILL");
    await engine.ended;
    const before = await show(folder);
    expect(before).toMatchObject({ run: { state: "running", endedAt: null }, progress: { done: 1, total: 3, percent: 33 } });
    writeFileSync(join(folder.path, "go"), "");
    expect((await runToEnd(["resume", "@latest"], { cwd: folder.path })).code).toBe(0);
    const after = await show(folder);
    expect(after.steps[0]).toEqual(before.steps[0]);
    expect(after).toMatchObject({
      run: { state: "succeeded" },
      progress: { done: 3, percent: 100 },
      quality: { engineDeaths: 1, executedSteps: 3 },
    });
    expect(after.criticalPath.steps.map(({ id }) => id)).toEqual(["first", "slow", "last"]);
  });
});

describe("a step that is far from usual", () => {
  let folder: Folder;
  const heard: (readonly [RunId, Anomaly])[] = [];
  beforeAll(async () => {
    ({ folder } = folderWith(""));
    const { createAnomalyObserver } = await import("../../../observability/anomaly.ts");
    const { openProject } = await import("../../../src/main/project.ts");
    await using troupe = await createTroupe({
      state: join(folder.path, ".troupe"),
      functions: { make: ({ size }: { size: number }) => "x".repeat(size) },
    });
    await using project = await openProject({ state: join(folder.path, ".troupe") });
    const observer = createAnomalyObserver(project.store, [({ runId }, anomaly) => void heard.push([runId, anomaly])]);
    using _ = troupe.subscribe(observer);
    const file = join(folder.path, "big.troupe.yaml");
    writeFileSync(
      file,
      "name: big\ninput: { size: { type: integer } }\nsteps:\n  - { id: make, type: function, call: make, with: { size: '{{ input.size }}' } }\n",
    );
    for (const size of [...Array.from({ length: 12 }, (_, index) => 5_000 + 10 * index), 80_000]) {
      await (await troupe.run(file, { input: { size } })).result();
    }
  });

  test("is told by the engine, by show, by events and by the report, and all say the same", async () => {
    expect(heard).toHaveLength(1);
    const [[runId, anomaly] = ["", undefined]] = heard;
    expect(anomaly).toMatchObject({
      kind: "output_size",
      unit: "bytes",
      step: "make",
      direction: "above",
      observed: 80_002,
      baseline: { median: 5_057, samples: 12 },
    });
    const shown = JSON.parse((await folder.run(["show", "-o", "json"])).out) as {
      readonly id: string;
      readonly anomalies: readonly AnomalyView[];
    };
    expect([shown.id, shown.anomalies]).toEqual([runId, [anomaly]]);
    expect((await show(folder)).anomalies).toEqual([anomaly]);
    const events = (await folder.run(["events", "-o", "jsonl"])).out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const index = events.findIndex(({ type }) => type === "anomaly.detected");
    expect(events[index]).toMatchObject({
      seq: anomaly?.seq,
      id: `${runId}:${anomaly?.seq}:anomaly.output_size`,
      stepId: "make",
      data: anomaly,
    });
    expect(events[index - 1]).toMatchObject({ seq: anomaly?.seq, type: "step.succeeded", stepId: "make", spanId: events[index].spanId });
    const later = (await folder.run(["events", "--after", String(anomaly?.seq), "-o", "jsonl"])).out;
    expect(later).not.toContain("anomaly.detected");
    expect((await folder.run(["events", "--names", "execution", "-o", "jsonl"])).out).not.toContain("anomaly");
  });

  test("is told in words, with the run to compare with", async () => {
    const text = "make gave 78.1 KiB; usual is 4.9 KiB";
    for (const words of [["show"], ["metrics", "show"]]) expect((await folder.run(words)).out).toContain(`unusual ${text}`);
    expect((await folder.run(["events"])).out).toMatch(new RegExp(`anomaly.detected +${text.replace(" ", " +").replaceAll(".", "\\.")}`));
    const [, compare = ""] = /^(troupe metrics compare \S+ \S+)/m.exec((await folder.run(["show"])).out) ?? [];
    const { out } = await folder.run(compare.split(" ").slice(1));
    expect(out).toMatch(/output +4\.9 KiB +78\.1 KiB .*significant/);
  });

  test("was nothing to tell of before it had happened", async () => {
    const { out } = await folder.run(["show", "--at", "2", "-o", "json"]);
    expect(JSON.parse(out).anomalies).toEqual([]);
  });
});
