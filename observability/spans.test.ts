import { describe, expect, test } from "vitest";
import type { StepId } from "../src/core/ids.ts";
import { attemptSpanId, runSpanId, stepSpanId, traceIdOf } from "../src/core/trace.ts";
import type { AttemptUsage, RunStart } from "../src/kernel/cause.ts";
import { KernelRun, LATE, runStart, TRANSIENT } from "../test/support/kernel-run.ts";
import { buildWorkflow } from "../test/support/workflow-builder.ts";
import { RunSpans } from "./spans.ts";
import { EVENTS_MAX, type Span } from "./spans-shape.ts";

const start = runStart();
const { runId } = start;

/** Every transition of the run takes some time. */
function drive(run: KernelRun, ...acts: readonly ((run: KernelRun) => unknown)[]): KernelRun {
  for (const act of acts) {
    run.now += 10;
    act(run);
  }
  return run;
}

function spansOf(
  { workflow, journal }: KernelRun,
  parts: Partial<RunStart> = {},
): { readonly ended: readonly Span[]; readonly open: readonly Span[] } {
  const { tenant, trace } = { ...start, ...parts };
  const spans = new RunSpans({ runId, tenant, workflow: workflow.name, definition: workflow, trace });
  const ended = journal.flatMap((entry) => spans.take(entry));
  return { ended, open: spans.open() };
}

function span(spans: readonly Span[], name: string, nth = 0): Span {
  const found = spans.filter((one) => one.name === name || (one.role === "attempt" && `${one.attributes["troupe.step.id"]}` === name))[nth];
  if (found === undefined) throw new Error(`there is no span ${name}: ${spans.map((one) => one.name).join(", ")}`);
  return found;
}

const parents = (spans: readonly Span[]): Readonly<Record<string, string | null>> =>
  Object.fromEntries(spans.map(({ spanId, parentSpanId }) => [spanId, parentSpanId]));

describe("a run that goes well", () => {
  const run = drive(
    new KernelRun(buildWorkflow([{ id: "a" }, { id: "b", needs: ["a"] }])).create(),
    (it) => it.grant("a"),
    (it) => it.succeed("a"),
    (it) => it.grant("b"),
    (it) => it.succeed("b"),
  );
  const { ended, open } = spansOf(run);

  test("has a span for the run, each step and each attempt, and none is left open", () => {
    expect(ended.map(({ name }) => name).sort()).toEqual([
      "troupe.attempt",
      "troupe.attempt",
      "troupe.run sample",
      "troupe.step a",
      "troupe.step b",
    ]);
    expect(open).toEqual([]);
  });

  test("its spans have the ids that anybody computes, below one another", () => {
    expect(parents(ended)).toEqual({
      [runSpanId(start)]: null,
      [stepSpanId(start, "a")]: runSpanId(start),
      [attemptSpanId(start, "a", 1)]: stepSpanId(start, "a"),
      [stepSpanId(start, "b")]: runSpanId(start),
      [attemptSpanId(start, "b", 1)]: stepSpanId(start, "b"),
    });
    for (const { traceId } of ended) expect(traceId).toBe(traceIdOf(start));
  });

  test("every entry is an event of exactly one span (SP1)", () => {
    const told = ended.flatMap(({ events }) => events.map(({ attributes }) => attributes["troupe.seq"]));
    expect(told.sort((one, other) => Number(one) - Number(other))).toEqual(run.journal.map(({ seq }) => seq));
    const [created] = span(ended, "troupe.run sample").events;
    expect(created).toMatchObject({
      name: "run.created",
      at: run.journal[0]?.at,
      attributes: { "troupe.to": "pending", "troupe.cause": "cause:1" },
    });
  });

  test("times lie inside those of the span above, and queueing is told", () => {
    const byId = new Map(ended.map((one) => [one.spanId, one]));
    for (const { parentSpanId, startedAt, endedAt } of ended) {
      const parent = byId.get(parentSpanId ?? "");
      if (parent === undefined) continue;
      expect(startedAt).toBeGreaterThanOrEqual(parent.startedAt);
      expect(endedAt).toBeLessThanOrEqual(parent.endedAt ?? 0);
    }
    expect(span(ended, "troupe.step a").attributes["troupe.step.queue_ms"]).toBe(10);
  });

  test("results are told by the CI/CD conventions, and nothing is an error", () => {
    expect(span(ended, "troupe.run sample").attributes).toMatchObject({
      "cicd.pipeline.name": "sample",
      "cicd.pipeline.run.id": runId,
      "cicd.pipeline.result": "success",
      "troupe.run.steps": 2,
    });
    expect(span(ended, "troupe.step a").attributes).toMatchObject({
      "cicd.pipeline.task.name": "a",
      "cicd.pipeline.task.run.result": "success",
    });
    expect(ended.map(({ error }) => error)).toEqual([null, null, null, null, null]);
  });

  test("reading it again gives the same spans", () => {
    expect(spansOf(run).ended).toEqual(ended);
  });
});

