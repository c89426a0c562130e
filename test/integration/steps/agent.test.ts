import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/core/json.ts";
import type { Field } from "../../../src/plan/field.ts";
import { PLAIN_POLICIES } from "../../../src/plan/step-policies.ts";
import type { Execution } from "../../../src/ports/attempt.ts";
import { type AgentBenchDiffers, agentStep, callsIn, failureOf, outputOf, STAND_INS, standIn } from "../../support/agent-bench.ts";
import { type ContextDiffers, list, literal, makeContext, makeStep, map, template, text } from "../../support/attempts.ts";
import { eventually } from "../../support/eventually.ts";
import { living, RUN_MARK, useProcesses } from "../../support/processes.ts";

const bench = useProcesses();
const CLIS = ["claude_code", "codex", "gemini", "aider"] as const;
let workspace = "";
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), "troupe-agent-"));
});

interface Asked extends ContextDiffers {
  readonly schema?: JsonObject;
  readonly with?: AgentBenchDiffers;
  readonly tool?: boolean;
}

function ask(agent: string | null, prompt: string, config: Record<string, Field> = {}, asked: Asked = {}): Promise<Execution> {
  const { schema = null, with: options = {}, ...differs } = asked;
  const fields = { ...(agent !== null && { agent: literal(agent) }), prompt: template(prompt), ...config };
  const step = makeStep("agent", fields, { outputSchema: schema, ...PLAIN_POLICIES });
  return agentStep(bench, options).execute(makeContext(step, { workspace, ...differs }));
}

const VERDICT: JsonObject = {
  type: "object",
  properties: { verdict: { enum: ["good", "bad"] }, score: { type: "number" } },
  required: ["verdict", "score"],
  additionalProperties: false,
};

describe("an answer", () => {
  test("of Claude Code has text, tokens, cost, session and turns", async () => {
    const execution = await ask("claude_code", "Do it.\nANSWER=All is well.\nWRITE=new.txt");
    expect(outputOf(execution)).toEqual({
      text: "All is well.",
      usage: { input: 123, output: 40 },
      cost_usd: 0.25,
      session: "0b6f3a52-0000-4000-8000-000000000000",
      turns: 2,
      tool: "claude_code",
      changed: ["new.txt"],
    });
    expect(execution).toMatchObject({
      usage: {
        tool: "claude_code",
        costUsd: 0.25,
        tokens: { input: 123, output: 40 },
        session: "0b6f3a52-0000-4000-8000-000000000000",
        selection: { chosen: "claude_code" },
        logs: { stdout: { truncated: false } },
      },
    });
  });

  test("of Codex has no cost, unless its tool knows a price", async () => {
    expect(outputOf(await ask("codex", "ANSWER=Yes.\nWRITE=a.txt"))).toMatchObject({
      text: "Yes.",
      usage: { input: 100, output: 40 },
      cost_usd: null,
      session: "019c2470-0000-7000-8000-000000000000",
      changed: ["a.txt"],
    });
    const priced = [standIn("codex", "codex", "codex.mjs", { cost: { usdPerRun: null, usdPer1kTokens: 0.01 } })];
    expect(outputOf(await ask("codex", "ANSWER=Yes.", {}, { with: { declared: priced } }))).toMatchObject({ cost_usd: 0.0028 });
  });

  test("of Gemini CLI is what it said last", async () => {
    expect(outputOf(await ask("gemini", "ANSWER=It is done.\nWRITE=b.txt"))).toMatchObject({
      text: "It is done.",
      usage: { input: 100, output: 40 },
      changed: ["b.txt"],
      tool: "gemini",
    });
  });

  test("of Aider is read from its words", async () => {
    expect(outputOf(await ask("aider", "ANSWER=I changed it.\nWRITE=c.txt"))).toMatchObject({
      text: "I changed it.",
      usage: { input: 1_200, output: 345 },
      cost_usd: 0.05,
      session: null,
      changed: ["c.txt"],
    });
  });

  test("of a command of one's own is found where the step says", async () => {
    const custom = map({
      command: list(
        literal(process.execPath),
        literal(join(import.meta.dirname, "../../support/agents/own.mjs")),
        text("--about={{ input.topic }}"),
      ),
      format: literal("jsonl"),
      map: literal({
        text: "done.words",
        input_tokens: "counts.0.read",
        output_tokens: "counts.0.written",
        cost_usd: "price",
        session: "conversation",
        turns: "rounds",
        error: "problem",
      }),
    });
    const execution = await ask("custom", "ANSWER=Own words.", { custom }, { input: { topic: "$(touch pwn); -rf" } });
    expect(outputOf(execution)).toMatchObject({
      text: "Own words.",
      usage: { input: 10, output: 4 },
      cost_usd: 0.5,
      session: "c-1",
      turns: 3,
    });
    expect(callsIn(workspace)[0]?.args).toEqual(["--about=$(touch pwn); -rf"]);
    expect(failureOf(await ask("custom", "SCENARIO=error", { custom }, { input: { topic: "x" } }))).toMatchObject({
      code: "AGENT_REFUSED",
    });
  });

  test("tells what the agent was denied", async () => {
    expect(outputOf(await ask("claude_code", "SCENARIO=denied"))).toMatchObject({ denied: ["Bash"] });
  });

  test("behind 10 MB of chatter is found, and one behind bytes that are no text, too", async () => {
    for (const cli of CLIS)
      expect(outputOf(await ask(cli, "SCENARIO=huge\nANSWER=After all that."))).toMatchObject({
        text: expect.stringContaining("After all that."),
      });
    expect(outputOf(await ask("claude_code", "SCENARIO=garbage"))).toMatchObject({ text: "After all that." });
  }, 60_000);
});

