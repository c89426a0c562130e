import { describe, expect, test } from "vitest";
import type { RunId, TenantId } from "../../src/core/ids.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { stepSpanId, traceIdOf } from "../../src/core/trace.ts";
import type { EngineState } from "../../src/ports/engine-meter.ts";
import type { CommittedEntry, ObservedRun } from "../../src/ports/observer.ts";
import { metricList, seriesNames } from "../metrics.ts";
import { createMetrics, type MetricsReader } from "./open-metrics.ts";

interface Named {
  readonly runId?: string;
  readonly workflow?: string;
  readonly tenant?: string;
  readonly type?: string;
}

function observed({ runId = "run_1", workflow = "build", tenant = "default", type = "shell" }: Named = {}): ObservedRun {
  const cost = { durationMs: null, usd: null, manualMinutes: 2 };
  const definition = { steps: [{ id: "compile", type, cost }], indexOf: new Map([["compile", 0]]) };
  // What metrics read of a definition.
  return {
    runId: runId as RunId,
    tenant: tenant as TenantId,
    workflow,
    trace: null,
    definition: definition as unknown as ObservedRun["definition"],
  };
}

type Move = readonly [actor: string, type: string, on: string, from: string, to: string, at: number, data?: JsonObject];

function entriesOf(run: ObservedRun, moves: readonly Move[], firstSeq = 1): CommittedEntry[] {
  return moves.map(([actor, type, on, from, to, at, data = {}], index) => {
    const entry = { seq: firstSeq + index, actor, type, on, from, to, data, causeId: "cause", at };
    return { run, entry: entry as unknown as CommittedEntry["entry"] }; // Brands only.
  });
}

const created: Move = ["run", "run.created", "run.create", "", "pending", 1_000];
const started: Move = ["run", "run.started", "run.start", "pending", "running.executing", 1_000];
const ready: Move = ["compile", "step.ready", "step.ready", "pending.blocked", "pending.queued", 1_000];
const stepStarted: Move = ["compile", "step.started", "attempt.start", "pending.queued", "running.executing", 1_500, { attempt: 1 }];
const failure = { class: "transient", code: "EXIT_CODE", title: "It ended with 1" };
const retrying: Move = [
  "compile",
  "step.retrying",
  "attempt.failed",
  "running.executing",
  "retrying",
  2_000,
  { attempt: 1, outcome: { kind: "failed", failure }, delayMs: 4_000, usage: { startedAt: 1_500, endedAt: 2_000, costUsd: 0.25 } },
];
const queuedAgain: Move = ["compile", "step.queued", "xstate.after.backoff.step-v1.retrying", "retrying", "running.waiting", 6_000];
const startedAgain: Move = ["compile", "attempt.started", "attempt.start", "running.waiting", "running.executing", 6_000, { attempt: 2 }];
const succeeded: Move = [
  "compile",
  "step.succeeded",
  "attempt.succeeded",
  "running.executing",
  "succeeded",
  7_500,
  { outcome: { kind: "succeeded" } },
];
const runSucceeded: Move = ["run", "run.succeeded", "run.succeed", "running.executing", "succeeded", 7_500, { output: null }];
const wholeRun = [created, started, ready, stepStarted, retrying, queuedAgain, startedAgain, succeeded, runSucceeded];

function nothingStored(): MetricsReader {
  return {
    census: () => ({ runs: new Map(), quarantinedSteps: 0, pendingApprovals: 0 }),
    run: () => null,
    steps: () => [],
    entries: () => [],
  };
}

