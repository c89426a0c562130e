/** Test results as JUnit XML, in the form that CI servers agree on. */
import type { FileResult } from "./run-tests.ts";

export function toJUnit(results: readonly FileResult[]): string {
  const suites = results.map(({ file, workflow, cases }) => {
    const failures = cases.filter(({ problems }) => problems.length > 0).length;
    const seconds = cases.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1_000;
    const lines = cases.map(({ name, problems, durationMs }) => {
      const open = `    <testcase classname="${escaped(workflow)}" name="${escaped(name)}" time="${(durationMs / 1_000).toFixed(3)}"`;
      if (problems.length === 0) return `${open}/>`;
      return `${open}>\n      <failure message="${escaped(problems[0] ?? "")}">${escaped(problems.join("\n"))}</failure>\n    </testcase>`;
    });
    return [
      `  <testsuite name="${escaped(file)}" tests="${cases.length}" failures="${failures}" errors="0" skipped="0" time="${seconds.toFixed(3)}">`,
      ...lines,
      "  </testsuite>",
    ].join("\n");
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join("\n")}\n</testsuites>\n`;
}

/** Characters that XML 1.0 cannot hold, not even as references. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in the text
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;

function escaped(text: string): string {
  return text
    .replace(FORBIDDEN, "\uFFFD")
    .replace(/[&<>"]/g, (mark) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[mark] ?? mark);
}
