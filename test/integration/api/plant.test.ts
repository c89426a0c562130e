/** Tools, breakers, costs, the cache and the process, through the API: of the caller's tenant alone (S-31). */
import { beforeAll, describe, expect, test } from "vitest";
import { openStore } from "../../../src/adapters/store-sqlite/index.ts";
import type { CacheView } from "../../../src/contract/cache-view.ts";
import type { CostView } from "../../../src/contract/cost-view.ts";
import type { Role } from "../../../src/contract/role.ts";
import type { RunAnswer } from "../../../src/contract/run-view.ts";
import type { SystemView } from "../../../src/contract/system-view.ts";
import type { TenantView } from "../../../src/contract/tenant-view.ts";
import type { BreakerView, ToolView } from "../../../src/contract/tool-view.ts";
import type { TenantId } from "../../../src/core/ids.ts";
import { compile } from "../../../src/definition/index.ts";
import { BREAKER_INITIAL, type BreakerMove, moveBreaker } from "../../../src/kernel/breaker.ts";
import { batchOf, Script, T0 } from "../../conformance/store.entries.ts";
import { folderOfFile, json, type OpenApi, openApi } from "../../support/api-bench.ts";
import { eventually } from "../../support/eventually.ts";
import { builtInStepTypes } from "../../support/step-types.ts";

let api: OpenApi;
const state = folderOfFile(() => api);
const PAID = "name: build\nsteps:\n  - { id: compile, type: agent, tool: codex, prompt: Do it }\n  - { id: test, run: 'true' }\n";

/** Two runs of each tenant that have cost something, on the first two days of the year. */
async function spend(): Promise<void> {
  await using store = await openStore({ directory: state, durability: "full" });
  const { epoch } = await store.own("if-dead");
  const { hash, document } = compile(PAID, { file: "build.troupe.yaml", stepTypes: builtInStepTypes });
  await store.putDefinition({ hash, name: "build", document, file: "build.troupe.yaml", createdAt: T0 });
  for (const [number, tenant] of ["default", "default", "other"].entries()) {
    const ended = T0 + number * 86_400_000 + 50;
    const usage = { startedAt: ended - 10, endedAt: ended, tool: "codex", costUsd: 0.25 * (number + 1) };
    const script = new Script(number + 1, number * 86_400_000).create({ tenant: tenant as TenantId, definition: hash }).begin();
    await store.commit(epoch, batchOf(script.queue("compile").start("compile", 1).succeed("compile", 1, usage).end().take()));
  }
  await store.disown();
}

beforeAll(async () => {
  await spend();
  api = await openApi(state);
});

async function get<TBody>(path: string, tenant = "default", role: Role = "viewer"): Promise<TBody> {
  const response = await api.call(api.token(role, tenant), "GET", `/api/v1${path}`);
  expect([path, response.status]).toEqual([path, 200]);
  return (await response.json()) as TBody;
}

async function ended(definition: string): Promise<RunAnswer> {
  const response = await api.call(api.token("admin"), "POST", "/api/v1/runs", json({ definition }));
  const { id } = (await response.json()) as RunAnswer;
  await eventually(async () => expect((await get<RunAnswer>(`/runs/${id}`)).state).toBe("succeeded"), 20_000);
  return get<RunAnswer>(`/runs/${id}`);
}

function opened(): BreakerMove {
  const now = Date.now();
  const event = { type: "call.failed", at: now, failures: 5, calls: 6, limit: 5, delayMs: 60_000, dueAt: now + 60_000 } as const;
  const move = moveBreaker(BREAKER_INITIAL, event);
  if (move === null) throw new Error("it opens");
  return move;
}

