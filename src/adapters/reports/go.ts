/** The lines of `go test -json`. A test with subtests is told by them; one that began and never ended, or a package that did, is an error. */
import type { TestCounts } from "../../ports/reports.ts";
import { type Members, membersOf, textAt } from "./json-report.ts";
import { Tally } from "./tally.ts";
import { Unparsable } from "./unparsable.ts";

const OUTPUT_MAX = 2_000;
const ENDS = ["pass", "fail", "skip"];

interface GoTest {
  readonly package: string;
  readonly name: string;
  end: string | null;
  output: string;
  hasSubtests: boolean;
  failedBelow: boolean;
}

/** @throws Unparsable */
export function parseGo(source: string): TestCounts {
  const reader = new GoReader();
  const lines = source.split("\n");
  for (const [index, line] of lines.entries()) if (line.trim() !== "") reader.read(eventOf(line, index + 1));
  return reader.counts(lines.length);
}

function eventOf(line: string, number: number): Members {
  try {
    const event = membersOf(JSON.parse(line));
    if (textAt(event, "Action") !== "") return event;
  } catch {
    // Told below, with the line.
  }
  throw new Unparsable("this line is no event of `go test -json`", { line: number, column: 1 });
}

class GoReader {
  readonly #tests = new Map<string, GoTest>();
  /** By package: how it ended, and what it said outside of tests. */
  readonly #packages = new Map<string, { end: string | null; output: string }>();
  readonly #builds = new Map<string, string>();

  read(event: Members): void {
    const action = textAt(event, "Action");
    const output = textAt(event, "Output");
    if (action === "build-output") {
      const path = textAt(event, "ImportPath");
      this.#builds.set(path, ((this.#builds.get(path) ?? "") + output).slice(0, OUTPUT_MAX));
      return;
    }
    const name = textAt(event, "Test");
    const at = textAt(event, "Package");
    if (at === "") return;
    const told = name === "" ? this.#package(at) : this.#test(at, name);
    if (action === "output" && told.output.length < OUTPUT_MAX) told.output += output;
    if (ENDS.includes(action)) told.end = action;
    const build = this.#builds.get(textAt(event, "FailedBuild"));
    if (build !== undefined) told.output = build;
  }

  #package(name: string): { end: string | null; output: string } {
    const known = this.#packages.get(name) ?? { end: null, output: "" };
    this.#packages.set(name, known);
    return known;
  }

  #test(at: string, name: string): GoTest {
    const key = `${at}\n${name}`;
    const known = this.#tests.get(key) ?? { package: at, name, end: null, output: "", hasSubtests: false, failedBelow: false };
    this.#tests.set(key, known);
    return known;
  }

  counts(lines: number): TestCounts {
    for (const [name, { end }] of this.#packages) {
      if (end === null) throw new Unparsable(`it ends before package \`${name}\` does`, { line: lines, column: 1 });
    }
    this.#relate();
    const tally = new Tally();
    const failing = new Set<string>();
    for (const test of this.#tests.values()) {
      if (test.end === "fail") failing.add(test.package);
      count(test, tally);
    }
    for (const [name, { end, output }] of this.#packages) {
      if (end === "fail" && !failing.has(name)) tally.error({ name, file: null, message: output });
    }
    return tally.counts();
  }

  #relate(): void {
    for (const test of this.#tests.values()) {
      for (let at = test.name.lastIndexOf("/"); at > 0; at = test.name.lastIndexOf("/", at - 1)) {
        const parent = this.#tests.get(`${test.package}\n${test.name.slice(0, at)}`);
        if (parent === undefined) continue;
        parent.hasSubtests = true;
        parent.failedBelow ||= test.end === "fail" || test.end === null;
      }
    }
  }
}

function count(test: GoTest, tally: Tally): void {
  if (test.hasSubtests && (test.end !== "fail" || test.failedBelow)) return;
  const failed = { name: `${test.package} › ${test.name}`, file: null, message: test.output };
  if (test.end === "pass") tally.passed();
  else if (test.end === "skip") tally.skipped();
  else if (test.end === "fail") tally.failed(failed);
  else tally.error({ ...failed, message: `It began and did not end.\n${test.output}` });
}
