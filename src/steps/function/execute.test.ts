import { describe, expect, test } from "vitest";
import { type ContextDiffers, literal, makeContext, makeStep, text } from "../../../test/support/attempts.ts";
import type { Field } from "../../plan/field.ts";
import type { Execution } from "../../ports/attempt.ts";
import type { FunctionCall, TaskAnswer, TaskPool } from "../../ports/task-pool.ts";
import { checkFunction } from "./check.ts";
import { createFunctionStep, type FunctionStepOptions, type StepFunction } from "./execute.ts";

const noPool: TaskPool = { call: () => Promise.reject(new Error("no pool")), [Symbol.asyncDispose]: () => Promise.resolve() };

function call(
  it: StepFunction,
  config: Record<string, Field> = {},
  differs: ContextDiffers = {},
  options: Partial<FunctionStepOptions> = {},
): Promise<Execution> {
  const step = createFunctionStep({
    functions: { it },
    locate: (module) => `file:///w/${module}`,
    load: () => Promise.resolve(it),
    pool: noPool,
    ...options,
  });
  return step.execute(makeContext(makeStep("function", { call: literal("it"), ...config }), differs));
}

describe("a function", () => {
  test("gets its input and its context, and answers now or later", async () => {
    const seen: unknown[] = [];
    const answer = await call(
      (input, { attempt, idempotencyKey, stepId }) => {
        seen.push(input, attempt, idempotencyKey.endsWith("/it"), stepId);
        return { sum: input.a + 1 };
      },
      { with: text("{{ input }}") },
      { input: { a: 1 } },
    );
    expect(answer).toEqual({ kind: "succeeded", output: { sum: 2 } });
    expect(seen).toEqual([{ a: 1 }, 1, true, "it"]);
    expect(await call(async () => "later")).toEqual({ kind: "succeeded", output: "later" });
    expect(await call((input) => input)).toEqual({ kind: "succeeded", output: {} });
  });

  test("cannot change what the journal holds, before or after its answer", async () => {
    const input = { list: [3, 1, 2] };
    const shared = { n: 1 };
    const answer = await call(
      (given) => {
        given.list.sort();
        return shared;
      },
      { with: text("{{ input }}") },
      { input },
    );
    shared.n = 2;
    expect(input.list).toEqual([3, 1, 2]);
    expect(answer).toEqual({ kind: "succeeded", output: { n: 1 } });
  });

  test("that throws or rejects fails this attempt with what it threw (I-35)", async () => {
    await expect(call(() => Promise.reject(Object.assign(new Error("no"), { status: 404 })))).rejects.toMatchObject({ status: 404 });
    await expect(
      call(() => {
        throw new Error("at once");
      }),
    ).rejects.toThrow("at once");
  });

  test("must answer JSON, and the message names the member that is none", async () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const table: [unknown, RegExp][] = [
      [{ a: [1, new Date()] }, /output\.a\[1\] is a Date/],
      [{ a: 1n }, /output\.a is a bigint/],
      [() => 1, /output is a function/],
      [Number.NaN, /the number NaN/],
      [new Map(), /a Map/],
      [JSON.parse('{"__proto__": 1}'), /__proto__/],
      [circle, /holds itself/],
    ];
    for (const [value, message] of table)
      await expect(call(() => value)).rejects.toMatchObject({ code: "OUTPUT_NOT_JSON", message: expect.stringMatching(message) });
    expect(await call(() => undefined)).toEqual({ kind: "succeeded", output: null });
    expect(await call(() => Object.assign(Object.create(null), { a: undefined, b: 1 }))).toEqual({ kind: "succeeded", output: { b: 1 } });
  });

  test("reports progress and log lines", async () => {
    const reports: unknown[] = [];
    await call(
      (_input, { log, progress }) => {
        log("half");
        progress({ percent: 50 });
      },
      {},
      { progress: (data) => reports.push(data) },
    );
    expect(reports).toEqual([{ message: "half" }, { percent: 50 }]);
  });
});

