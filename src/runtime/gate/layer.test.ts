import { expect, test } from "vitest";
import { literal, makeContext, makeStep } from "../../../test/support/attempts.ts";
import { GATE_PLAIN } from "../../../test/support/gate-policy.ts";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import type { JsonObject } from "../../core/json.ts";
import type { GatePolicy } from "../../plan/step-policies.ts";
import type { Execution } from "../../ports/attempt.ts";
import { contentOf } from "../../ports/cache-content.ts";
import type { ReportOrder, Reports, TestCounts } from "../../ports/reports.ts";
import { createGateLayer } from "./layer.ts";

const GATE: GatePolicy = { ...GATE_PLAIN, report: literal("r.tap") };
const failing: TestCounts = {
  passed: 1,
  failed: 7,
  skipped: 0,
  errors: 0,
  failures: Array.from({ length: 7 }, (_, index) => ({
    name: `t${index}`,
    file: index === 0 ? "a.ts" : null,
    message: index === 1 ? "" : "first\nsecond",
  })),
};
const good: TestCounts = { passed: 1, failed: 0, skipped: 0, errors: 0, failures: [] };

async function gated(
  gate: GatePolicy | null,
  execution: Execution,
  how: { counts?: TestCounts; isReattached?: boolean; printed?: string } = {},
) {
  const orders: ReportOrder[] = [];
  const reports: Reports = {
    async tests(order) {
      orders.push(order);
      return { ok: true, format: "tap", counts: how.counts ?? good, files: ["r.tap"] };
    },
    testsIn: () => ({ ok: true, format: "tap", counts: how.counts ?? good }),
    async coverage(order) {
      orders.push(order);
      return { ok: true, covered: 79_999, total: 100_000, files: ["c"] };
    },
  };
  const captures = {
    read: (logs: JsonObject | undefined) => ({
      stdout: logs === undefined ? null : contentOf(new TextEncoder().encode(how.printed ?? "")),
      stderr: null,
    }),
    replay: () => Promise.resolve(null),
  };
  const layer = createGateLayer({ reports, captures, clock: new ManualClock(5_000) });
  const context = makeContext(makeStep("shell", {}, { gate }), { workspace: "/w", isReattached: how.isReattached ?? false });
  return { execution: await layer.run(context, () => Promise.resolve(execution)), orders };
}

const success: Execution = { kind: "succeeded", output: 1 };

test("a report counts from the moment at which the work began", async () => {
  expect((await gated(GATE, success)).orders).toEqual([{ root: "/w", pattern: "r.tap", notBefore: 5_000 }]);
  expect((await gated(GATE, { ...success, usage: { startedAt: 3_000 } })).orders[0]?.notBefore).toBe(3_000);
  expect((await gated(GATE, success, { isReattached: true })).orders[0]?.notBefore).toBeNull();
});

test("the first failed tests are told, and how many more there are", async () => {
  const { execution } = await gated(GATE, success, { counts: failing });
  expect(execution).toMatchObject({
    kind: "failed",
    failure: {
      class: "permanent",
      code: "GATE_FAILED",
      detail: "- t0 (a.ts): first\n- t1\n- t2: first\n- t3: first\n- t4: first\n- and 2 more",
    },
    usage: { gate: { ok: false, failed: 7, failures: [{ name: "t0" }, {}, {}, {}, {}] } },
  });
});

test("a failure stays what it is, and what is no end passes", async () => {
  const failure = { class: "transient", code: "X", title: "x" } as const;
  const { execution } = await gated(GATE, { kind: "failed", failure, usage: { costUsd: 1 } });
  expect(execution).toMatchObject({ kind: "failed", failure, usage: { costUsd: 1, gate: { ok: false, passed: 1 } } });
  for (const other of [{ kind: "stopped" }, { kind: "timed_out", detail: "" }, { kind: "not_started", reason: "" }] as const)
    expect((await gated(GATE, other)).execution).toEqual(other);
  expect((await gated(null, success)).execution).toEqual(success);
});

test("coverage is rounded down, and looked for where most tools write it", async () => {
  const { execution, orders } = await gated({ ...GATE, coverage: 80 }, success);
  expect(orders.map(({ pattern }) => pattern)).toEqual(["r.tap", "coverage/coverage-summary.json"]);
  expect(execution).toMatchObject({ kind: "failed", usage: { gate: { coverage: 79.99, files: ["r.tap", "c"] } } });
});

test("what was printed counts only if all of it is there", async () => {
  const printing = { ...GATE, report: null };
  const logs = { stdout: { truncated: false } };
  expect((await gated(printing, { ...success, usage: { logs } })).execution).toMatchObject({
    kind: "succeeded",
    usage: { gate: { ok: true } },
  });
  for (const usage of [{}, { logs: { stdout: { truncated: true } } }])
    expect((await gated(printing, { ...success, usage })).execution).toMatchObject({ kind: "failed", failure: { code: "GATE_MISSING" } });
});
