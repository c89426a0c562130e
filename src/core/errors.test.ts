import { describe, expect, test } from "vitest";
import { catalogue, type ErrorCode } from "./catalogue.ts";
import {
  DefinitionError,
  DefinitionErrors,
  FencedError,
  InvariantError,
  isTroupeError,
  RequestError,
  TransientError,
  toError,
} from "./errors.ts";

describe("the catalogue", () => {
  const codes = Object.entries(catalogue);

  test("every message is one sentence or a value, every code in capitals", () => {
    for (const [code, { message }] of codes) {
      expect(code).toMatch(/^[A-Z]+(_[A-Z0-9]+)*$/);
      expect(message, code).toMatch(/[.}?]$/);
    }
  });

  test("codes about definitions start with DEF or EXPR, our own bugs with INV", () => {
    for (const [code, { kind }] of codes) {
      expect(/^(DEF|EXPR)_/.test(code), code).toBe(kind === "definition");
      expect(code.startsWith("INV_"), code).toBe(kind === "invariant");
    }
  });
});

describe("an error", () => {
  test("fills its message and its advice with the values of the case", () => {
    const error = new RequestError("IDEMPOTENCY_MISMATCH", { key: "k", run: "run_1" });
    expect(error.message).toBe("The key `k` was used before to start run run_1 with another workflow or input.");
    expect(error.fix).toBe("Use a new key.");
    expect([error.name, error.kind, error.httpStatus, error.exitCode]).toEqual(["RequestError", "request", 409, 2]);
  });

  test("joins lists and leaves a gap visible whose value is unknown", () => {
    expect(new DefinitionError("DEF_CYCLE", { path: ["a", "b"] }).message).toBe("Steps depend on each other in a circle: a, b.");
    expect(new DefinitionError("DEF_CYCLE").message).toContain("{path}");
  });

  test("keeps cause and place, and advice given at the place wins", () => {
    const cause = new Error("disk");
    const place = { file: "w.yaml", line: 1, column: 2 };
    const error = new DefinitionError("DEF_CYCLE", { path: "a" }, { cause, place, fix: "Drop `a`." });
    expect(error.cause).toBe(cause);
    expect(error.toJSON()).toEqual({ code: "DEF_CYCLE", message: error.message, fix: "Drop `a`.", place, details: { path: "a" } });
  });

  test("crosses a process as JSON without stack or cause", () => {
    const error = new FencedError("EPOCH_LOST", { current: 2, epoch: 1 }, { cause: new Error("secret") });
    expect(JSON.stringify(error)).not.toMatch(/secret|stack/);
    expect(error.exitCode).toBe(6);
  });

  test("says when to come back, a second by default", () => {
    expect(new TransientError("STORE_BUSY").retryAfterMs).toBe(1_000);
    expect(new TransientError("STORE_BUSY", {}, { retryAfterMs: 50 }).retryAfterMs).toBe(50);
  });

  test("that is a bug of ours asks for a report", () => {
    const error = new InvariantError("INV_JOURNAL_GAP", { run: "r", seq: 3 });
    expect([error.exitCode, error.httpStatus]).toEqual([70, 500]);
    expect(error.fix).toContain("bug in Troupe");
  });
});

test("several findings travel as one error at the place of the first", () => {
  const place = { file: "w.yaml", line: 4, column: 1 };
  const first = new DefinitionError("DEF_CYCLE", { path: "a" }, { place });
  const all = new DefinitionErrors([first, new DefinitionError("DEF_CYCLE", { path: "b" })]);
  expect(all.place).toEqual(place);
  expect(all.errors).toHaveLength(2);
  expect(new DefinitionErrors([new DefinitionError("DEF_CYCLE")]).place).toBeUndefined();
});

test("our errors are recognised by code, so a copy of the class in another thread counts", () => {
  expect(isTroupeError(new RequestError("RUN_NOT_FOUND", { run: "r" }))).toBe(true);
  expect(isTroupeError(Object.assign(new Error("x"), { code: "RUN_NOT_FOUND" satisfies ErrorCode }))).toBe(true);
  const others = [
    Object.assign(new Error("x"), { code: "ENOENT" }),
    Object.assign(new Error("x"), { code: "toString" }),
    { code: "RUN_NOT_FOUND" },
    null,
  ];
  expect(others.some(isTroupeError)).toBe(false);
});

test("whatever was thrown becomes an Error", () => {
  const error = new Error("x");
  expect(toError(error)).toBe(error);
  expect(toError(new SuppressedError(new Error("closing failed, too"), error))).toBe(error);
  expect(toError("text").message).toBe("text");
  expect(toError(Symbol("s")).message).toBe("Thrown value: Symbol(s)");
  expect(toError(null).message).toBe("Thrown value: null");
});
