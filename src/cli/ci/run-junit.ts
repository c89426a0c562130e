/** A run as a JUnit report: a suite for the run, a case for each step and each item. */
import type { RunView, StepView } from "../../contract/run-view.ts";
import { stepNameOf } from "../../core/item-id.ts";
import type { JUnitCase, JUnitSuite } from "../../main/junit.ts";

/** What an attempt printed, for a report that others may keep for years. */
export type PrintedOf = (step: string) => { readonly stdout: string; readonly stderr: string };

export function toRunSuite(view: RunView, printed: PrintedOf): JUnitSuite {
  return {
    name: view.workflow,
    ...(view.startedAt !== null && { startedAt: view.startedAt }),
    ...(view.durationMs !== null && { durationMs: view.durationMs }),
    cases: [...view.steps.map((step) => toCase(view, step, printed)), ...ownCase(view)],
  };
}

function toCase(view: RunView, step: StepView, printed: PrintedOf): JUnitCase {
  const { id, itemKey, workMs, durationMs, cached } = step;
  const problem = problemOf(step);
  const base = {
    className: itemKey === null ? view.workflow : `${view.workflow}.${stepNameOf(id)}`,
    name: itemKey ?? id,
    durationMs: cached || problem?.kind === "skipped" ? 0 : (workMs ?? durationMs ?? 0),
    problem,
  };
  return problem === null || problem.kind === "skipped" ? base : { ...base, ...printed(id) };
}

function problemOf({ state, error, skippedBecause, quarantinedBecause, detail }: StepView): JUnitCase["problem"] {
  switch (state) {
    case "succeeded":
      return null;
    case "failed": {
      const { title = "It failed.", code = "FAILED", detail: more, hint } = error ?? {};
      return { kind: "failure", message: title, type: code, text: [title, more, hint].filter((part) => part !== undefined).join("\n") };
    }
    case "quarantined":
      return { kind: "error", message: quarantinedBecause ?? "A person has to decide.", type: "QUARANTINED" };
    case "skipped":
      return { kind: "skipped", message: skippedBecause ?? "It was not needed." };
    case "canceled":
      return { kind: "skipped", message: "It was canceled." };
    default:
      return { kind: "skipped", message: `It has not ended: ${detail}.` };
  }
}

/** What is wrong with the run itself, such as its time limit, is no step's failure, and must not look like a success. */
function ownCase({ workflow, error, durationMs }: RunView): readonly JUnitCase[] {
  if (error === null || error.step !== null) return [];
  const { title, code, detail = title } = error.failure;
  return [
    {
      className: workflow,
      name: "(run)",
      durationMs: durationMs ?? 0,
      problem: { kind: "error", message: title, type: code, text: detail },
    },
  ];
}
