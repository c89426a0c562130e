import { describe, expect, test } from "vitest";
import type { TenantId } from "../../core/ids.ts";
import { BUILTIN_TOOLS } from "../../plan/builtin-tools.ts";
import { BREAKER_POLICY_DEFAULT, type ToolDeclaration } from "../../plan/tool.ts";
import { parseDecision } from "../../plan/tool-decision.ts";
import type { BreakerKey, BreakerState, Breakers } from "../../ports/breaker.ts";
import type { ToolProbe } from "../../ports/tools.ts";
import { createToolRouter } from "./tool-router.ts";
import { readVersion } from "./version.ts";

const tenant = "acme" as TenantId;
const tool = (name: string, more: Partial<ToolDeclaration> = {}): ToolDeclaration => ({
  name,
  adapter: "command",
  capabilities: ["code-edit"],
  domains: [],
  cost: { usdPerRun: 0, usdPer1kTokens: null },
  limits: { concurrency: null, timeoutMs: null, maxUsd: null },
  command: [name],
  env: [],
  health: { args: [], timeoutMs: 1_000, everyMs: 60_000 },
  version: null,
  breaker: BREAKER_POLICY_DEFAULT,
  ...more,
});

function routerWith(tools: readonly ToolDeclaration[], missing: readonly string[] = []) {
  const probed: string[] = [];
  const called: BreakerKey[] = [];
  const states = new Map<string, BreakerState>();
  let now = 1_000;
  const breakers: Breakers = {
    call(key, work) {
      called.push(key);
      return states.get(key.target) === "open" ? Promise.resolve({ open: true as const, retryAfterMs: 5 }) : work();
    },
    state: ({ target }) => states.get(target) ?? "closed",
    [Symbol.dispose]: () => {},
  };
  const router = createToolRouter({
    routerOf: (from) => ({ file: `${from}/router.yaml`, prefer: null, tools }),
    prober: {
      locate: ({ name }) => (missing.includes(name) ? null : `/bin/${name}`),
      probe(asked): Promise<ToolProbe> {
        probed.push(asked.name);
        const status = missing.includes(asked.name) ? "missing" : "healthy";
        return Promise.resolve({ status, program: null, version: "1.2", detail: null, checkedAt: now });
      },
    },
    history: {
      toolRecord: (name, of) => ({ calls: name === "b" && of === tenant ? 4 : 0, successes: 3, p50Ms: 10, costUsd: null }),
    },
    breakers,
    clock: { now: () => now },
    here: "/here",
  });
  const ask = (needs: readonly string[], name: string | null = null) =>
    router.select({ policy: { name, needs, prefer: null }, tenant, workspace: "/project" });
  const later = (ms: number): void => {
    now += ms;
  };
  return { router, ask, probed, called, states, later };
}