describe("a failure", () => {
  const table: readonly (readonly [string, string, JsonObject])[] = [
    ["claude_code", "rate-limit", { class: "transient", code: "AGENT_RATE_LIMITED", retryAfterMs: 20_000 }],
    ["claude_code", "overload", { class: "transient", code: "AGENT_OVERLOADED" }],
    ["claude_code", "auth", { class: "permanent", code: "AGENT_AUTH" }],
    ["claude_code", "context", { class: "permanent", code: "AGENT_CONTEXT_TOO_LONG" }],
    ["claude_code", "refusal", { class: "permanent", code: "AGENT_REFUSED" }],
    ["claude_code", "max-turns", { class: "budget", code: "AGENT_MAX_TURNS" }],
    ["claude_code", "max-cost", { class: "budget", code: "AGENT_MAX_COST" }],
    ["claude_code", "truncated", { class: "transient", code: "AGENT_OUTPUT_CUT" }],
    ["claude_code", "silent", { class: "transient", code: "AGENT_OUTPUT_CUT" }],
    ["claude_code", "crash", { class: "transient", code: "AGENT_FAILED", exitCode: 1 }],
    ["codex", "rate-limit", { class: "transient", code: "AGENT_RATE_LIMITED", retryAfterMs: 90_000 }],
    ["codex", "overload", { class: "transient", code: "AGENT_OVERLOADED" }],
    ["codex", "auth", { class: "permanent", code: "AGENT_AUTH" }],
    ["codex", "context", { class: "permanent", code: "AGENT_CONTEXT_TOO_LONG" }],
    ["codex", "truncated", { class: "transient", code: "AGENT_OUTPUT_CUT" }],
    ["codex", "crash", { class: "transient", code: "AGENT_FAILED", exitCode: 1 }],
    ["gemini", "rate-limit", { class: "transient", code: "AGENT_RATE_LIMITED", retryAfterMs: 12_500 }],
    ["gemini", "overload", { class: "transient", code: "AGENT_OVERLOADED" }],
    ["gemini", "auth", { class: "permanent", code: "AGENT_AUTH", exitCode: 41 }],
    ["gemini", "untrusted", { class: "permanent", code: "AGENT_UNTRUSTED" }],
    ["gemini", "max-turns", { class: "budget", code: "AGENT_MAX_TURNS" }],
    ["gemini", "context", { class: "permanent", code: "AGENT_CONTEXT_TOO_LONG" }],
    ["gemini", "truncated", { class: "transient", code: "AGENT_OUTPUT_CUT" }],
    ["gemini", "crash", { class: "transient", code: "AGENT_FAILED", exitCode: 1 }],
    ["aider", "rate-limit", { class: "transient", code: "AGENT_RATE_LIMITED", retryAfterMs: 20_000 }],
    ["aider", "overload", { class: "transient", code: "AGENT_OVERLOADED" }],
    ["aider", "auth", { class: "permanent", code: "AGENT_AUTH" }],
    ["aider", "context", { class: "permanent", code: "AGENT_CONTEXT_TOO_LONG" }],
    ["aider", "edit-format", { class: "transient", code: "AGENT_FAILED" }],
    ["aider", "truncated", { class: "transient", code: "AGENT_OUTPUT_CUT" }],
    ["aider", "crash", { class: "transient", code: "AGENT_FAILED", exitCode: 2 }],
  ];

  test.each(table)("of %s, %s, is told apart (F-49)", async (cli, scenario, expected) => {
    expect(failureOf(await ask(cli, `SCENARIO=${scenario}`))).toMatchObject({ ...expected, tool: cli });
  });

  test("of a subscription says when it may be asked again", async () => {
    const failure = failureOf(await ask("claude_code", "SCENARIO=usage-limit")) as { retryAfterMs: number };
    expect(failure.retryAfterMs).toBeGreaterThan(3_500_000);
    expect(failure.retryAfterMs).toBeLessThanOrEqual(3_601_000);
  });

  test("keeps what was spent before it", async () => {
    expect(await ask("claude_code", "SCENARIO=max-turns")).toMatchObject({ usage: { costUsd: 0.25, tokens: { input: 123, output: 40 } } });
  });

  test("of an agent that hangs is its time limit, and its session is kept", async () => {
    const execution = await ask("claude_code", "SCENARIO=hang", {}, { deadlineAt: Date.now() + 1_500, graceMs: 200 });
    expect(execution).toMatchObject({ kind: "timed_out", usage: { session: "0b6f3a52-0000-4000-8000-000000000000" } });
  });

  test("of an agent that hangs on a cancel is a stop", async () => {
    const controller = new AbortController();
    const running = ask("codex", "SCENARIO=hang", {}, { signal: controller.signal, graceMs: 200 });
    controller.abort("cancel");
    expect(await running).toMatchObject({ kind: "stopped" });
  });
});

