import { describe, expect, test } from "vitest";
import type { RunView, StepView } from "../contract/run-view.ts";
import type { FailureClass } from "../core/failure.ts";
import { EXIT, exitCodeOf } from "./exit-code.ts";

function failed(classes: Readonly<Record<string, FailureClass>>): Pick<RunView, "state" | "error" | "steps"> {
  const steps = Object.entries(classes).map(
    ([id, name]) => ({ id, state: "failed", error: { class: name, code: "X", title: "" } }) as StepView, // What is asked of a step.
  );
  const [first] = steps;
  return { state: "failed", error: first?.error ? { step: first.id, failure: first.error } : null, steps };
}

/** Optional steps of a workflow, of which nothing else is asked. */
const optional = (...ids: string[]) => ({ steps: ids.map((id) => ({ id, optional: true })) }) as never;

describe("of several failures, none decides by coming first", () => {
  test.each([
    [{ a: "permanent", b: "timeout" }, EXIT.timedOut],
    [{ a: "timeout", b: "permanent" }, EXIT.timedOut],
    [{ a: "timeout", b: "budget" }, EXIT.budget],
    [{ a: "permanent", b: "transient" }, EXIT.runFailed],
  ] as const)("%j", (classes, code) => {
    expect(exitCodeOf(failed(classes))).toBe(code);
  });

  test("a step that the run does without decides nothing", () => {
    expect(exitCodeOf(failed({ a: "permanent", b: "timeout" }), optional("b"))).toBe(EXIT.runFailed);
  });
});

test("a run that took too long as a whole has no step to blame", () => {
  const failure = { class: "timeout", code: "RUN_TIMEOUT", title: "" } as const;
  expect(exitCodeOf({ state: "failed", error: { step: null, failure }, steps: [] })).toBe(EXIT.timedOut);
});
