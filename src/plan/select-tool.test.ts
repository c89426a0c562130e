import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BUILTIN_TOOLS } from "./builtin-tools.ts";
import { type Permit, selectTool, type ToolFacts, type ToolQuestion, type ToolRecord } from "./select-tool.ts";
import { TOOL_PREFERENCES, type ToolPolicy } from "./step-policies.ts";
import { BREAKER_POLICY_DEFAULT, type ToolDeclaration } from "./tool.ts";

const NO_RECORD: ToolRecord = { calls: 0, successes: 0, p50Ms: null, costUsd: null };
const HEALTHY = { status: "healthy", detail: null, version: "1.0" } as const;

function tool(name: string, more: Partial<ToolDeclaration> = {}): ToolDeclaration {
  return {
    name,
    adapter: "command",
    capabilities: ["code-edit"],
    domains: [],
    cost: { usdPerRun: null, usdPer1kTokens: null },
    limits: { concurrency: null, timeoutMs: null, maxUsd: null },
    command: [name],
    env: [],
    health: null,
    version: null,
    breaker: BREAKER_POLICY_DEFAULT,
    ...more,
  };
}

const facts = (declaration: ToolDeclaration, more: Partial<ToolFacts> = {}): ToolFacts => ({
  tool: declaration,
  probe: HEALTHY,
  breaker: "closed",
  record: NO_RECORD,
  ...more,
});
const record = (calls: number, successes: number, p50Ms: number | null = null, costUsd: number | null = null): ToolRecord => ({
  calls,
  successes,
  p50Ms,
  costUsd,
});
const ask = (policy: Partial<ToolPolicy> = {}, more: Partial<ToolQuestion> = {}): ToolQuestion => ({
  policy: { name: null, needs: [], prefer: null, ...policy },
  prefer: null,
  permit: null,
  paths: null,
  ...more,
});
const verdicts = (choice: ReturnType<typeof selectTool>): Readonly<Record<string, string>> =>
  Object.fromEntries(choice.considered.map((one) => [one.tool, `${one.verdict}: ${one.reason}`]));

