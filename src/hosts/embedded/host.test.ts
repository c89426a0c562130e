import { describe, expect, test } from "vitest";
import { parseExpression } from "../../../grammar/parse.ts";
import { type HostBenchOptions, openHost } from "../../../test/support/host-bench.ts";
import { buildWorkflow } from "../../../test/support/workflow-builder.ts";
import { FencedError, InvariantError, TransientError } from "../../core/errors.ts";
import type { CauseId, Digest, RunId } from "../../core/ids.ts";
import type { Field } from "../../plan/field.ts";
import type { Store } from "../../ports/store.ts";

const ONE = buildWorkflow([{ id: "a" }]);
const BUSY = new TransientError("STORE_BUSY");
const GONE = new FencedError("STORE_UNUSABLE", { problem: "disk I/O error" });
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe("admission (I-37)", () => {
  test("counts causes that nobody has decided yet", async () => {
    const { start } = await openHost({ workflow: ONE, queueBound: 10 });
    const ends = await Promise.allSettled(Array.from({ length: 12 }, (_, n) => start(n)));
    expect(ends.map(({ status }) => status).filter((status) => status === "fulfilled")).toHaveLength(8);
    expect(ends.at(-1)).toMatchObject({ reason: { code: "BACKPRESSURE", details: { depth: 8, bound: 10 } } });
  });

  test("has room again when they are decided, and always for a run that is there", async () => {
    const { start } = await openHost({ workflow: ONE, queueBound: 10 });
    await Promise.allSettled(Array.from({ length: 12 }, (_, n) => start(n)));
    await expect(start(20)).resolves.toMatch(/20$/);
    const more = await Promise.allSettled([21, 22, 23, 24, 25, 26, 0].map(start));
    expect(more.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
      "rejected",
      "fulfilled",
    ]);
  });
});

describe("a start", () => {
  test("asks the store about the id only where that may be known", async () => {
    const asked: RunId[] = [];
    const through = (store: Store): Store => ({ ...store, run: (id) => (asked.push(id) > 0 ? store.run(id) : null) });
    const { host, startOf } = await openHost({ workflow: ONE, through });
    await host.start(ONE, startOf(1), { isNew: true });
    expect(asked).toEqual([]);
    await host.start(ONE, startOf(2));
    expect(asked).toEqual([startOf(2).runId]);
  });

  test("again, of a run that rests or is just being started, changes nothing", async () => {
    const { host, start, startOf, attempts, state } = await openHost({ workflow: ONE });
    await Promise.all([start(1), start(1)]);
    attempts.get("a/1")?.({ kind: "succeeded", output: 1 });
    await settled();
    expect(state(1)).toBe("succeeded");
    await start(1);
    expect(host.snapshot(startOf(1).runId).snapshot.seq).toBe(6);
  });
});

describe("a run that cannot be read (H4)", () => {
  /** A host that finds one run with an overdue timer, whose journal is then asked for. */
  async function withTimer(error: Error, heals = false): Promise<{ bench: Awaited<ReturnType<typeof openHost>>; reads: () => number }> {
    const workflow = buildWorkflow([{ id: "a", retry: { max: 1, on: ["permanent"], baseMs: 60_000, jitter: "none" } }]);
    let reads = 0;
    let isBroken = true;
    const through = (store: Store): Store => ({
      ...store,
      entries: (...how) => {
        reads += 1;
        if (isBroken) {
          isBroken = !heals;
          throw error;
        }
        return store.entries(...how);
      },
    });
    const bench = await openHost({ workflow, through });
    await bench.start(1);
    bench.attempts.get("a/1")?.({ kind: "failed", failure: { class: "permanent", code: "X", title: "no" } });
    await settled();
    for (let second = 0; second < 70; second++) {
      bench.clock.pass(1_000);
      await settled();
    }
    return { bench, reads: () => reads };
  }

  test("is complained of once, and its journal is not folded again for every look at its timer", async () => {
    const { bench, reads } = await withTimer(new InvariantError("INV_JOURNAL_GAP", { run: "run_1", seq: 3 }));
    expect(bench.warnings).toEqual([expect.stringMatching(/cannot be read and stands still.*no entry 3/)]);
    expect(reads()).toBe(1);
    await bench.start(2);
    expect(bench.attempts.has("a/1")).toBe(true);
  });

  test("because the store is busy goes on when it is not", async () => {
    const { bench } = await withTimer(BUSY, true);
    expect(bench.warnings).toHaveLength(1);
    expect(bench.attempts.has("a/2")).toBe(true);
  });
});