describe("what goes wrong is an error of its spans", () => {
  test("a failed attempt that is repeated is one, the step that then succeeds is not", () => {
    const run = drive(
      new KernelRun(buildWorkflow([{ id: "a", retry: { max: 1, baseMs: 1_000 } }])).create(),
      (it) => it.grant("a"),
      (it) => it.fail("a", { ...TRANSIENT, detail: "s3cr3t" }),
      (it) => (it.now += 10_000),
      (it) => it.fire("a/backoff/1"),
    );
    const waiting = spansOf(run);
    expect(waiting.open.map(({ name, endedAt }) => [name, endedAt])).toEqual([
      ["troupe.step a", null],
      ["troupe.run sample", null],
    ]);
    drive(
      run,
      (it) => it.grant("a"),
      (it) => it.succeed("a"),
    );
    const { ended } = spansOf(run);
    expect(span(ended, "a", 0)).toMatchObject({
      error: "The connection broke",
      attributes: { "error.type": "ECONNRESET", "troupe.attempt.outcome": "failed" },
    });
    expect(span(ended, "a", 1)).toMatchObject({ error: null, links: [] });
    expect(span(ended, "troupe.step a")).toMatchObject({ error: null, attributes: { "troupe.step.attempts": 2 } });
    expect(JSON.stringify(ended)).not.toContain("s3cr3t");
  });

  test("a step that ran out of time fails with that result, and its run with it", () => {
    const run = drive(
      new KernelRun(buildWorkflow([{ id: "a", timeout: 1_000 }])).create(),
      (it) => it.grant("a"),
      (it) => it.settle("a", { kind: "timed_out", failure: LATE, fallback: null }),
    );
    const { ended } = spansOf(run);
    expect(span(ended, "troupe.step a")).toMatchObject({
      error: LATE.title,
      attributes: { "cicd.pipeline.task.run.result": "timeout", "error.type": "TIMEOUT" },
    });
    expect(span(ended, "troupe.run sample")).toMatchObject({
      error: LATE.title,
      attributes: { "cicd.pipeline.result": "timeout", "troupe.state": "failed" },
    });
  });

  test("a canceled run and a skipped step are none", () => {
    const run = drive(
      new KernelRun(buildWorkflow([{ id: "a" }, { id: "b" }])).create(),
      (it) => it.grant("a"),
      (it) => it.cancel(),
      (it) => it.settle("a", { kind: "stopped" }),
    );
    const { ended } = spansOf(run);
    expect(ended.map(({ error }) => error)).toEqual(ended.map(() => null));
    expect(span(ended, "troupe.run sample").attributes["cicd.pipeline.result"]).toBe("cancellation");
    expect(span(ended, "a").attributes["troupe.attempt.outcome"]).toBe("stopped");
  });
});

