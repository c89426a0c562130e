import { describe, expect, test } from "vitest";
import { countsAgainstTarget, toFailure } from "./classify.ts";

describe("what is thrown is classified (D5)", () => {
  const table: [thrown: unknown, expected: string][] = [
    [new Error("anything"), "transient"],
    ["just text", "transient"],
    [{ code: "ECONNREFUSED" }, "transient"],
    [{ code: "ECONNRESET" }, "transient"],
    [{ code: "EAI_AGAIN" }, "transient"],
    [{ code: "40P01" }, "transient"],
    [{ code: "ER_LOCK_DEADLOCK" }, "transient"],
    [{ code: "ERR_SQLITE_ERROR", errcode: 5 }, "transient"],
    [{ code: "ERR_SQLITE_ERROR", errcode: 261 }, "transient"],
    [{ name: "TimeoutError", message: "late" }, "timeout"],
    [{ status: 500 }, "transient"],
    [{ status: 503 }, "transient"],
    [{ status: 429, retryAfterMs: 5 }, "transient"],
    [{ status: 408 }, "transient"],
    [{ statusCode: 401 }, "permanent"],
    [{ status: 403 }, "permanent"],
    [{ status: 404 }, "permanent"],
    [{ status: 409 }, "conflict"],
    [{ status: 422 }, "validation"],
    [{ code: "ENOENT" }, "permanent"],
    [{ code: "CERT_HAS_EXPIRED" }, "permanent"],
    [{ code: "EXPR_MISSING" }, "validation"],
    [{ name: "AssertionError" }, "validation"],
    [new TypeError("fetch failed", { cause: { code: "ENOTFOUND" } }), "permanent"],
    [new TypeError("fetch failed", { cause: new AggregateError([], "x", { cause: { code: "ECONNREFUSED" } }) }), "transient"],
    [{ status: 503, class: "permanent" }, "permanent"],
    [{ class: "no such class", status: 401 }, "permanent"],
  ];
  test.each(table)("%o is %s", (thrown, expected) => expect(toFailure(thrown).class).toBe(expected));
});

describe("a failure", () => {
  test("keeps what a program needs to react", () => {
    const failure = toFailure(
      Object.assign(new Error("slow down", { cause: new Error("quota") }), {
        status: 429,
        retryAfterMs: 250,
        hint: "wait",
        extra: { a: 1 },
      }),
    );
    expect(failure).toEqual({
      class: "transient",
      code: "HTTP_429",
      title: "slow down",
      detail: "slow down: quota",
      status: 429,
      retryAfterMs: 250,
      hint: "wait",
      extra: { a: 1 },
    });
  });

  test("is bounded, also when its causes form a circle or its text is huge", () => {
    const circle: { message: string; cause?: unknown } = { message: "x".repeat(10_000) };
    circle.cause = circle;
    expect(toFailure(circle).title.length).toBeLessThan(4_100);
    expect(toFailure({ extra: { big: 1n } })).not.toHaveProperty("extra");
  });

  test("counts against a service only when the service did not answer", () => {
    const counts = [
      { status: 500 },
      { status: 429 },
      { code: "ECONNRESET" },
      { name: "TimeoutError" },
      { status: 404 },
      new Error("mine"),
    ].map((thrown) => countsAgainstTarget(toFailure(thrown)));
    expect(counts).toEqual([true, true, true, true, false, false]);
  });
});