describe("a store that cannot be read (I-39)", () => {
  const OUTPUT = buildWorkflow([{ id: "a" }], { output: { n: null as unknown as Field } }); // The runner of the bench makes it.
  const LARGE = { $blob: "b".repeat(64) as Digest, bytes: 70_000 };

  async function untilOutput(makeOutput: NonNullable<HostBenchOptions["makeOutput"]>): ReturnType<typeof openHost> {
    const bench = await openHost({ workflow: OUTPUT, makeOutput });
    await bench.start(1);
    bench.attempts.get("a/1")?.({ kind: "succeeded", output: 1 });
    await settled();
    return bench;
  }

  test("while a run's output is made is tried again, and does not fail the run", async () => {
    let tries = 0;
    const bench = await untilOutput(() => {
      tries += 1;
      if (tries < 3) throw BUSY;
      return { result: { ok: true, output: { n: 1 } }, blobs: [] };
    });
    expect(bench.state(1)).toBe("running.finishing");
    for (let look = 0; look < 2; look++) {
      bench.clock.pass(250);
      await settled();
    }
    expect(bench.state(1)).toBe("succeeded");
    expect(tries).toBe(3);
  });

  test("for good while a run's output is made puts the run before a person, who can have it tried again", async () => {
    let isMissing = true;
    const bench = await untilOutput(() => {
      if (isMissing) throw new InvariantError("INV_BLOB_MISSING", { digest: "d0" });
      return { result: { ok: true, output: null }, blobs: [] };
    });
    expect(bench.state(1)).toBe("quarantined");
    isMissing = false;
    await bench.host.post(bench.startOf(1).runId, "resume" as CauseId, { type: "run.resume", by: "ada" });
    await settled();
    expect(bench.state(1)).toBe("succeeded");
  });

  /** A run whose second step looks at a large value. */
  async function untilCondition(error: Error): Promise<Awaited<ReturnType<typeof openHost>> & { heal(): void }> {
    const when = { expression: parseExpression("steps.a.output.n == 1"), source: "n", place: { file: "", line: 1, column: 1 } };
    const workflow = buildWorkflow([{ id: "a" }, { id: "b", needs: ["a"], when }]);
    let isBroken = true;
    const blob: Store["blob"] = () => {
      if (isBroken) throw error;
      return { n: 1 };
    };
    const bench = await openHost({ workflow, through: (store) => ({ ...store, blob }) });
    await bench.start(1);
    bench.attempts.get("a/1")?.({ kind: "succeeded", output: LARGE });
    await settled();
    return { ...bench, heal: () => (isBroken = false) };
  }

  test("while a decision is made leaves the cause undecided until it can be", async () => {
    const bench = await untilCondition(BUSY);
    expect([bench.state(1), bench.step(1, "a")]).toEqual(["running.executing", "running.executing"]);
    bench.heal();
    bench.clock.pass(250);
    await settled();
    expect([bench.step(1, "a"), bench.step(1, "b")]).toEqual(["succeeded", "running.executing"]);
    expect(bench.deaths).toEqual([]);
  });

  test("and never will be stops the host, with nothing decided", async () => {
    const bench = await untilCondition(GONE);
    expect(bench.deaths).toEqual([GONE]);
    expect(bench.step(1, "a")).toBe("running.executing");
    await expect(bench.start(2)).rejects.toMatchObject({ code: "ENGINE_STOPPED" });
  });
});
