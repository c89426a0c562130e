/** Agent steps in a whole engine: from YAML and `router.yaml` to what is told of the run. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunId } from "../../../src/core/ids.ts";
import { AGENTS, callsIn } from "../../support/agent-bench.ts";
import { type OpenEngine, useEngines, workflowOf } from "../../support/engine-bench.ts";

const bench = useEngines();

const tool = (name: string, file: string, more = ""): string =>
  `  - { name: ${name}, adapter: ${name}, command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(join(AGENTS, file))}], capabilities: [code-edit, text]${more} }\n`;
const ROUTER = `tools:\n${tool("claude_code", "claude.mjs")}${tool("codex", "codex.mjs", ", cost: { usd_per_1k_tokens: 0.01 }")}`;

async function run(router: string, ...lines: string[]) {
  const engine = await bench.open();
  writeFileSync(join(engine.workspace, "router.yaml"), router);
  const started = await engine.troupe.run(engine.write(workflowOf(...lines)), { workspace: engine.workspace });
  return { ...engine, view: await started.result() };
}

describe("a run with agents", () => {
  test("hands their data on, and tells tokens, cost and session of each attempt", async () => {
    const { view, workspace } = await run(
      ROUTER,
      "- id: review",
      "  type: agent",
      "  agent: claude_code",
      '  prompt: "Review {{ run.id }}.\\nANSWER={\\"verdict\\":\\"good\\"}"',
      "  output: { type: object, required: [verdict], properties: { verdict: { enum: [good, bad] } } }",
      "- id: fix",
      "  type: agent",
      "  tool: codex",
      '  when: steps.review.output.verdict == "good"',
      '  prompt: "Write it down.\\nANSWER=ok\\nWRITE=note.txt"',
      "- id: after",
      "  type: assert",
      '  check: steps.fix.output.text == "ok" AND "note.txt" IN steps.fix.output.changed',
    );
    expect(view).toMatchObject({
      state: "succeeded",
      costUsd: 0.2514,
      steps: [
        { id: "review", state: "succeeded", output: { verdict: "good" }, tool: "claude_code", costUsd: 0.25 },
        { id: "fix", state: "succeeded", tool: "codex", costUsd: 0.0014 },
        { id: "after", state: "succeeded" },
      ],
    });
    expect(readFileSync(join(workspace, "note.txt"), "utf8")).toContain("changed");
    expect(callsIn(workspace)).toHaveLength(2);
  });

  test("lets the router choose, and takes the next tool where a program is missing", async () => {
    const missing = "  - { name: best, adapter: claude_code, command: [/nonexistent/best], capabilities: [code-edit] }\n";
    const { view } = await run(
      ROUTER.replace("tools:\n", `tools:\n${missing}`),
      "- id: fix",
      "  type: agent",
      "  tool: { needs: [code-edit] }",
      "  prompt: Go.",
    );
    expect(view).toMatchObject({ state: "succeeded", steps: [{ tool: "claude_code" }] });
  });

  test("asks for each item of a list, each with its own log", async () => {
    const { view, workspace } = await run(
      ROUTER,
      "- id: each",
      "  type: agent",
      '  for_each: \'{{ ["a b", "c/d"] }}\'',
      "  agent: claude_code",
      '  prompt: "ANSWER={{ item.value }}"',
      "- id: told",
      "  type: assert",
      '  check: steps.each.output[0].output.text == "a b" AND steps.each.output[1].output.text == "c/d"',
    );
    expect(view).toMatchObject({ state: "succeeded" });
    expect(callsIn(workspace)).toHaveLength(2);
  });

  test("says why no tool can do it", async () => {
    const { view } = await run(ROUTER, "- id: fix", "  type: agent", "  tool: { needs: [juggling] }", "  prompt: Go.");
    expect(view).toMatchObject({ state: "failed", steps: [{ error: { code: "TOOL_MISSING", title: "No tool can do `juggling`." } }] });
    const ill = ROUTER.replace("capabilities: [code-edit, text] }", "capabilities: [text], health: { args: [--version] } }");
    const unwell = await run(
      ill.replace("claude.mjs", "nothing.mjs"),
      "- id: fix",
      "  type: agent",
      "  agent: claude_code",
      "  prompt: Go.",
    );
    expect(unwell.view).toMatchObject({ state: "failed", steps: [{ error: { code: "TOOL_UNHEALTHY", class: "transient" } }] });
  });

  test("is retried where a failure passes, and not where it stays", async () => {
    const lines = (scenario: string) => [
      "- id: fix",
      "  type: agent",
      "  agent: codex",
      "  retry: { max: 2, base: 10ms, jitter: none }",
      `  prompt: "SCENARIO=${scenario}"`,
    ];
    const passing = await run(ROUTER, ...lines("overload,ok"));
    expect(passing.view).toMatchObject({ state: "succeeded", steps: [{ attempts: 2 }] });
    const staying = await run(ROUTER, ...lines("auth"));
    expect(staying.view).toMatchObject({ state: "failed", steps: [{ attempts: 1, error: { code: "AGENT_AUTH", tool: "codex" } }] });
  });

  test("records why the tool was chosen, what was left out, and what the agent cannot be held to", async () => {
    const engine = await bench.open();
    writeFileSync(join(engine.workspace, "router.yaml"), ROUTER);
    writeFileSync(join(engine.workspace, "big.txt"), "word ".repeat(500));
    const started = await engine.troupe.run(
      engine.write(
        workflowOf(
          "- id: look",
          "  type: agent",
          "  agent: codex",
          "  max_usd: 1",
          "  prompt: Look.",
          "  context: { files: [big.txt], max_tokens: 100 }",
        ),
      ),
      { workspace: engine.workspace },
    );
    await started.result();
    // Ids of runs come from the library as plain texts.
    const usage = await usageOf(engine, started.id as RunId);
    expect(usage).toMatchObject({
      tool: "codex",
      tokens: { input: 100, output: 40 },
      session: expect.stringContaining("019c2470"),
      selection: {
        context: { limit: 100, included: [], pruned: [{ path: "big.txt" }] },
        limits: expect.arrayContaining([expect.stringContaining("max_usd")]),
      },
    });
  });
});

async function usageOf({ project }: OpenEngine, runId: RunId): Promise<unknown> {
  for await (const event of project.events(runId)) if (event.type === "step.succeeded") return event.data.usage ?? null;
  return null;
}