/** Samples without `_bucket` lines, by series. */
async function samples(metrics: ReturnType<typeof createMetrics>): Promise<Readonly<Record<string, number>>> {
  const lines = (await metrics.text("prometheus", ["process"])).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    lines
      .filter((line) => !line.includes("_bucket{"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

test("times of schedules are counted by what became of them", async () => {
  const metrics = createMetrics(null);
  for (const [outcome, count] of [
    ["started", 0],
    ["missed", 0],
    ["missed", 1],
    ["missed", 2],
  ] as const)
    metrics.slotsSettled(outcome, count);
  const text = await metrics.text("prometheus");
  expect(text).toContain('troupe_schedule_slots_total{outcome="started"} 0\n');
  expect(text).toContain('troupe_schedule_slots_total{outcome="missed"} 3\n');
});

describe("a run", () => {
  test("is counted by its end, its steps, attempts, retries and every transition", async () => {
    const metrics = createMetrics(nothingStored());
    metrics.observer.committed(entriesOf(observed(), wholeRun));
    const found = await samples(metrics);
    expect(found).toMatchObject({
      'troupe_runs_total{workflow="build",outcome="succeeded"}': 1,
      'troupe_run_duration_seconds_sum{workflow="build",outcome="succeeded"}': 6.5,
      'troupe_steps_total{workflow="build",type="shell",outcome="succeeded"}': 1,
      'troupe_step_duration_seconds_sum{type="shell"}': 6,
      troupe_step_queue_seconds_sum: 0.5,
      troupe_step_queue_seconds_count: 2,
      'troupe_attempts_total{type="shell",outcome="failed",class="transient"}': 1,
      'troupe_attempts_total{type="shell",outcome="succeeded",class="none"}': 1,
      'troupe_retries_total{class="transient"}': 1,
      troupe_retry_delay_seconds_sum: 4,
      'troupe_transitions_total{actor="run",from="",to="pending"}': 1,
      'troupe_transitions_total{actor="step",from="running.executing",to="retrying"}': 1,
      'troupe_cost_usd_total{tenant="default",category="shell"}': 0.25,
      troupe_event_lag_seconds_count: 1,
    });
    const transitions = Object.entries(found).filter(([series]) => series.startsWith("troupe_transitions_total"));
    expect(transitions.reduce((sum, [, value]) => sum + value, 0)).toBe(wholeRun.length);
  });

  test("that is committed in pieces counts the same", async () => {
    const whole = createMetrics(nothingStored(), () => 8_000);
    const pieces = createMetrics(nothingStored(), () => 8_000);
    whole.observer.committed(entriesOf(observed(), wholeRun));
    for (const [index, move] of wholeRun.entries()) pieces.observer.committed(entriesOf(observed(), [move], index + 1));
    const lag = /troupe_event_lag/;
    const without = async (metrics: typeof whole) => Object.entries(await samples(metrics)).filter(([series]) => !lag.test(series));
    expect(await without(pieces)).toEqual(await without(whole));
  });

  test("that was in the middle when its engine died is measured from its beginning, and its past is not counted again", async () => {
    const reader: MetricsReader = {
      ...nothingStored(),
      run: () => ({ startedAt: 1_000 }) as ReturnType<MetricsReader["run"]>, // What is read of the row.
      steps: () => [{ step: "compile", startedAt: 1_500 }] as unknown as ReturnType<MetricsReader["steps"]>,
    };
    const metrics = createMetrics(reader);
    const orphaned: Move = [
      "compile",
      "attempt.orphaned",
      "attempt.orphaned",
      "running.executing",
      "running.executing",
      7_000,
      { attempt: 2 },
    ];
    metrics.observer.committed(entriesOf(observed(), [orphaned, succeeded, runSucceeded], 8));
    expect(await samples(metrics)).toMatchObject({
      'troupe_run_duration_seconds_sum{workflow="build",outcome="succeeded"}': 6.5,
      'troupe_step_duration_seconds_sum{type="shell"}': 6,
      'troupe_attempts_total{type="shell",outcome="succeeded",class="none"}': 1,
      troupe_recoveries_total: 1,
    });
    expect(await samples(metrics)).toMatchObject({ 'troupe_retries_total{class="transient"}': 0 });
  });

  test("whose row cannot be read costs an observation, not the observer", async () => {
    const reader: MetricsReader = {
      ...nothingStored(),
      run: () => {
        throw new Error("unreadable");
      },
    };
    const metrics = createMetrics(reader);
    metrics.observer.committed(entriesOf(observed(), [runSucceeded], 9));
    const found = await samples(metrics);
    expect(found['troupe_runs_total{workflow="build",outcome="succeeded"}']).toBe(1);
    expect(Object.keys(found).some((series) => series.startsWith("troupe_run_duration"))).toBe(false);
  });
});

describe("what an attempt used", () => {
  const ended = (usage: JsonObject): Move => [
    "compile",
    "step.succeeded",
    "attempt.succeeded",
    "running.executing",
    "succeeded",
    31_500,
    { attempt: 1, outcome: { kind: "succeeded" }, usage },
  ];
  const countOf = async (usage: JsonObject) => {
    const metrics = createMetrics(nothingStored());
    metrics.observer.committed(entriesOf(observed(), [created, started, ready, stepStarted, ended(usage)]));
    return samples(metrics);
  };

  test("is counted: tokens by tool, what the cache and the gate said, and a conflict once, however many files it had", async () => {
    const tokens = { input: 1_200, output: 80 };
    const usage = { tool: "claude", tokens, cache: { hit: false, key: "k" }, gate: { ok: false, failed: 2 }, merge: { conflicts: 3 } };
    expect(await countOf(usage)).toMatchObject({
      'troupe_tokens_total{tool="claude",direction="input"}': 1_200,
      'troupe_tokens_total{tool="claude",direction="output"}': 80,
      'troupe_cache_requests_total{result="miss"}': 1,
      'troupe_cache_requests_total{result="hit"}': 0,
      'troupe_gate_results_total{result="failed"}': 1,
      'troupe_gate_results_total{result="passed"}': 0,
      troupe_merge_conflicts_total: 1,
    });
    expect(await countOf({ tokens, gate: { ok: true }, merge: { merged: true, conflicts: 0 } })).toMatchObject({
      'troupe_tokens_total{tool="none",direction="input"}': 1_200,
      'troupe_gate_results_total{result="passed"}': 1,
      troupe_merge_conflicts_total: 0,
    });
  });

  test.each([
    [{ hit: true, key: "k" }, "hit"],
    [{ hit: false, key: "k", reason: "no entry" }, "miss"],
    [{ hit: false, reason: "bypassed" }, "bypass"],
    [{ hit: false, key: "k", impure: true }, "impure"],
  ])("a cache that says %j is counted as %s", async (cache, result) => {
    const found = await countOf({ cache });
    const counted = Object.entries(found).filter(([series, value]) => series.startsWith("troupe_cache_requests") && value > 0);
    expect(counted).toEqual([[`troupe_cache_requests_total{result="${result}"}`, 1]]);
  });

  test("saves what a person would have needed less the time that it took, unless it was saved before", async () => {
    expect((await countOf({})).troupe_time_saved_seconds_total).toBe(120 - 30);
    expect((await countOf({ cache: { hit: true, key: "k" } })).troupe_time_saved_seconds_total).toBe(0);
    const metrics = createMetrics(nothingStored());
    const carried: readonly Move[] = [
      ["compile", "step.cached", "step.carry", "pending.blocked", "running.waiting", 1_000, { attempt: 1, from: "run_0" }],
      [
        "compile",
        "step.succeeded",
        "attempt.succeeded",
        "running.waiting",
        "succeeded",
        1_000,
        { attempt: 1, outcome: { kind: "succeeded" } },
      ],
    ];
    metrics.observer.committed(entriesOf(observed(), [created, started, ...carried]));
    expect(await samples(metrics)).toMatchObject({
      troupe_time_saved_seconds_total: 0,
      'troupe_steps_total{workflow="build",type="shell",outcome="succeeded"}': 1,
      'troupe_attempts_total{type="shell",outcome="succeeded",class="none"}': 0,
    });
  });
});

describe("a step that waits for a person", () => {
  const asked = (kind: string): Move => [
    "compile",
    "step.waiting",
    "attempt.parked",
    "running.executing",
    "running.parked",
    2_000,
    { attempt: 1, until: { parking: { kind } }, usage: null },
  ];
  const answered: Move = ["compile", "step.succeeded", "step.answer", "running.parked", "succeeded", 62_000, { attempt: 1, by: "ann" }];
  const begun = [created, started, ready, stepStarted];

  test("is timed from the request to the answer, and its attempt has ended when it asked", async () => {
    const metrics = createMetrics(nothingStored());
    metrics.observer.committed(entriesOf(observed(), [...begun, asked("approval"), answered]));
    expect(await samples(metrics)).toMatchObject({
      troupe_approval_wait_seconds_sum: 60,
      troupe_approval_wait_seconds_count: 1,
      'troupe_attempts_total{type="shell",outcome="parked",class="none"}': 1,
    });
  });

  test.each([["timer"], ["event"], ["run"]])("waiting for a %s is none for an approval", async (kind) => {
    const metrics = createMetrics(nothingStored());
    metrics.observer.committed(entriesOf(observed(), [...begun, asked(kind), answered]));
    expect((await samples(metrics)).troupe_approval_wait_seconds_count).toBe(0);
  });

  test("is timed from the request also when an earlier engine had asked", async () => {
    const before = entriesOf(observed(), [...begun, asked("timer"), asked("approval")]).map(({ entry }) => entry);
    const metrics = createMetrics({ ...nothingStored(), entries: (_, after, limit) => before.slice(after, after + limit) });
    metrics.observer.committed(entriesOf(observed(), [answered], before.length + 1));
    expect((await samples(metrics)).troupe_approval_wait_seconds_sum).toBe(60);
  });
});

test("items of a fan-out count under the type of their step, each with times of its own", async () => {
  const metrics = createMetrics(nothingStored());
  const item = (key: string, startedAt: number, endedAt: number): readonly Move[] => [
    [`compile[${key}]`, "step.ready", "step.ready", "pending.blocked", "pending.queued", 1_500],
    [`compile[${key}]`, "step.started", "attempt.start", "pending.queued", "running.executing", startedAt, { attempt: 1 }],
    [
      `compile[${key}]`,
      "step.succeeded",
      "attempt.succeeded",
      "running.executing",
      "succeeded",
      endedAt,
      { outcome: { kind: "succeeded" } },
    ],
  ];
  const [a, b] = [item("a", 1_500, 3_500), item("b", 2_500, 8_500)];
  const fanned: Move = [
    "compile",
    "step.expanded",
    "attempt.fanned",
    "running.executing",
    "running.fanned",
    1_500,
    { attempt: 1, keys: ["a", "b"] },
  ];
  const joined: Move = ["compile", "step.succeeded", "step.joined", "running.fanned", "succeeded", 8_500, { failed: 0, failure: null }];
  const mixed = [a[0], b[0], a[1], b[1], a[2], b[2]].filter((move) => move !== undefined);
  metrics.observer.committed(entriesOf(observed(), [created, started, ready, stepStarted, fanned, ...mixed, joined]));
  expect(await samples(metrics)).toMatchObject({
    'troupe_steps_total{workflow="build",type="shell",outcome="succeeded"}': 3,
    'troupe_step_duration_seconds_sum{type="shell"}': 2 + 6 + 7,
    'troupe_attempts_total{type="shell",outcome="fanned",class="none"}': 1,
    'troupe_attempts_total{type="shell",outcome="succeeded",class="none"}': 2,
    troupe_step_queue_seconds_sum: 0.5 + 0 + 1,
  });
});

test.each([
  ["retrying", "step.retrying", "retry"],
  ["succeeded", "step.succeeded", "fallback"],
  ["skipped", "step.skipped", "skip"],
  ["failed", "step.failed", "fail"],
  ["quarantined", "step.quarantined", "quarantine"],
])("a time-out that leads to %s counts as the strategy behind it", async (to, type, strategy) => {
  const metrics = createMetrics(nothingStored());
  const timedOut: Move = ["compile", type, "attempt.timed_out", "running.stopping", to, 2_000, { outcome: { kind: "timed_out", failure } }];
  metrics.observer.committed(entriesOf(observed(), [created, started, ready, stepStarted, timedOut]));
  const found = await samples(metrics);
  expect(found[`troupe_timeouts_total{strategy="${strategy}"}`]).toBe(1);
  expect(found['troupe_skips_total{reason="timeout"}'] ?? 0).toBe(to === "skipped" ? 1 : 0);
});

describe("an engine", () => {
  const state: EngineState = {
    waiting: [0, 1, 7, 0, 0],
    queueBound: 10,
    running: 3,
    limit: 4,
    breakers: new Map([
      ["git", "open"],
      ["curl", "closed"],
    ]),
    threads: { busy: 1, limit: 2 },
  };
  const stored: MetricsReader = {
    ...nothingStored(),
    census: () => ({ runs: new Map([["running.waiting", 4]]), quarantinedSteps: 2, pendingApprovals: 3 }),
  };

  test("is asked for its gauges while it is open, and its store until the end", async () => {
    const metrics = createMetrics(stored);
    const before = await samples(metrics);
    const opened = metrics.observer.meter?.opened(() => state);
    const during = await samples(metrics);
    opened?.[Symbol.dispose]();
    const after = await samples(metrics);
    const kept = {
      'troupe_runs_active{state="running.waiting"}': 4,
      'troupe_quarantined{kind="step"}': 2,
      'troupe_quarantined{kind="run"}': 0,
      troupe_approvals_pending: 3,
    };
    expect(during).toMatchObject({
      ...kept,
      'troupe_queue_depth{priority="3"}': 7,
      'troupe_workers{state="busy"}': 3,
      'troupe_workers{state="free"}': 1,
      troupe_backpressure: 0.8,
      'troupe_breaker_state{tool="git",state="open"}': 1,
      'troupe_breaker_state{tool="git",state="closed"}': 0,
      'troupe_breaker_state{tool="curl",state="closed"}': 1,
      troupe_pool_utilization: 0.5,
    });
    expect(after).toMatchObject(kept);
    for (const series of ["troupe_backpressure", 'troupe_runs_active{state="running.waiting"}'])
      expect(Object.keys(before)).not.toContain(series);
    expect(Object.keys(after)).not.toContain("troupe_backpressure");
  });

  test("tells how its commits and its breakers fare", async () => {
    const metrics = createMetrics(null);
    metrics.observer.meter?.committed(2, 30);
    metrics.observer.meter?.breakerChanged("git", "open");
    expect(await samples(metrics)).toMatchObject({
      troupe_journal_commit_seconds_sum: 0.002,
      troupe_journal_batch_size_sum: 30,
      'troupe_breaker_events_total{tool="git",state="open"}': 1,
    });
  });
});

describe("the number of series", () => {
  test("stays bounded over 100,000 runs under names made to harm", async () => {
    const metrics = createMetrics(nothingStored());
    const hostile = ['"', "\\", "\n", "}", '{le="1"}', "\u0000", "\u202e", "# HELP x\n", " 1\nfake_metric 1"];
    for (let index = 0; index < 100_000; index += 1) {
      const name = `${hostile[index % hostile.length]}${index}`;
      const run = observed({ runId: `run_${index}`, workflow: name, tenant: name, type: name });
      metrics.observer.committed(entriesOf(run, wholeRun));
      if (index % 50 === 0) metrics.observer.meter?.breakerChanged(name, "open");
    }
    const text = await metrics.text("openmetrics");
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(lines.length).toBeLessThan(6_000);
    const names = new Set(metricList.flatMap(([, declaration]) => seriesNames(declaration)));
    // Values, and exemplars, follow the braces; nothing that came as a name has become a line of its own.
    for (const line of lines)
      expect(line).toMatch(/^[a-z_]+(\{([a-z_]+="(\\[\\n"]|[^"\\\n])*",?)*\})? [0-9.e+-]+( # \{[a-z0-9_="',]+\} [0-9.e+-]+ [0-9.]+)?$/);
    expect(lines.filter((line) => !names.has(line.split(/[{ ]/)[0] ?? ""))).toEqual([]);
    expect(text).not.toMatch(/^fake_metric/m);
  }, 30_000);
});

describe("the two formats", () => {
  test("agree on values and differ in exemplars, in whatever order they are asked for", async () => {
    const metrics = createMetrics(nothingStored());
    metrics.observer.committed(entriesOf(observed(), wholeRun));
    const first = await metrics.text("prometheus", ["process"]);
    const openmetrics = await metrics.text("openmetrics");
    expect(await metrics.text("prometheus", ["process"])).toBe(first);
    expect(openmetrics).toContain("# TYPE troupe_runs counter\n");
    expect(openmetrics).toContain('troupe_runs_total{workflow="build",outcome="succeeded"} 1\n');
    expect(openmetrics.endsWith("# EOF\n")).toBe(true);
    const run = observed();
    expect(openmetrics).toContain(`# {trace_id="${traceIdOf(run)}",span_id="${stepSpanId(run, "compile")}"} 6 7.5`);
    expect(first).not.toContain("trace_id");
    expect(first).toContain("# TYPE troupe_runs_total counter\n");
  });

  test("a counter of the process is told beside the others, except where they are left out", async () => {
    const metrics = createMetrics(null);
    expect(await metrics.text("prometheus")).toMatch(/^process_cpu_user_seconds_total \d/m);
    expect(await metrics.text("prometheus", ["process"])).not.toMatch(/^(# \w+ )?(process|nodejs)_/m);
  });
});