describe("after a crash", () => {
  test("an attempt that outlived its engine is one span", () => {
    const run = drive(
      new KernelRun(buildWorkflow([{ id: "a" }])).create(),
      (it) => it.grant("a"),
      (it) => it.orphan("a"),
      (it) => it.succeed("a"),
    );
    const { ended } = spansOf(run);
    expect(span(ended, "a").events.map(({ name }) => name)).toEqual(["attempt.orphaned"]);
    expect(ended.filter(({ role }) => role === "attempt")).toHaveLength(1);
  });

  test("the attempt after a lost one is linked to it", () => {
    const run = drive(
      new KernelRun(buildWorkflow([{ id: "a" }])).create(),
      (it) => it.grant("a"),
      (it) => it.lose("a"),
      (it) => it.grant("a"),
      (it) => it.succeed("a"),
    );
    const { ended } = spansOf(run);
    expect(span(ended, "a", 0)).toMatchObject({ error: "Its engine died", attributes: { "error.type": "LOST" } });
    expect(span(ended, "a", 1).links).toEqual([
      { traceId: traceIdOf(start), spanId: attemptSpanId(start, "a", 1), attributes: { "troupe.link": "lost" } },
    ]);
  });

  test("an attempt that never began has no span, and its number is free again", () => {
    const run = drive(
      new KernelRun(buildWorkflow([{ id: "a" }])).create(),
      (it) => it.grant("a"),
      (it) => it.settle("a", { kind: "not_started", reason: "no room" }),
      (it) => it.grant("a"),
      (it) => it.succeed("a"),
    );
    const { ended } = spansOf(run);
    expect(ended.map(({ spanId }) => spanId)).toEqual([attemptSpanId(start, "a", 1), stepSpanId(start, "a"), runSpanId(start)]);
    expect(span(ended, "troupe.step a").events.map(({ name }) => name)).toEqual([
      "step.ready",
      "step.started",
      "step.queued",
      "step.succeeded",
    ]);
    expect(span(ended, "a").events.map(({ name }) => name)).toEqual(["attempt.started"]);
  });
});

describe("a quarantined step", () => {
  const quarantined = (): KernelRun =>
    drive(
      new KernelRun(buildWorkflow([{ id: "a", sideEffect: "once" }])).create(),
      (it) => it.grant("a"),
      (it) => it.lose("a"),
    );

  test("ends its span and that of its run as errors (SP2)", () => {
    const { ended, open } = spansOf(quarantined());
    expect(open).toEqual([]);
    expect(span(ended, "troupe.step a")).toMatchObject({
      error: "Its engine died",
      attributes: { "troupe.state": "quarantined", "cicd.pipeline.task.run.result": "error" },
    });
    expect(span(ended, "troupe.run sample")).toMatchObject({ error: "1 step is quarantined" });
  });

  test("goes on in spans of its own when somebody releases it, linked to those that had ended (SP3)", () => {
    const run = drive(
      quarantined(),
      (it) => it.release("a"),
      (it) => it.grant("a"),
      (it) => it.succeed("a"),
    );
    const { ended } = spansOf(run);
    expect(new Set(ended.map(({ spanId }) => spanId)).size).toBe(ended.length);
    const [first, second] = [span(ended, "troupe.run sample", 0), span(ended, "troupe.run sample", 1)];
    expect(second).toMatchObject({ parentSpanId: null, error: null, attributes: { "troupe.part": 2, "cicd.pipeline.result": "success" } });
    expect(second.links).toEqual([{ traceId: traceIdOf(start), spanId: first.spanId, attributes: { "troupe.link": "continues" } }]);
    const again = span(ended, "troupe.step a", 1);
    expect(again).toMatchObject({ parentSpanId: second.spanId, links: [{ spanId: stepSpanId(start, "a") }] });
    expect(span(ended, "a", 1)).toMatchObject({
      parentSpanId: again.spanId,
      spanId: attemptSpanId(start, "a", 2),
      links: [{ spanId: attemptSpanId(start, "a", 1) }],
    });
  });
});