describe("breakers", () => {
  beforeAll(async () => {
    await using store = await openStore({ directory: state, durability: "full" });
    for (const tenant of ["default", "other"] as TenantId[])
      for (const target of ["tool:codex", `webhook:${tenant}.example.org`]) await store.keepBreaker({ tenant, target }, opened(), "a test");
  });

  test("are told with when they try again, beside their tools", async () => {
    expect((await get<readonly BreakerView[]>("/breakers")).map(({ tool, state: one }) => [tool, one])).toEqual([
      ["codex", "open"],
      ["webhook:default.example.org", "open"],
    ]);
    const codex = (await get<readonly ToolView[]>("/tools")).find(({ name }) => name === "codex");
    expect(codex?.breaker).toMatchObject({ state: "open", failures: 5, retryAt: expect.any(Number), changedAt: expect.any(Number) });
  });

  test("are closed by who may, of the own tenant alone, and others are not even named", async () => {
    const reset = async (tool: string, role: Role = "operator") => {
      const response = await api.call(api.token(role), "POST", `/api/v1/breakers/${encodeURIComponent(tool)}/reset`);
      return { status: response.status, body: (await response.json()) as unknown };
    };
    expect((await reset("codex", "viewer")).status).toBe(403);
    expect(await reset("codex")).toMatchObject({ status: 200, body: [{ tool: "codex", state: "closed", retryAt: null }] });
    expect((await reset("webhook:default.example.org")).status).toBe(200);
    const foreign = await reset("webhook:other.example.org");
    expect([foreign.status, JSON.stringify(foreign.body)]).toEqual([404, expect.not.stringMatching(/Did you mean.*other/)]);
    expect((await get<readonly BreakerView[]>("/breakers", "other")).map(({ state: one }) => one)).toEqual(["open", "open"]);
  });
});

test("tools are told without running any of them", async () => {
  const tools = await get<readonly ToolView[]>("/tools");
  expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(["claude_code", "codex", "aider", "gemini"]));
  for (const { available, problem, version } of tools) expect([available ? problem : version]).toEqual([null]);
});

describe("costs", () => {
  test("are summed by day, workflow, kind of step and tool, of the own tenant", async () => {
    const row = { workflow: "build", category: "agent", tool: "codex", attempts: 1 };
    expect(await get<CostView>("/costs?from=2026-01-01&to=2026-01-31")).toEqual({
      tenant: "default",
      from: "2026-01-01",
      to: "2026-01-31",
      totalUsd: 0.75,
      rows: [
        { day: "2026-01-01", ...row, usd: 0.25 },
        { day: "2026-01-02", ...row, usd: 0.5 },
      ],
    });
    expect((await get<CostView>("/costs?from=2026-01-02&to=2026-01-02")).totalUsd).toBe(0.5);
    expect((await get<CostView>("/costs?from=2026-01-01&to=2026-01-31", "other")).totalUsd).toBe(0.75);
    const today = new Date().toISOString().slice(0, 10);
    expect(await get<CostView>("/costs")).toMatchObject({ tenant: "default", to: today, totalUsd: 0, rows: [] });
  });

  test.each(["from=2026-02-30", "from=2026-01-02&to=2026-01-01", "from=2020-01-01&to=2026-01-01", "from=yesterday", "to=9999-99-99"])(
    "of days that are none are refused: %s",
    async (query) => {
      const response = await api.call(api.token("viewer"), "GET", `/api/v1/costs?${query}`);
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, "API_REQUEST"]);
    },
  );
});

test("the step cache is told by workflow and step, and nothing of another tenant", async () => {
  expect(await get<CacheView>("/cache", "other")).toMatchObject({ entries: 0, rows: [], complete: true });
  const text = "name: cached\nsteps:\n  - { id: a, cache: { key: [1] }, run: 'echo hi' }\n";
  await ended(text);
  // What the cache holds is believed for some seconds, so that a tenant who has not asked yet sees it at once.
  const mine = await get<CacheView>("/cache");
  expect(mine).toMatchObject({ technology: "files", entries: 1, complete: true, rows: [{ workflow: "cached", step: "a", entries: 1 }] });
  expect((await get<CacheView>("/cache", "other")).entries).toBe(0);
});

test("the process tells what it does, and counts the own tenant's runs", async () => {
  const system = await get<SystemView>("/system");
  expect(system).toMatchObject({
    version: "0.0.0",
    engine: { kind: "local", epoch: 2, safeMode: false },
    queue: { backpressure: false },
    streams: { sse: 0, websocket: 0 },
  });
  expect([system.workers.limit > 0, system.store.bytes > 0, system.checks.every(({ ok }) => ok)]).toEqual([true, true, true]);
  const waiting = "name: waiting\nsteps:\n  - { id: ask, type: approval, prompt: Go? }\n";
  await api.call(api.token("admin", "other"), "POST", "/api/v1/runs", json({ definition: waiting }));
  await eventually(async () => expect((await get<SystemView>("/system", "other")).pendingApprovals).toBe(1), 10_000);
  expect(await get<SystemView>("/system")).toMatchObject({ pendingApprovals: 0, runs: {} });
  const [usage] = await get<readonly TenantView[]>("/tenants", "other");
  expect(usage).toMatchObject({ tenant: "other", pendingApprovals: 1, runs: { "running.waiting": 1 }, cost30DaysUsd: 0 });
});