describe("data", () => {
  test("that fits is the output", async () => {
    for (const cli of CLIS) {
      const execution = await ask(cli, 'ANSWER={"verdict":"good","score":1}', {}, { schema: VERDICT });
      expect(outputOf(execution)).toEqual({ verdict: "good", score: 1 });
    }
    expect(callsIn(workspace)).toHaveLength(CLIS.length);
  });

  test("is told to the CLI that takes a schema, and to others in the prompt", async () => {
    for (const cli of CLIS) await ask(cli, 'ANSWER={"verdict":"good","score":1}', {}, { schema: VERDICT });
    const calls = callsIn(workspace);
    expect(calls.map(({ prompt }) => prompt.includes("JSON Schema"))).toEqual([false, false, true, true]);
    expect(calls[0]?.args).toContain(`--json-schema=${JSON.stringify(VERDICT)}`);
    expect(calls[1]?.args).toContain("--output-schema");
  });

  test.each(CLIS)("that does not fit is asked for once more of %s, and then it does", async (cli) => {
    const answers = 'ANSWER={"verdict":"meh"}||{"verdict":"bad","score":2}';
    const execution = await ask(cli, `Judge it.\n${answers}\nWRITE=x.txt`, {}, { schema: VERDICT });
    expect(outputOf(execution)).toEqual({ verdict: "bad", score: 2 });
    const calls = callsIn(workspace);
    expect(calls).toHaveLength(2);
    expect(calls[1]?.prompt).toContain("output.verdict");
    expect(calls[1]?.prompt).toContain("output.score");
    const isResumed = cli !== "aider";
    expect(calls[1]?.prompt.includes("Judge it.")).toBe(!isResumed);
  });

  test("that does not fit a second time is a failure, and there is no third", async () => {
    const execution = await ask("claude_code", 'ANSWER={"verdict":"meh"}', {}, { schema: VERDICT });
    expect(execution).toMatchObject({
      kind: "failed",
      failure: { class: "validation", code: "OUTPUT_SCHEMA", extra: { errors: [{ path: "output.score" }, { path: "output.verdict" }] } },
      usage: { costUsd: 0.5, tokens: { input: 246, output: 80 } },
    });
    expect(callsIn(workspace)).toHaveLength(2);
  });

  test("is corrected without touching anything again", async () => {
    await ask(
      "claude_code",
      'ANSWER=words||{"verdict":"bad","score":2}',
      { allow: literal(["read", "edit", "bash"]) },
      { schema: VERDICT },
    );
    const [first, second] = callsIn(workspace).map(({ args }) => args);
    expect(first).toContain("--allowedTools=Read,Glob,Grep,Edit,Write,NotebookEdit,Bash");
    expect(second).toContain("--allowedTools=Read,Glob,Grep");
    expect(second).toContain("--resume=0b6f3a52-0000-4000-8000-000000000000");
  });

  test("counts the tokens of a Codex thread once", async () => {
    const execution = await ask("codex", 'ANSWER=words||{"verdict":"bad","score":2}', {}, { schema: VERDICT });
    expect(execution).toMatchObject({ kind: "succeeded", usage: { tokens: { input: 200, output: 80 } } });
  });

  test("is not asked for again when nothing is left to pay with", async () => {
    const execution = await ask("claude_code", "ANSWER=words", { max_usd: literal(0.2) }, { schema: VERDICT });
    expect(failureOf(execution)).toMatchObject({ class: "budget", code: "AGENT_MAX_COST" });
    expect(callsIn(workspace)).toHaveLength(1);
  });
});

