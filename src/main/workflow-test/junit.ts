/** Test results as JUnit XML. */
import { type JUnitCase, renderJUnit } from "../junit.ts";
import type { FileResult } from "./run-tests.ts";

export function toJUnit(results: readonly FileResult[]): string {
  return renderJUnit(
    results.map(({ file, workflow, cases }) => ({
      name: file,
      cases: cases.map(({ name, problems, durationMs }): JUnitCase => {
        const [message] = problems;
        const problem = message === undefined ? null : { kind: "failure" as const, message, text: problems.join("\n") };
        return { className: workflow, name, durationMs, problem };
      }),
    })),
  );
}