describe("a selection", () => {
  test("takes the first tool that can do it, and the others in order behind it", () => {
    const choice = selectTool([facts(tool("a")), facts(tool("b")), facts(tool("c", { capabilities: [] }))], ask({ needs: ["code-edit"] }));
    expect(choice).toMatchObject({ chosen: "a", order: ["a", "b"] });
    expect(verdicts(choice)).toEqual({
      a: "chosen: it is the first that can do it",
      b: "fallback: takes over if those before it cannot",
      c: "lacks-capability: it cannot do `code-edit`",
    });
  });

  test("tells the first thing that speaks against a tool (SL2)", () => {
    const permit: Permit = { allow: null, deny: ["denied"], by: "profile restricted" };
    const open = { breaker: "open" } as const;
    const choice = selectTool(
      [
        facts(tool("open"), open),
        facts(tool("ill"), { ...open, probe: { status: "unhealthy", detail: "exit code 1", version: null } }),
        facts(tool("gone"), { ...open, probe: { status: "missing", detail: null, version: null } }),
        facts(tool("denied"), { probe: null }),
        facts(tool("docs", { domains: ["docs/**"] }), { probe: null }),
      ],
      ask({ needs: ["code-edit"] }, { permit, paths: ["src/a.ts"] }),
    );
    expect(choice).toMatchObject({ chosen: null, order: ["open"] });
    expect(verdicts(choice)).toEqual({
      open: "open: its breaker is open after repeated failures",
      ill: "unhealthy: exit code 1",
      gone: "missing: `gone` is not there",
      denied: "denied: profile restricted does not permit it",
      docs: "lacks-capability: it is for docs/** only",
    });
  });

  test("by name knows no other tool, unless the step says what the work needs", () => {
    const all = [facts(tool("a")), facts(tool("b"))];
    expect(selectTool(all, ask({ name: "b" }))).toMatchObject({ chosen: "b", order: ["b"] });
    expect(selectTool(all, ask({ name: "b", needs: ["code-edit"] }))).toMatchObject({ chosen: "b", order: ["b", "a"] });
    expect(selectTool(all, ask({ name: "c" }))).toMatchObject({ chosen: null, order: [] });
  });

  test("keeps to what a profile allows", () => {
    const permit: Permit = { allow: ["b"], deny: [], by: "the profile" };
    expect(selectTool([facts(tool("a")), facts(tool("b"))], ask({}, { permit })).order).toEqual(["b"]);
  });

  test("finds tools for languages and paths", () => {
    const all = [facts(tool("py", { domains: ["python"] })), facts(tool("ts", { domains: ["typescript"] })), facts(tool("any"))];
    expect(selectTool(all, ask({}, { paths: ["src/a.ts", "src/b.tsx"] })).order).toEqual(["ts", "any"]);
    expect(selectTool(all, ask({}, { paths: ["src/a.ts", "b.py"] })).order).toEqual(["any"]);
    expect(selectTool(all, ask()).order).toEqual(["py", "ts", "any"]);
  });

  test("prefers what the step, or else the router, asks for", () => {
    const all = [
      facts(tool("costly", { cost: { usdPerRun: 2, usdPer1kTokens: null } }), { record: record(10, 10, 1_000) }),
      facts(tool("cheap", { cost: { usdPerRun: null, usdPer1kTokens: 0.01 } }), { record: record(10, 8, 9_000) }),
      facts(tool("unknown")),
    ];
    expect(selectTool(all, ask({ prefer: "cheapest" })).order).toEqual(["cheap", "unknown", "costly"]);
    expect(selectTool(all, ask({ prefer: "fastest" })).order).toEqual(["costly", "unknown", "cheap"]);
    expect(selectTool(all, ask({ prefer: "reliable" })).order).toEqual(["costly", "cheap", "unknown"]);
    expect(selectTool(all, ask({}, { prefer: "cheapest" })).chosen).toBe("cheap");
    expect(selectTool(all, ask({ prefer: "fastest" }, { prefer: "cheapest" })).considered[0]).toMatchObject({
      tool: "costly",
      reason: "its calls have been the fastest",
      score: 1,
      p50Ms: 1_000,
      successRate: 1,
      costUsd: 2,
    });
  });

  test("believes what calls have cost more than what somebody declared", () => {
    const all = [
      facts(tool("a", { cost: { usdPerRun: 0.1, usdPer1kTokens: null } }), { record: record(3, 3, 1, 5) }),
      facts(tool("b", { cost: { usdPerRun: 1, usdPer1kTokens: null } })),
    ];
    expect(selectTool(all, ask({ prefer: "cheapest" })).chosen).toBe("b");
  });

  test("leaves a tool that mostly fails for last, whatever is preferred", () => {
    const all = [
      facts(tool("failing", { cost: { usdPerRun: 0, usdPer1kTokens: null } }), { record: record(5, 2, 10, 0) }),
      facts(tool("b")),
    ];
    for (const prefer of [null, ...TOOL_PREFERENCES])
      expect(selectTool(all, ask({ prefer })).order, String(prefer)).toEqual(["b", "failing"]);
  });

  test("lets a half-open tool keep its rank, so that it gets its probe", () => {
    const all = [facts(tool("a"), { breaker: "half_open" }), facts(tool("b"))];
    expect(selectTool(all, ask()).order).toEqual(["a", "b"]);
  });

  test("knows the coding agents without a file", () => {
    const choice = selectTool(
      BUILTIN_TOOLS.map((one) => facts(one)),
      ask({ needs: ["code-edit", "structured-output"] }),
    );
    expect(choice.order).toEqual(["claude_code", "codex"]);
  });
});

