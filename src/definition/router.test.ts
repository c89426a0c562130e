import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { BUILTIN_TOOLS } from "../plan/builtin-tools.ts";
import { checkRouter, parseRouter } from "./router.ts";
import { publishedRouterSchema } from "./router-schema.ts";

const findingsOf = (text: string): readonly string[] =>
  checkRouter(text, "router.yaml").findings.map(({ line, column, message, fix }) => `${line}:${column} ${message} | ${fix}`);

describe("a router file", () => {
  test("declares tools in the order of preference, before those that are known anyway", () => {
    const { tools, prefer } = parseRouter(
      `prefer: cheapest
tools:
  - name: stub
    adapter: command
    command: [./bin/stub, --fast]
    capabilities: [code-edit]
    domains: [typescript, "docs/**"]
    limits: { concurrency: 2, timeout: 90, max_usd: 0.5 }
    env: [STUB_HOME]
    health: { args: [--ping], every: 1m }
    version: { args: [--version], pattern: "^stub" }
    breaker: { failures: 2, recovery: 30s }
  - name: codex
    cost: { usd_per_1k_tokens: 0.01 }
`,
      "router.yaml",
    );
    expect(prefer).toBe("cheapest");
    expect(tools.map(({ name }) => name)).toEqual(["stub", "codex", "claude_code", "gemini", "aider"]);
    expect(tools[0]).toEqual({
      name: "stub",
      adapter: "command",
      command: ["./bin/stub", "--fast"],
      capabilities: ["code-edit"],
      domains: ["typescript", "docs/**"],
      cost: { usdPerRun: 0, usdPer1kTokens: null },
      limits: { concurrency: 2, timeoutMs: 90_000, maxUsd: 0.5 },
      env: ["STUB_HOME"],
      health: { args: ["--ping"], timeoutMs: 5_000, everyMs: 60_000 },
      version: { args: ["--version"], pattern: "^stub" },
      breaker: { failures: 2, windowMs: 10_000, recoveryMs: 30_000 },
    });
    const codex = BUILTIN_TOOLS.find(({ name }) => name === "codex");
    expect(tools[1]).toEqual({ ...codex, cost: { usdPerRun: null, usdPer1kTokens: 0.01 } });
  });

  test("that is empty declares nothing, and `builtins: false` leaves nothing", () => {
    expect(parseRouter("# later\n", "router.yaml").tools).toEqual(BUILTIN_TOOLS);
    expect(parseRouter("builtins: false\n", "router.yaml").tools).toEqual([]);
  });

  test("is told everything that is wrong with it, with places and fixes", () => {
    expect(findingsOf("tools:\n  - name: stub\n    adaptor: command\n    cost: { usd_per_rum: 1 }\n")).toEqual([
      "3:5 `tools[0]` has no key `adaptor`. | Did you mean `adapter`?",
      "4:13 `tools[0].cost` has no key `usd_per_rum`. | Did you mean `usd_per_run`?",
    ]);
    expect(findingsOf("tools:\n  - name: stub\n  - { name: x, adapter: command }\n")).toEqual([
      "2:11 The tool `stub` does not say how it is spoken to. | Give it an `adapter`, such as `command`.",
      "3:13 The tool `x` has no command. | Give it `command: [program, argument, …]`.",
    ]);
    expect(findingsOf("tools:\n  - name: codex\n  - name: codex\n")).toEqual(["3:11 Two tools are called `codex`. | Rename one of them."]);
    expect(findingsOf("tools: [{ name: codex, health: { args: [], timeout: 0 } }]\n")).toEqual([
      "1:53 The duration 0 cannot be used. | Give one from `1ms` to `7d`.",
    ]);
    expect(findingsOf("tools: [{ name: codex, version: { args: [], pattern: '(' } }]\n")[0]).toMatch(/^1:\d+ The pattern cannot be used: /);
    expect(findingsOf("tools: [{ name: x, adapter: command, command: [''] }]\n")[0]).toMatch(/^1:\d+ The program has no name\./);
    expect(findingsOf("tool: []\n")).toEqual(["1:1 A router has no key `tool`. | Did you mean `tools`?"]);
    expect(findingsOf("- codex\n")[0]).toMatch(/^1:1 A router is a map of keys such as `tools`; the file holds a list\./);
    expect(findingsOf("tools: [\n")[0]).toMatch(/^\d:\d/);
    expect(() => parseRouter("tool: []\n", "router.yaml")).toThrow(expect.objectContaining({ code: "DEF_INVALID" }));
  });

  test("has a published schema that is the one it is checked with", () => {
    expect(publishedRouterSchema()).toEqual(JSON.parse(readFileSync("schema/router.v1.schema.json", "utf8")));
  });
});
