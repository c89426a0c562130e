import { describe, expect, test } from "vitest";
import { failureOf } from "./failures.ts";

const NOW = 1_753_085_000_000;

describe("words of a CLI", () => {
  test.each([
    ['API Error: 429 {"type":"error","error":{"type":"rate_limit_error","message":"…"}}', "AGENT_RATE_LIMITED"],
    ["exceeded retry limit, last status: 429 Too Many Requests, request id: 9c84b52ce87fbe62-SJC", "AGENT_RATE_LIMITED"],
    ["You've hit your usage limit. Upgrade to Pro or try again in 3 days 2 hours.", "AGENT_RATE_LIMITED"],
    ["Claude AI usage limit reached|1753088400", "AGENT_RATE_LIMITED"],
    ['API Error (529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})', "AGENT_OVERLOADED"],
    ["API Error: Repeated 529 Overloaded errors", "AGENT_OVERLOADED"],
    ["503 UNAVAILABLE: The model is overloaded.", "AGENT_OVERLOADED"],
    ["Invalid API key · Please run /login", "AGENT_AUTH"],
    ["unexpected status 401 Unauthorized: Missing bearer authentication in header", "AGENT_AUTH"],
    ["OAuth token has expired", "AGENT_AUTH"],
    ["Credit balance is too low", "AGENT_CREDIT"],
    ["insufficient_quota: You exceeded your current quota", "AGENT_CREDIT"],
    ["Prompt is too long", "AGENT_CONTEXT_TOO_LONG"],
    ["Your input exceeds the context window of this model.", "AGENT_CONTEXT_TOO_LONG"],
    ["The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", "AGENT_CONTEXT_TOO_LONG"],
    ["The 'o3-mini' model is not supported when using Codex with a ChatGPT account.", "AGENT_MODEL_UNKNOWN"],
    ["model: claude-9 not_found_error", "AGENT_MODEL_UNKNOWN"],
    ["TypeError: fetch failed", "AGENT_NETWORK"],
    ["stream disconnected before completion", "AGENT_NETWORK"],
    ["Something nobody has seen before", "AGENT_FAILED"],
  ])("%j mean %s", (words, code) => {
    expect(failureOf(words, 1, NOW).code).toBe(code);
  });

  test.each([
    ["429 retry-after: 20", 20_000],
    ['429 {"retry_after": 2.5}', 2_500],
    ["rate limit, please try again in 1h 2m 3s", 3_723_000],
    ["rate limit, try again in 3 days 2 hours.", 266_400_000],
    ["rate limit, try again in 350ms", 350],
    ["Claude AI usage limit reached|1753088400", 3_400_000],
    ['{"type":"usage_limit_reached","resets_in_seconds":13872}', 13_872_000],
    ["429 Too Many Requests", undefined],
    ["429 retry-after: 99999999999", undefined],
  ])("%j ask to wait %s ms", (words, ms) => {
    expect(failureOf(words, 1, NOW).retryAfterMs).toBe(ms);
  });

  test("are kept to their end, which tells most", () => {
    expect(failureOf(`${"x".repeat(10_000)}the cause`, 1, NOW).detail).toMatch(/the cause$/);
    expect(failureOf(`${"x".repeat(10_000)}the cause`, 1, NOW).detail?.length).toBe(4_000);
  });

  test("of any length are read in no time to speak of", () => {
    const startedAt = performance.now();
    for (const piece of ["exceeds the ", "model ", "api key ", "try again in 1m ", "input tokens ", "a"])
      failureOf(piece.repeat(50_000), 1, NOW);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});
