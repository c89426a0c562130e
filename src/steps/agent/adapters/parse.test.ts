import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TOOL_ADAPTERS } from "../../../plan/tool.ts";
import { findDangerous } from "../dangerous.ts";
import { isStrictSchema } from "./codex.ts";
import { adapterOf } from "./index.ts";

const EVENTS = [
  "result",
  "system",
  "assistant",
  "thread.started",
  "turn.completed",
  "turn.failed",
  "item.completed",
  "init",
  "message",
  "tool_use",
  "error",
];
const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom("success", "error", "agent_message", "assistant"));
const line = fc
  .record({
    type: fc.constantFrom(...EVENTS),
    item: value,
    usage: value,
    error: value,
    message: value,
    result: value,
    session_id: value,
    stats: value,
    role: value,
    content: value,
    subtype: value,
    permission_denials: value,
    parameters: value,
    status: value,
  })
  .map((event) => JSON.stringify(event));
const printed = fc
  .array(fc.oneof(line, fc.string(), fc.constantFrom("{", "null", "Tokens: 1.2k sent, 3 received.", "Applied edit to x")), {
    maxLength: 12,
  })
  .map((lines) => lines.join("\n"));

describe("every adapter", () => {
  test.each(TOOL_ADAPTERS)("%s makes an answer or a failure of whatever was printed", (name) => {
    fc.assert(
      fc.property(printed, fc.string(), fc.integer({ min: -1, max: 255 }), (stdout, stderr, exitCode) => {
        const answer = adapterOf(name).parse({ stdout, stderr, exitCode, isCut: false }, { custom: null });
        expect(typeof answer.text).toBe("string");
        if (exitCode !== 0) expect(answer.failure !== null || answer.isFinal).toBe(true);
        if (answer.costUsd !== null) expect(answer.costUsd).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

const permissions = fc.record({
  edit: fc.boolean(),
  network: fc.boolean(),
  bash: fc.oneof(fc.constant("any" as const), fc.array(fc.constantFrom("npm test", "npm run *"), { maxLength: 2 })),
});

test("no permission, limit or session makes any of them give up a protection (S-11)", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...TOOL_ADAPTERS),
      permissions,
      fc.boolean(),
      fc.option(fc.constant("abc")),
      fc.option(fc.constant({ type: "object" })),
      (name, allowed, loadsProject, session, schema) => {
        const limits = { maxUsd: 1, maxTurns: 2, model: "auto" };
        const request = {
          prompt: "--yolo",
          permissions: allowed,
          loadsProject,
          session,
          schema,
          files: ["--yolo"],
          args: [],
          custom: null,
          ...limits,
        };
        const { args } = adapterOf(name).toInvocation(request);
        expect(findDangerous(args.filter((arg) => !arg.endsWith("=--yolo")))).toBe(-1);
        expect(args.filter((arg) => arg === "--yolo")).toEqual([]);
      },
    ),
  );
});

test("a schema goes to Codex only when the service would take it", () => {
  const closed = { type: "object", properties: { a: { type: "string" } }, required: ["a"], additionalProperties: false };
  expect(isStrictSchema(closed)).toBe(true);
  expect(isStrictSchema({ type: "array", items: closed })).toBe(true);
  expect(isStrictSchema({ ...closed, required: [] })).toBe(false);
  expect(isStrictSchema({ ...closed, additionalProperties: true })).toBe(false);
  expect(isStrictSchema({ type: "array", items: { type: "object" } })).toBe(false);
});