test("a retried run is linked to the one before, and what it takes over is marked", () => {
  const parent = { runId: "run_00000000000000000000000000000009" as RunStart["runId"], relation: "retry", from: null } as const;
  const run = new KernelRun(buildWorkflow([{ id: "a" }, { id: "b", needs: ["a"] }])).create({
    parent,
    carried: [
      { step: start.runId as never, state: "succeeded", output: 1, reason: null, attempt: 1 },
      { step: "a" as never, state: "succeeded", output: 1, reason: null, attempt: 2 },
    ],
  });
  drive(
    run,
    (it) => it.grant("b"),
    (it) => it.succeed("b"),
  );
  const { ended } = spansOf(run);
  expect(span(ended, "troupe.run sample")).toMatchObject({
    attributes: { "troupe.run.parent.id": parent.runId, "troupe.run.parent.relation": "retry" },
    links: [
      { traceId: traceIdOf({ runId: parent.runId, trace: null }), spanId: runSpanId(parent), attributes: { "troupe.link": "retry" } },
    ],
  });
  expect(span(ended, "troupe.step a").attributes).toMatchObject({ "troupe.step.cached": true, "troupe.step.carried_from": parent.runId });
  expect(ended.filter(({ role }) => role === "attempt")).toHaveLength(1);
});

test("a run that was started in somebody's trace appears below their span", () => {
  const trace = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7", isSampled: true, state: "" };
  const run = new KernelRun(buildWorkflow([{ id: "a" }])).create({ trace }).run("a");
  const { ended } = spansOf(run, { trace });
  expect(new Set(ended.map(({ traceId }) => traceId))).toEqual(new Set([trace.traceId]));
  expect(span(ended, "troupe.run sample").parentSpanId).toBe(trace.spanId);
});

describe("the process of an attempt", () => {
  const usage = { startedAt: 0, endedAt: Number.MAX_SAFE_INTEGER, logs: { stdout: { bytes: 7 }, stderr: { bytes: 0 } } };

  function settled(outcome: Parameters<KernelRun["settle"]>[1], config = {}): Span {
    const run = drive(
      new KernelRun(buildWorkflow([{ id: "a", config }])).create(),
      (it) => it.grant("a"),
      (it) => it.send({ type: "attempt.settled", step: "a" as never, attempt: 1, outcome, usage }),
    );
    return span(spansOf(run).ended, "process.exec");
  }

  test("is a span within its attempt, however its clock went", () => {
    const process = settled({ kind: "succeeded", output: null });
    expect(process).toMatchObject({
      parentSpanId: attemptSpanId(start, "a", 1),
      error: null,
      attributes: { "process.exit.code": 0, "troupe.process.stdout_bytes": 7 },
    });
    expect((process.endedAt ?? 0) - process.startedAt).toBe(10);
  });

  test("tells its exit code, and none where that is unknown", () => {
    const failure = { class: "transient", code: "EXIT_CODE", title: "Exit code 3.", exitCode: 3 } as const;
    expect(settled({ kind: "failed", failure })).toMatchObject({
      error: "Exit code 3.",
      attributes: { "process.exit.code": 3, "error.type": "EXIT_CODE" },
    });
    const accepting = settled({ kind: "succeeded", output: null }, { success_codes: { kind: "literal", value: [0, 3] } });
    expect(accepting.attributes).not.toHaveProperty("process.exit.code");
  });
});

test("a span holds so many events and counts the rest", () => {
  const run = new KernelRun(buildWorkflow([{ id: "a" }])).create();
  run.grant("a");
  for (let nth = 0; nth < EVENTS_MAX + 5; nth++) run.send({ type: "attempt.progress", step: "a" as never, attempt: 1, data: { nth } });
  run.succeed("a");
  const step = span(spansOf(run).ended, "troupe.step a");
  expect(step.events).toHaveLength(EVENTS_MAX);
  expect(step.droppedEvents).toBe(run.journal.filter(({ actor }) => actor === "a").length - EVENTS_MAX);
});