describe("whatever the tools are like", () => {
  const anyRecord = fc
    .record({
      calls: fc.nat(50),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      p50Ms: fc.option(fc.nat(100_000)),
      costUsd: fc.option(fc.double({ min: 0, max: 10, noNaN: true })),
    })
    .map(({ calls, share, p50Ms, costUsd }): ToolRecord => ({ calls, successes: Math.floor(calls * share), p50Ms, costUsd }));
  const anyFacts = fc
    .record({
      capabilities: fc.subarray(["code-edit", "text"]),
      status: fc.constantFrom("healthy", "healthy", "unhealthy", "missing"),
      state: fc.constantFrom("closed", "closed", "open", "half_open"),
      usdPerRun: fc.option(fc.double({ min: 0, max: 10, noNaN: true })),
      record: anyRecord,
    })
    .map(({ capabilities, status, state, usdPerRun, record: of }) => ({ capabilities, status, state, usdPerRun, of }));
  const anyTools = fc.array(anyFacts, { maxLength: 8 }).map((rows) =>
    rows.map(({ capabilities, status, state, usdPerRun, of }, index) =>
      facts(tool(`t${index}`, { capabilities, cost: { usdPerRun, usdPer1kTokens: null } }), {
        probe: { status, detail: null, version: null } as ToolFacts["probe"], // One of the statuses above.
        breaker: state as ToolFacts["breaker"], // As above.
        record: of,
      }),
    ),
  );
  const anyQuestion = fc.record({
    needs: fc.subarray(["code-edit", "text"]),
    name: fc.option(fc.constantFrom("t0", "t3", "none")),
    prefer: fc.option(fc.constantFrom(...TOOL_PREFERENCES)),
    deny: fc.subarray(["t0", "t1", "t2"]),
  });
  const asked = ({
    needs,
    name,
    prefer,
    deny,
  }: {
    needs: string[];
    name: string | null;
    prefer: ToolPolicy["prefer"];
    deny: string[];
  }): ToolQuestion => ask({ needs, name, prefer }, { permit: { allow: null, deny, by: "it" } });

  test("each is considered once, the order holds only what may do it, and the choice comes first in it (SL2, SL3)", () => {
    fc.assert(
      fc.property(anyTools, anyQuestion, (tools, question) => {
        const { chosen, order, considered } = selectTool(tools, asked(question));
        expect(considered.map(({ tool: name }) => name).toSorted()).toEqual(tools.map((one) => one.tool.name).toSorted());
        for (const name of order) {
          const one = tools.find((candidate) => candidate.tool.name === name);
          expect(question.needs.every((need) => one?.tool.capabilities.includes(need))).toBe(true);
          expect(question.deny).not.toContain(name);
          expect(one?.probe?.status).toBe("healthy");
        }
        const closed = order.filter((name) => tools.find((one) => one.tool.name === name)?.breaker !== "open");
        expect(order.slice(0, closed.length)).toEqual(closed);
        expect(chosen).toBe(closed[0] ?? null);
        expect(considered.filter(({ verdict }) => verdict === "chosen").length).toBe(chosen === null ? 0 : 1);
        for (const { score } of considered) expect(score >= 0 && score <= 1).toBe(true);
      }),
    );
  });

  test("the answer is the same each time (SL1), and leaving out what is not in the order changes nothing in it", () => {
    fc.assert(
      fc.property(anyTools, anyQuestion, (tools, question) => {
        const choice = selectTool(tools, asked(question));
        expect(selectTool(tools, asked(question))).toEqual(choice);
        const left = tools.filter((one) => choice.order.includes(one.tool.name));
        expect(selectTool(left, asked(question)).order).toEqual(choice.order);
      }),
    );
  });

  test("a tool that becomes cheaper, faster or more reliable never falls behind for it", () => {
    fc.assert(
      fc.property(anyTools, anyQuestion, fc.nat(7), (tools, question, index) => {
        const one = tools[index];
        if (one === undefined || one.record.costUsd === null || one.record.p50Ms === null) return;
        const { calls, costUsd, p50Ms } = one.record;
        const better = { ...one, record: { calls, successes: calls, costUsd: costUsd / 2, p50Ms: p50Ms / 2 } };
        const rank = (all: readonly ToolFacts[]): number => selectTool(all, asked(question)).order.indexOf(one.tool.name);
        expect(rank(tools.with(index, better))).toBeLessThanOrEqual(rank(tools));
      }),
    );
  });
});
