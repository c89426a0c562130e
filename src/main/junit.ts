/** JUnit XML in the form that CI servers agree on: what all of them read, in the order of elements that the strictest of them wants. */

export interface JUnitCase {
  readonly className: string;
  readonly name: string;
  readonly durationMs: number;
  /** Null for one that passed. `error`: it could not be judged; `failure`: it was, and is wrong. */
  readonly problem: {
    readonly kind: "failure" | "error" | "skipped";
    readonly message: string;
    readonly type?: string;
    readonly text?: string;
  } | null;
  readonly stdout?: string;
  readonly stderr?: string;
}

export interface JUnitSuite {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly startedAt?: number;
  /** Of the suite as a whole, where its cases run side by side. @defaultValue their sum */
  readonly durationMs?: number;
  readonly cases: readonly JUnitCase[];
}

export function renderJUnit(suites: readonly JUnitSuite[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.map(suiteText).join("\n")}\n</testsuites>\n`;
}

function suiteText({ name, startedAt, durationMs, cases }: JUnitSuite): string {
  const count = (kind: string): number => cases.filter(({ problem }) => problem?.kind === kind).length;
  const sumMs = cases.reduce((sum, one) => sum + one.durationMs, 0);
  // Without a zone, as the schema has it: UTC.
  const timestamp = startedAt === undefined ? "" : ` timestamp="${new Date(startedAt).toISOString().slice(0, 19)}"`;
  return [
    `  <testsuite name="${escaped(name)}" tests="${cases.length}" failures="${count("failure")}" errors="${count("error")}" skipped="${count("skipped")}" time="${seconds(durationMs ?? sumMs)}"${timestamp}>`,
    ...cases.map(caseText),
    "  </testsuite>",
  ].join("\n");
}

function caseText({ className, name, durationMs, problem, stdout = "", stderr = "" }: JUnitCase): string {
  const open = `    <testcase classname="${escaped(className)}" name="${escaped(name)}" time="${seconds(durationMs)}"`;
  const inner = [
    ...(problem === null ? [] : [problemText(problem)]),
    ...(stdout === "" ? [] : [`      <system-out>${escaped(stdout)}</system-out>`]),
    ...(stderr === "" ? [] : [`      <system-err>${escaped(stderr)}</system-err>`]),
  ];
  return inner.length === 0 ? `${open}/>` : [`${open}>`, ...inner, "    </testcase>"].join("\n");
}

function problemText({ kind, message, type, text = "" }: NonNullable<JUnitCase["problem"]>): string {
  const head = `      <${kind} message="${escaped(message)}"${type === undefined ? "" : ` type="${escaped(type)}"`}`;
  return text === "" ? `${head}/>` : `${head}>${escaped(text)}</${kind}>`;
}

function seconds(ms: number): string {
  return (Math.max(0, ms) / 1_000).toFixed(3);
}

/** Characters that XML 1.0 cannot hold, not even as references; halves of a pair too. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in the text
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(FORBIDDEN, "\uFFFD")
    .replace(/[&<>"\r]/g, (mark) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;" })[mark] ?? mark);
}