describe("what an attempt used", () => {
  const used = {
    startedAt: 0,
    endedAt: 1,
    tokens: { input: 1_200, output: 80 },
    cache: { hit: false, key: "abc", reason: "no entry" },
    gate: { ok: true, passed: 12, failed: 0, skipped: 1, coverage: 91.5, failures: ["secret"] },
    merge: { merged: false, conflicts: 2, branch: "troupe/a" },
  };

  const end = (run: KernelRun, usage: AttemptUsage): unknown =>
    run.send({ type: "attempt.settled", step: "a" as StepId, attempt: 1, outcome: { kind: "succeeded", output: null }, usage });

  test("stands in its span: counts and verdicts, no words", () => {
    const run = drive(
      new KernelRun(buildWorkflow([{ id: "a" }])).create(),
      (it) => it.grant("a"),
      (it) => end(it, used),
    );
    expect(span(spansOf(run).ended, "a").attributes).toMatchObject({
      "gen_ai.usage.input_tokens": 1_200,
      "gen_ai.usage.output_tokens": 80,
      "troupe.cache.result": "miss",
      "troupe.cache.key": "abc",
      "troupe.gate.passed": true,
      "troupe.gate.tests.passed": 12,
      "troupe.gate.tests.skipped": 1,
      "troupe.gate.coverage_percent": 91.5,
      "troupe.merge.merged": false,
      "troupe.merge.conflicts": 2,
    });
    expect(JSON.stringify(spansOf(run).ended)).not.toContain("secret");
  });

  test("and a result from the cache marks its step", () => {
    const run = drive(
      new KernelRun(buildWorkflow([{ id: "a" }])).create(),
      (it) => it.grant("a"),
      (it) => end(it, { startedAt: 0, endedAt: 0, cache: { hit: true, key: "abc" } }),
    );
    expect(span(spansOf(run).ended, "troupe.step a").attributes["troupe.step.cached"]).toBe(true);
  });
});

test("an attempt that leaves its step waiting has ended well, and the step goes on without one until its answer", () => {
  const until = { parking: { kind: "timer" }, dueAt: null, onDue: { kind: "succeeded", output: {} } } as const;
  const run = drive(
    new KernelRun(buildWorkflow([{ id: "a" }])).create(),
    (it) => it.grant("a"),
    (it) => it.settle("a", { kind: "parked", until }),
  );
  const waiting = spansOf(run);
  expect(waiting.ended.map(({ role, error, attributes }) => [role, error, attributes["troupe.attempt.outcome"]])).toEqual([
    ["attempt", null, "parked"],
  ]);
  expect(waiting.open.map(({ role }) => role)).toEqual(["step", "run"]);
});

test("the span of a canceled fan-out lasts until the last of its items has stopped", () => {
  const fanOut = {
    over: { kind: "list", items: { kind: "literal", value: [] } },
    key: null,
    maxParallel: null,
    onItemError: "fail",
  } as const;
  const run = drive(
    new KernelRun(buildWorkflow([{ id: "a", fanOut }])).create(),
    (it) => it.grant("a"),
    (it) => it.settle("a", { kind: "fanned", keys: ["0", "1"], items: ["0", "1"] }),
    (it) => it.grant("a[0]"),
    (it) => it.send({ type: "run.cancel", by: "ann", reason: null }),
    (it) => it.settle("a[0]", { kind: "stopped" }),
  );
  const [whole, item, other] = ["troupe.step a", "troupe.step a[0]", "troupe.step a[1]"].map((name) => span(spansOf(run).ended, name));
  expect(whole?.attributes["cicd.pipeline.task.run.result"]).toBe("cancellation");
  expect(whole?.endedAt).toBe(item?.endedAt);
  expect(other?.endedAt).toBeLessThan(item?.endedAt ?? 0);
});
