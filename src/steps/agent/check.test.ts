import { describe, expect, test } from "vitest";
import { list, literal, makeStep, map, template, text } from "../../../test/support/attempts.ts";
import type { Field } from "../../plan/field.ts";
import type { CompiledStep } from "../../plan/workflow.ts";
import { checkAgent } from "./check.ts";

const PROMPT = { prompt: template("Do it.") };

function found(config: Record<string, Field>, differs: Partial<CompiledStep> = {}): readonly string[] {
  return checkAgent(makeStep("agent", config, differs))
    .filter(({ severity }) => severity === "error")
    .map(({ code, field }) => `${code} ${field}`);
}

function warned(config: Record<string, Field>): readonly string[] {
  return checkAgent(makeStep("agent", { ...PROMPT, ...config }))
    .filter(({ severity }) => severity === "warning")
    .map(({ message }) => message);
}

describe("an agent step", () => {
  test("says who does it, once", () => {
    const tool = { name: null, needs: ["code-edit"], prefer: null };
    expect(found({ ...PROMPT, agent: literal("claude_code") })).toEqual([]);
    expect(found(PROMPT, { tool })).toEqual([]);
    expect(found(PROMPT)).toEqual(["AGENT_TOOL agent"]);
    expect(found({ ...PROMPT, agent: literal("codex") }, { tool })).toEqual(["AGENT_TOOL tool"]);
  });

  test("says what to do", () => {
    expect(found({ agent: literal("codex") })).toEqual(["AGENT_PROMPT prompt"]);
  });

  test("allows what there is to allow", () => {
    const allow = (...entries: string[]) => found({ ...PROMPT, agent: literal("codex"), allow: literal(entries) });
    expect(allow("read", "edit", "network", "bash", "bash(npm run test:*)")).toEqual([]);
    expect(allow("read", "everything")).toEqual(["AGENT_ALLOW allow[1]"]);
    expect(allow("bash(a),Bash(*)")).toEqual(["AGENT_ALLOW allow[0]"]);
    expect(allow("bash()")).toEqual(["AGENT_ALLOW allow[0]"]);
  });

  test("adds no option that gives up a protection, nor one that is not admitted (S-11)", () => {
    const args = (...values: string[]) => found({ ...PROMPT, agent: literal("claude_code"), args: literal(values) });
    expect(args("--effort=high")).toEqual([]);
    expect(args("--dangerously-skip-permissions")).toEqual(["AGENT_DANGEROUS args[0]"]);
    expect(args("--effort", "high", "--permission-mode", "bypassPermissions")).toEqual(["AGENT_DANGEROUS args[3]"]);
    expect(args("--settings=evil.json")).toEqual(["AGENT_ARGS args[0]"]);
  });

  test("hears in time what its agent cannot be held to", () => {
    expect(warned({ agent: literal("claude_code"), max_usd: literal(1), max_turns: literal(3) })).toEqual([]);
    expect(warned({ agent: literal("codex") })).toEqual([]);
    expect(warned({ agent: literal("codex"), max_usd: literal(1), max_turns: literal(3), allow: literal(["edit"]) })).toHaveLength(3);
    expect(warned({ agent: literal("aider"), allow: literal(["bash", "network"]), project_config: literal(false) })).toHaveLength(3);
    expect(warned({ agent: literal("gemini"), allow: literal(["edit", "bash(npm test)"]) })).toHaveLength(2);
    expect(
      warned({ agent: literal("custom"), custom: literal({ command: ["x"] }), allow: literal([]), model: text("{{ input.m }}") }),
    ).toHaveLength(2);
    expect(warned({ agent: literal("ours"), max_usd: literal(1) })).toEqual([]);
  });

  test("names either path or glob of a file", () => {
    const context = (file: Record<string, string>) => found({ ...PROMPT, agent: literal("codex"), context: literal({ files: [file] }) });
    expect(context({ path: "a" })).toEqual([]);
    expect(context({ glob: "a" })).toEqual([]);
    expect(context({})).toEqual(["AGENT_CONTEXT context.files[0]"]);
    expect(context({ path: "a", glob: "b" })).toEqual(["AGENT_CONTEXT context.files[0]"]);
  });
});

describe("a command of one's own", () => {
  const own = (custom: Field, agent = "custom") => found({ ...PROMPT, agent: literal(agent), custom });

  test("belongs to the agent `custom`, and is needed by it", () => {
    expect(found({ ...PROMPT, agent: literal("custom") })).toEqual(["AGENT_CUSTOM custom"]);
    expect(own(literal({ command: ["x"] }))).toEqual([]);
    expect(own(literal({ command: ["x"] }), "codex")).toEqual(["AGENT_CUSTOM custom.command"]);
  });

  test("is a program that is named, without an option that gives up a protection", () => {
    expect(own(map({ command: list(text("{{ input.program }}")) }))).toEqual(["AGENT_PROGRAM custom.command[0]"]);
    expect(own(map({ command: list(literal("x"), text("--about={{ input.a }}"), literal("--yolo")) }))).toEqual([
      "AGENT_DANGEROUS custom.command[2]",
    ]);
    expect(own(map({ command: list(literal("x"), text("--dangerously-{{ input.a }}")) }))).toEqual(["AGENT_DANGEROUS custom.command[1]"]);
  });

  test("prints JSON of which the place of the answer is known", () => {
    const spoken = (more: Record<string, unknown>) => own(literal({ command: ["x"], ...more } as never));
    expect(spoken({ format: "json", map: { text: "a.b.0" } })).toEqual([]);
    expect(spoken({ format: "json" })).toEqual(["AGENT_CUSTOM custom"]);
    expect(spoken({ map: { text: "a" } })).toEqual(["AGENT_CUSTOM custom.map"]);
    expect(spoken({ format: "jsonl", map: { text: "a..b", session: "a.__proto__" } })).toEqual([
      "AGENT_CUSTOM custom.map.text",
      "AGENT_CUSTOM custom.map.session",
    ]);
  });
});