describe("a function that is told to stop", () => {
  test("does not begin when that was before", async () => {
    let ran = false;
    expect(await call(() => (ran = true), {}, { signal: AbortSignal.abort("cancel") })).toEqual({ kind: "stopped" });
    expect(ran).toBe(false);
  });

  test("sees the signal and may end early, but its answer comes too late (I-16)", async () => {
    const stop = new AbortController();
    const answer = call(
      (_input, { signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason))),
      {},
      { signal: stop.signal },
    );
    stop.abort("timeout");
    expect(await answer).toEqual({ kind: "stopped" });
  });

  test("and ignores it is left behind after the grace; its late rejection harms nobody", async () => {
    const stop = new AbortController();
    const late = Promise.withResolvers<never>();
    const answer = call(() => late.promise, {}, { signal: stop.signal, graceMs: 5 });
    stop.abort("timeout");
    expect(await answer).toEqual({ kind: "stopped" });
    late.reject(new Error("late"));
  });
});

describe("which function", () => {
  test("a module's export is loaded from the place of the workflow", async () => {
    const loaded: string[] = [];
    const load = (url: string, name: string): Promise<StepFunction> => {
      loaded.push(url, name);
      return Promise.resolve(() => 7);
    };
    expect(await call(() => 0, { call: literal("./lib/a.ts#b") }, {}, { load })).toEqual({ kind: "succeeded", output: 7 });
    expect(loaded).toEqual(["file:///w/./lib/a.ts", "b"]);
  });

  test("an unknown name is refused with the nearest one", async () => {
    await expect(call(() => 0, { call: literal("if") })).rejects.toMatchObject({
      code: "FUNCTION_UNKNOWN",
      class: "permanent",
      hint: "Did you mean `it`?",
    });
    await expect(call(() => 0, { call: literal("toString") })).rejects.toMatchObject({ code: "FUNCTION_UNKNOWN" });
  });

  test("the check finds what no thread and no module can be", () => {
    const codes = (config: Record<string, Field>): string[] => checkFunction(makeStep("function", config)).map(({ code }) => code);
    expect(codes({ call: literal("it") })).toEqual([]);
    expect(codes({ call: literal("it"), cpu: literal(true) })).toEqual(["FUNCTION_CPU"]);
    expect(codes({ call: literal("./a.ts#") })).toEqual(["FUNCTION_CALL"]);
    expect(codes({ call: literal("./a.ts#b"), cpu: literal(true) })).toEqual([]);
  });
});

describe("on a thread", () => {
  const onThread = (answer: TaskAnswer, tasks: FunctionCall[] = []): Promise<Execution> => {
    const pool: TaskPool = {
      ...noPool,
      call: (task) => {
        tasks.push(task);
        return Promise.resolve(answer);
      },
    };
    return call(() => 0, { call: literal("m.ts#f"), cpu: literal(true), with: literal({ a: 1 }) }, {}, { pool });
  };

  test("a function gets plain data, and its answer is checked like any other", async () => {
    const tasks: FunctionCall[] = [];
    expect(await onThread({ ok: true, value: [1] }, tasks)).toEqual({ kind: "succeeded", output: [1] });
    expect(tasks).toMatchObject([{ module: "file:///w/m.ts", export: "f", input: { a: 1 }, context: { attempt: 1, stepId: "it" } }]);
    await expect(onThread({ ok: true, value: new Date() as never })).rejects.toMatchObject({ code: "OUTPUT_NOT_JSON" });
  });

  test("what it threw is classified by the runtime, a dead thread is a failure", async () => {
    await expect(onThread({ ok: false, thrown: { status: 404 } })).rejects.toEqual({ status: 404 });
    const failure = { class: "transient", code: "WORKER_CRASHED", title: "x" } as const;
    expect(await onThread({ ok: false, failure })).toEqual({ kind: "failed", failure });
  });
});
