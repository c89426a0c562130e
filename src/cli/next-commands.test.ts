import { expect, test } from "vitest";
import type { RunView, StepView } from "../contract/run-view.ts";
import type { CompiledStep } from "../plan/workflow.ts";
import { runCommands, stepCommands } from "./next-commands.ts";

const ID = "run_01a1fe69b0f47ba1a7fa5d4942eccca4";
const short = (commands: readonly { readonly command: string }[]): string[] =>
  commands.map(({ command }) => command.replace("run_01a1fe69b0f47ba1", "RUN").replace("troupe ", ""));

// Only what is asked of them.
const run = (parts: Partial<RunView>) => short(runCommands({ id: ID, detail: parts.state, error: null, steps: [], ...parts } as RunView));
const step = (parts: Partial<StepView>, type = "shell") =>
  short(stepCommands(ID, { id: "a", detail: parts.state, ...parts } as StepView, { type } as CompiledStep));

test("a run is told what helps it as it is", () => {
  const steps = ["a", "b"].map((id) => ({ id, state: "quarantined" }) as StepView);
  expect(run({ state: "succeeded" })).toEqual([]);
  expect(run({ state: "canceled" })).toEqual(["retry RUN"]);
  expect(run({ state: "running", detail: "running.paused" })).toEqual(["resume RUN"]);
  expect(run({ state: "quarantined", steps: steps.slice(1) })[0]).toBe("quarantine release RUN b");
  expect(run({ state: "quarantined", steps })[0]).toBe("quarantine release RUN <step>");
  expect(run({ state: "quarantined" })).toEqual(["verify RUN", "cancel RUN"]);
});

test("a step is told what helps it, and output only where there is any", () => {
  expect(step({ state: "failed" })).toEqual(["logs RUN a", "retry RUN", "fork RUN --from a"]);
  expect(step({ state: "failed" }, "assert")).toEqual(["retry RUN", "fork RUN --from a"]);
  expect(step({ state: "running", detail: "running.executing" })).toEqual(["logs RUN a --follow"]);
  expect(step({ state: "running", detail: "running.waiting" })).toEqual([]);
  expect(step({ state: "retrying" })).toEqual(["logs RUN a"]);
  expect(step({ state: "skipped" })).toEqual([]);
});

test("an item is named as a shell takes it, and forks begin at its step", () => {
  expect(step({ id: "a[x 1]", state: "failed" })).toEqual(["logs RUN 'a[x 1]'", "retry RUN", "fork RUN --from a"]);
  const failure = { class: "permanent", code: "EXIT_CODE", title: "Exit code 1." } as const;
  expect(run({ state: "failed", error: { step: "a[1]", failure } })).toEqual(["why RUN 'a[1]'", "retry RUN"]);
});