describe("the tool router", () => {
  test("orders what can do it and records how it came to that", async () => {
    const { ask, probed } = routerWith([tool("a"), tool("b"), tool("c", { capabilities: [] })], ["a"]);
    const { order, decision } = await ask(["code-edit"]);
    expect(order.map(({ name }) => name)).toEqual(["b"]);
    expect(probed).toEqual(["a", "b"]);
    expect(JSON.parse(JSON.stringify(decision))).toEqual(decision);
    expect(parseDecision(decision)).toMatchObject({
      router: "/project/router.yaml",
      asked: { name: null, needs: ["code-edit"], prefer: null },
      chosen: "b",
      problem: null,
      considered: [
        { tool: "b", verdict: "chosen", successRate: 0.75, calls: 4, p50Ms: 10, version: "1.2" },
        { tool: "a", verdict: "missing" },
        { tool: "c", verdict: "lacks-capability", version: null },
      ],
    });
    expect(parseDecision("nonsense")).toBeNull();
    expect(parseDecision({ chosen: "x", because: "an older engine said so" })).toBeNull();
    // What a journal lacks, as one of another version might, is as if nobody knew.
    expect(parseDecision({ considered: [{}, 7] })).toEqual({
      router: null,
      asked: { name: null, needs: [], prefer: null },
      chosen: null,
      problem: null,
      considered: [
        {
          ...{ tool: "", adapter: "", verdict: "denied", reason: "", score: 0, calls: 0 },
          ...{ costUsd: null, p50Ms: null, successRate: null, version: null },
        },
      ],
    });
  });

  test("says in words why there is no tool", async () => {
    const { ask } = routerWith([tool("a")], ["a"]);
    const problemOf = async (...asked: Parameters<typeof ask>) => parseDecision((await ask(...asked)).decision)?.problem;
    expect(await problemOf(["fly"])).toBe("No tool can do `fly`.");
    expect(await problemOf(["code-edit"])).toBe("No tool can do it now: `a`: `a` is not there.");
    expect(await problemOf([], "b")).toBe("There is no tool `b`; there is `a`.");
  });

  test("runs a health check again when its answer is too old, and looks for programs each time", async () => {
    const { ask, probed, later } = routerWith([tool("a")]);
    await ask([]);
    await ask([]);
    expect(probed).toEqual(["a"]);
    later(60_000);
    await ask([]);
    expect(probed).toEqual(["a", "a"]);
  });

  test("names the nearest tool where there is none of that name", async () => {
    const { router } = routerWith(BUILTIN_TOOLS);
    await expect(router.probe("codexx")).rejects.toMatchObject({ code: "TOOL_UNKNOWN", fix: "Did you mean `codex`?" });
    expect((await router.probe("codex")).status).toBe("healthy");
    expect(router.list().length).toBe(4);
  });

  test("calls a tool in its tenant's breaker, and puts open ones last", async () => {
    const { router, ask, called, states } = routerWith([tool("a"), tool("b")]);
    states.set("tool:a", "open");
    const { order } = await ask([]);
    expect(order.map(({ name }) => name)).toEqual(["b", "a"]);
    const signal = new AbortController().signal;
    const answer = await router.call(
      tool("a"),
      { tenant, signal },
      () => Promise.resolve("done"),
      () => "answered",
    );
    expect(answer).toEqual({ open: true, retryAfterMs: 5 });
    expect(called).toEqual([{ tenant, target: "tool:a" }]);
  });

  test("keeps to a tool's limit of calls at once; who is stopped while waiting waits no longer", async () => {
    const { router } = routerWith([]);
    const limited = tool("a", { limits: { concurrency: 1, timeoutMs: null, maxUsd: null } });
    const running: string[] = [];
    const gates = new Map<string, () => void>();
    const stop = new AbortController();
    const begin = (name: string, signal = new AbortController().signal): Promise<unknown> =>
      router.call(
        limited,
        { tenant, signal },
        () => {
          running.push(name);
          const { promise, resolve } = Promise.withResolvers<void>();
          gates.set(name, resolve);
          return promise;
        },
        () => "answered",
      );
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const first = begin("first");
    const second = begin("second");
    void begin("stopped", stop.signal);
    await turn();
    expect(running).toEqual(["first"]);
    stop.abort();
    await turn();
    expect(running).toEqual(["first", "stopped"]);
    gates.get("first")?.();
    await first;
    await turn();
    expect(running).toEqual(["first", "stopped", "second"]);
    gates.get("second")?.();
    await second;
    const third = begin("third");
    await turn();
    expect(running.at(-1)).toBe("third");
    gates.get("third")?.();
    await third;
  });
});

test.each([
  ["2.0.14 (Claude Code)\n", null, "2.0.14"],
  ["codex-cli 0.46.0", null, "0.46.0"],
  ["aider (v0.86.1)", null, "0.86.1"],
  ["stub build-7 1.0", "^build-", "build-7"],
  ["no version", null, null],
])("%j with the pattern %s is version %s", (text, pattern, version) => {
  expect(readVersion(text, pattern)).toBe(version);
});
