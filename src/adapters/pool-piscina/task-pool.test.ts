import { afterAll, describe, expect, test } from "vitest";
import type { Json } from "../../core/json.ts";
import type { TaskAnswer } from "../../ports/task-pool.ts";
import { createTaskPool } from "./task-pool.ts";

const pool = createTaskPool({ maxThreads: 2, maxHeapMb: 32 });
afterAll(() => pool[Symbol.asyncDispose]());

const module = new URL("../../../test/support/thread-functions.ts", import.meta.url).href;
const call = (name: string, input: Json = {}, signal = new AbortController().signal): Promise<TaskAnswer> =>
  pool.call({ module, export: name, input, context: {} }, signal);

describe("a function on a thread", () => {
  test("answers", async () => {
    expect(await call("double", { n: 21 })).toEqual({ ok: true, value: { n: 42 } });
  });

  test("that throws hands over what the runtime classifies by", async () => {
    expect(await call("fail")).toMatchObject({
      ok: false,
      thrown: { name: "TypeError", message: "fetch failed", status: 503, cause: { code: "ECONNREFUSED" } },
    });
    expect(await call("reject")).toMatchObject({ ok: false, thrown: { message: "rejected" } });
    expect(await call("missing")).toMatchObject({ ok: false, thrown: { code: "FUNCTION_UNKNOWN", class: "permanent" } });
    expect(await call("uncloneable")).toMatchObject({ ok: false, thrown: { code: "OUTPUT_NOT_JSON", class: "validation" } });
  });

  test("takes up a thread while it runs", async () => {
    expect(pool.load()).toEqual({ busy: 0, limit: 2 });
    const answers = [1, 2, 3].map((n) => call("double", { n }));
    expect(pool.load()).toEqual({ busy: 2, limit: 2 });
    await Promise.all(answers);
    expect(pool.load()).toEqual({ busy: 0, limit: 2 });
  });

  test("that computes without end is stopped by the signal", async () => {
    expect(await call("spin", {}, AbortSignal.timeout(150))).toMatchObject({ ok: false, failure: { code: "CANCELED" } });
    expect(await call("double", { n: 1 }, AbortSignal.abort())).toMatchObject({ ok: false, failure: { code: "CANCELED" } });
  });

  test("that ends its thread in any way fails alone (I-35, F-27)", async () => {
    const others = [1, 2, 3, 4].map((n) => call("double", { n }));
    const bad = [call("exit"), call("hoard"), call("stray")];
    for (const [i, other] of others.entries()) expect(await other).toEqual({ ok: true, value: { n: (i + 1) * 2 } });
    expect(await bad[0]).toMatchObject({ ok: false, failure: { code: "WORKER_CRASHED" } });
    expect(await bad[1]).toMatchObject({ ok: false, failure: { code: "OUT_OF_MEMORY" } });
    expect(await bad[2]).toMatchObject({ ok: false, failure: { code: "WORKER_CRASHED" } });
    expect(await call("double", { n: 5 })).toEqual({ ok: true, value: { n: 10 } });
  });
});

test("a pool that was never used has nothing to close", async () => {
  await createTaskPool()[Symbol.asyncDispose]();
});
