/** Any report about tests. */
import type { ReportFormat } from "../../plan/step-policies.ts";
import type { ParsedTests, ReadFormat, TestCounts, UnusableReport } from "../../ports/reports.ts";
import { decode } from "./decode.ts";
import { parseGo } from "./go.ts";
import { parseJest } from "./jest.ts";
import { parseJunit } from "./junit.ts";
import { parsePlaywright } from "./playwright.ts";
import { parseTap } from "./tap.ts";
import { Unparsable } from "./unparsable.ts";

const PARSERS: Readonly<Record<ReadFormat, (source: string) => TestCounts>> = {
  junit: parseJunit,
  tap: parseTap,
  vitest: parseJest,
  jest: parseJest,
  playwright: parsePlaywright,
  go: parseGo,
};

/** `exit` is read like `auto`: a report that is there tells more than an exit code. */
export function parseTests(bytes: Uint8Array, file: string, wanted: ReportFormat): ParsedTests {
  try {
    const source = decode(bytes);
    const format = wanted === "auto" || wanted === "exit" ? detectFormat(source) : wanted;
    return { ok: true, format, counts: PARSERS[format](source) };
  } catch (thrown) {
    return unusable(thrown, file);
  }
}

export function unusable(thrown: unknown, file: string): UnusableReport {
  const { message } = thrown instanceof Error ? thrown : new Error(String(thrown));
  const place = thrown instanceof Unparsable ? { line: thrown.line, column: thrown.column } : { line: null, column: null };
  return { ok: false, code: "GATE_UNPARSABLE", problem: message, file, ...place };
}

/** By the first characters that mean anything. @throws Unparsable */
function detectFormat(source: string): ReadFormat {
  const start = source.trimStart();
  if (start === "") throw new Unparsable("it is empty", { line: 1, column: 1 });
  if (start.startsWith("<")) return "junit";
  if (start.startsWith("{")) {
    const [first = ""] = start.split("\n", 1);
    if (/^\{.*"Action"\s*:/.test(first)) return "go";
    if (/"testResults"\s*:/.test(start)) return /"numTotalTests"\s*:/.test(start) && /"openHandles"\s*:/.test(start) ? "jest" : "vitest";
    return "playwright";
  }
  if (/^(TAP version \d+|1\.\.\d+)/m.test(source)) return "tap";
  throw new Unparsable("it is in no format that is known here", { line: 1, column: 1 });
}