describe("what an agent is given (S-9, S-11, S-13)", () => {
  test("is the prompt on its standard input or in a file, whatever it holds", async () => {
    const hostile = "--dangerously-skip-permissions\n$(touch pwn) `touch pwn` '; touch pwn; \"\nANSWER=ok";
    for (const cli of CLIS) await ask(cli, "{{ input.text }}", {}, { input: { text: hostile } });
    for (const { prompt, args } of callsIn(workspace)) {
      expect(prompt).toBe(hostile);
      expect(args.join(" ")).not.toContain("pwn");
    }
  });

  test("never has an option that gives up a protection", async () => {
    for (const cli of CLIS) await ask(cli, "Go.", { allow: literal(["read", "edit", "network", "bash"]) });
    for (const { args } of callsIn(workspace)) expect(args.join(" ")).not.toMatch(/dangerous|yolo|bypass|full-access|skip-trust/i);
  });

  test("is what the step allows, as each of them can be told", async () => {
    for (const cli of CLIS)
      await ask(
        cli,
        "Go.",
        { allow: literal(["read", "bash(npm test)"]), model: text("{{ input.model }}") },
        { input: { model: "--model" } },
      );
    const [claude, codex, gemini, aider] = callsIn(workspace).map(({ args }) => args);
    expect(claude).toEqual([
      "-p",
      "--output-format=stream-json",
      "--verbose",
      "--permission-mode=dontAsk",
      "--allowedTools=Read,Glob,Grep,Bash(npm test)",
      "--disallowedTools=Edit,Write,NotebookEdit,WebFetch,WebSearch",
      "--setting-sources=user",
      "--strict-mcp-config",
      "--model=--model",
    ]);
    expect(codex).toEqual(
      expect.arrayContaining(["--sandbox=read-only", "--config=sandbox_workspace_write.network_access=false", "--model=--model"]),
    );
    expect(gemini).toEqual(
      expect.arrayContaining(["--approval-mode=default", "--allowed-tools=run_shell_command(npm test)", "--model=--model"]),
    );
    expect(aider).toEqual(expect.arrayContaining(["--chat-mode=ask", "--no-suggest-shell-commands", "--model=--model"]));
  });

  test("are limits on cost and turns, the smaller of the step's and the tool's", async () => {
    const declared = [
      standIn("claude_code", "claude_code", "claude.mjs", { limits: { concurrency: null, timeoutMs: null, maxUsd: 0.75 } }),
    ];
    await ask("claude_code", "Go.", { max_usd: literal(2), max_turns: literal(7) }, { with: { declared } });
    expect(callsIn(workspace)[0]?.args).toEqual(expect.arrayContaining(["--max-budget-usd=0.75", "--max-turns=7"]));
  });

  test("are the variables that its tool declares, and their values are seen nowhere (S-38)", async () => {
    const environment = {
      ANTHROPIC_API_KEY: "sk-ant-very-secret",
      OPENAI_API_KEY: "sk-other",
      ANTHROPIC_BASE_URL: "https://api.example.org",
    };
    const execution = await ask("claude_code", "SCENARIO=secret", {}, { with: { environment } });
    expect(outputOf(execution)).toMatchObject({ text: "The key is ***." });
    const names = callsIn(workspace)[0]?.env ?? [];
    expect(names).toContain("ANTHROPIC_API_KEY");
    expect(names).toContain("ANTHROPIC_BASE_URL");
    expect(names).not.toContain("OPENAI_API_KEY");
  });

  test("may hold a secret on the standard input only (S-38)", async () => {
    const secret = { input: { key: "s3cret-value" }, masks: ["s3cret-value"] };
    expect(outputOf(await ask("claude_code", "{{ input.key }}", {}, secret))).toMatchObject({ text: "Done." });
    await expect(ask("aider", "{{ input.key }}", {}, secret)).rejects.toMatchObject({ code: "AGENT_SECRET", class: "policy" });
    await expect(ask("codex", "Go.", { model: text("{{ input.key }}") }, secret)).rejects.toMatchObject({ code: "AGENT_SECRET" });
  });

  test("has no more options than those that may be added", async () => {
    const refused = (args: string[]) => ask("claude_code", "Go.", { args: literal(args) });
    await expect(refused(["--dangerously-skip-permissions"])).rejects.toMatchObject({ code: "AGENT_ARGS", class: "policy" });
    await expect(refused(["--permission-mode=plan"])).rejects.toMatchObject({ code: "AGENT_ARGS" });
    await expect(refused(["--eff", "high"])).rejects.toMatchObject({ code: "AGENT_ARGS" });
    await expect(refused(["positional"])).rejects.toMatchObject({ code: "AGENT_ARGS" });
    expect(outputOf(await refused(["--effort", "high"]))).toMatchObject({ text: "Done." });
  });

  test("cannot come from a value as an option or a lost protection", async () => {
    const own = (value: string) =>
      ask("custom", "Go.", { custom: map({ command: list(literal("true"), text("{{ input.v }}")) }) }, { input: { v: value } });
    await expect(own("--yolo")).rejects.toMatchObject({ code: "ARGUMENT_OPTION" });
    await expect(own("danger-full-access")).rejects.toMatchObject({ code: "AGENT_DANGEROUS", class: "policy" });
  });
});

