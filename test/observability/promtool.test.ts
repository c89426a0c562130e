import { expect, test } from "vitest";
import { createMetrics } from "../../observability/metrics/open-metrics.ts";
import type { RunId, TenantId } from "../../src/core/ids.ts";
import { need, promtool } from "./prometheus-server.ts";

test("promtool finds nothing wrong with the configuration, the rules and their tests", (context) => {
  need("promtool", context);
  expect(promtool(["check", "config", "prometheus.yml"])).toMatch(/^0 .*is valid prometheus config/s);
  expect(promtool(["check", "rules", "rules.yml"])).toMatch(/^0 .*SUCCESS: 7 rules found/s);
  expect(promtool(["test", "rules", "rules.test.yml"])).toMatch(/^0 .*SUCCESS/s);
});

test("promtool finds nothing wrong with any metric, as it is named, typed and written", async (context) => {
  need("promtool", context);
  const metrics = createMetrics({
    census: () => ({ runs: new Map([["pending", 1]]), quarantinedSteps: 0, pendingApprovals: 0 }),
    run: () => null,
    steps: () => [],
    entries: () => [],
  });
  metrics.observer.meter?.opened(() => ({
    waiting: [0, 0, 0, 0, 0],
    queueBound: 10,
    running: 0,
    limit: 1,
    breakers: new Map([['"\\\n', "open"]]),
    threads: { busy: 0, limit: 1 },
  }));
  const run = {
    runId: "run_1" as RunId,
    tenant: 'te"nant\\\n' as TenantId,
    workflow: 'wo"rk\\\nflow',
    trace: null,
    definition: { steps: [], indexOf: new Map() },
  };
  const entry = { seq: 1, actor: "run", type: "run.created", on: "run.create", from: "", to: "pending", data: {}, causeId: "c", at: 1 };
  metrics.observer.committed([{ run, entry }] as unknown as Parameters<typeof metrics.observer.committed>[0]); // What metrics read of a definition.
  expect(promtool(["check", "metrics"], await metrics.text("prometheus"))).toBe("0 ");
});