describe("a tool", () => {
  const missing = standIn("absent", "claude_code", "claude.mjs", { command: ["/nonexistent/agent"] });

  test("that is missing hands on to the next", async () => {
    const declared = [missing, ...STAND_INS.filter(({ name }) => name === "codex")];
    expect(await ask(null, "ANSWER=By another.", {}, { with: { declared } })).toMatchObject({
      kind: "succeeded",
      output: { text: "By another.", tool: "codex" },
      usage: { tool: "codex" },
    });
  });

  test("that is missing alone is a permanent failure", async () => {
    expect(failureOf(await ask("absent", "Go.", {}, { with: { declared: [missing] } }))).toMatchObject({
      class: "permanent",
      code: "TOOL_MISSING",
    });
    expect(failureOf(await ask("nobody", "Go."))).toMatchObject({ class: "permanent", code: "TOOL_MISSING" });
  });
});

describe("a conversation that was cut off", () => {
  const next = async (cli: string, first: string, config: Record<string, Field> = {}): Promise<Execution> => {
    const fields = { agent: literal(cli), prompt: template(first), ...config };
    const step = makeStep("agent", fields);
    const type = agentStep(bench);
    const begun = makeContext(step, { workspace });
    expect((await type.execute(begun)).kind).not.toBe("succeeded");
    return type.execute(makeContext(step, { workspace, runId: begun.request.runId, attempt: 2 }));
  };

  test.each(["claude_code", "codex", "gemini"])("is taken up by the next attempt of %s", async (cli) => {
    expect(outputOf(await next(cli, "Build it.\nSCENARIO=truncated,ok\nANSWER=Finished."))).toMatchObject({ text: "Finished." });
    const [first, second] = callsIn(workspace);
    expect(second?.prompt).toMatch(/^You were interrupted/);
    expect(second?.prompt).toContain("Build it.");
    expect([...(second?.args ?? [])].join(" ")).toMatch(/resume[= ]0|resume[= ]9/);
    expect(first?.args.join(" ")).not.toContain("resume");
  });

  test("and is known no more begins anew within the attempt", async () => {
    for (const cli of ["claude_code", "codex", "gemini"]) {
      workspace = mkdtempSync(join(tmpdir(), "troupe-agent-"));
      expect(outputOf(await next(cli, "SCENARIO=truncated,session-missing,ok\nANSWER=Anew."))).toMatchObject({ text: "Anew." });
      expect(callsIn(workspace)).toHaveLength(3);
    }
  });

  test("stays so when the step wants it", async () => {
    await next("claude_code", "SCENARIO=truncated,ok", { resume: literal(false) });
    expect(callsIn(workspace)[1]?.args.join(" ")).not.toContain("resume");
  });

  test("that came to an end is not taken up", async () => {
    await next("claude_code", "SCENARIO=overload,ok");
    expect(callsIn(workspace)[1]?.args.join(" ")).not.toContain("resume");
  });
});

describe("files for the window (P6)", () => {
  const files = (...entries: JsonObject[]) => entries;
  const put = (path: string, content: string) => {
    mkdirSync(join(workspace, path, ".."), { recursive: true });
    writeFileSync(join(workspace, path), content);
  };

  test("go with the prompt, the important ones first, within the limit", async () => {
    put("src/a.ts", "export const a = 1;\n");
    put("src/b.ts", "export const b = 2;\n".repeat(200));
    put("docs/c.md", "# c\n");
    const context = literal({ files: files({ path: "docs/c.md", priority: 5 }, { glob: "src/*.ts", priority: 1 }), max_tokens: 300 });
    const reports: JsonObject[] = [];
    const output = outputOf(
      await ask("claude_code", "Look.\nANSWER=ok", { context }, { progress: (data) => reports.push(data) }),
    ) as JsonObject;
    expect(output.context).toMatchObject({
      limit: 300,
      encoding: "o200k_base",
      included: ["docs/c.md", "src/a.ts"],
      pruned: [{ path: "src/b.ts", why: expect.stringContaining("more important than priority 1") }],
    });
    expect((output.context as { tokens: number }).tokens).toBeLessThanOrEqual(300);
    expect(reports[0]?.message).toMatch(/^2 files, \d+ of 300 tokens; left out: src\/b\.ts$/);
    const prompt = callsIn(workspace)[0]?.prompt ?? "";
    expect(prompt).toContain('<file path="src/a.ts">\nexport const a = 1;\n</file>');
    expect(prompt).not.toContain("const b");
  });

  test("are named to Aider, which reads them itself", async () => {
    put("-x.ts", "x\n");
    await ask("aider", "Look.", { context: literal({ files: files({ path: "-x.ts" }) }) });
    await ask("aider", "Look.", { context: literal({ files: files({ path: "-x.ts" }) }), allow: literal(["read"]) });
    const [first, second] = callsIn(workspace);
    expect(first?.args).toContain("--file=-x.ts");
    expect(second?.args).toContain("--read=-x.ts");
    expect(first?.prompt).not.toContain("<file");
  });

  test("that have to be there and do not fit end the attempt", async () => {
    put("big.txt", "word ".repeat(1_000));
    const wish = (more: JsonObject) => ask("claude_code", "Look.", { context: literal({ max_tokens: 100, ...more }) });
    await expect(wish({ keep: ["big.txt"] })).rejects.toMatchObject({ code: "CONTEXT_TOO_LARGE", class: "permanent" });
    await expect(wish({ keep: ["gone.txt"] })).rejects.toMatchObject({ code: "CONTEXT_MISSING" });
    await expect(ask("claude_code", "word ".repeat(200), { context: literal({ max_tokens: 100 }) })).rejects.toMatchObject({
      code: "CONTEXT_TOO_LARGE",
    });
    expect(callsIn(workspace)).toEqual([]);
  });
});

test("a server that an agent leaves behind is gone soon after its answer (I-15, F-49)", async () => {
  expect(outputOf(await ask("claude_code", "SCENARIO=server"))).toMatchObject({ text: "Done." });
  await eventually(() => expect(living(RUN_MARK)).toEqual([]));
});

test("what was asked of whom is in the control directory's log", async () => {
  const execution = await ask("claude_code", "Go.");
  const directory = execution.kind === "succeeded" ? String(execution.usage?.logs?.directory) : "";
  expect(readFileSync(join(bench.directory, "attempts", directory, "stdout"), "utf8")).toContain('"type":"result"');
});
