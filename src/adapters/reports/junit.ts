/** JUnit XML, in the dialects that its many writers speak: counted by its test cases, not by what the suites say of themselves. */
import type { TestCounts } from "../../ports/reports.ts";
import { Tally } from "./tally.ts";
import { Unparsable } from "./unparsable.ts";
import { type Element, walkXml } from "./xml.ts";

const ROOTS = ["testsuites", "testsuite"];
/** Kept of the text of one element while it is read. */
const TEXT_MAX = 4_000;

interface Case {
  readonly name: string;
  readonly file: string | null;
  verdict: "passed" | "failed" | "error" | "skipped";
  message: string;
}

/** @throws Unparsable */
export function parseJunit(source: string): TestCounts {
  const reader = new JunitReader();
  walkXml(source, reader);
  return reader.counts();
}

class JunitReader {
  readonly #tally = new Tally();
  /** What the suites claim, for writers that give sums and no cases. */
  #claimed = 0;
  #case: Case | null = null;
  /** Whether text belongs to a failure. */
  #isTold = false;
  /** A suite that failed as a whole. */
  #suiteProblem: Case | null = null;

  open(element: Element, path: readonly string[]): void {
    const { name } = element;
    if (path.length === 0 && !ROOTS.includes(name))
      throw new Unparsable(`its root is \`${name}\`, which is none of ${ROOTS.join(" and ")}`, { line: 1, column: 1 });
    if (name === "testsuite") this.#claimed += Number(element.attribute("tests") ?? 0) || 0;
    else if (name === "testcase") this.#case = caseOf(element);
    else if (path.at(-1) === "testcase") this.#judge(element);
    else if ((name === "failure" || name === "error") && path.at(-1) === "testsuite") {
      this.#suiteProblem = { name: "suite", file: null, verdict: "error", message: element.attribute("message") ?? "" };
      this.#isTold = true;
    }
  }

  #judge(element: Element): void {
    const test = this.#case;
    if (test === null) return;
    const message = element.attribute("message") ?? "";
    // A test that is skipped or still to be done may carry the failure that it has all the same.
    if (element.name === "skipped") test.verdict = "skipped";
    else if ((element.name === "failure" || element.name === "error") && test.verdict !== "skipped") {
      test.verdict = element.name === "error" ? "error" : "failed";
      if (test.message === "") test.message = message;
      this.#isTold = true;
    }
  }

  text(text: string): void {
    const told = this.#case ?? this.#suiteProblem;
    if (this.#isTold && told !== null && told.message.length < TEXT_MAX) told.message += `\n${text.slice(0, TEXT_MAX)}`;
  }

  close(name: string): void {
    if (name === "failure" || name === "error") {
      this.#isTold = false;
      if (this.#case === null && this.#suiteProblem !== null) this.#tally.error(this.#suiteProblem);
      this.#suiteProblem = null;
    }
    if (name !== "testcase" || this.#case === null) return;
    const { verdict } = this.#case;
    if (verdict === "passed") this.#tally.passed();
    else if (verdict === "skipped") this.#tally.skipped();
    else if (verdict === "failed") this.#tally.failed(this.#case);
    else this.#tally.error(this.#case);
    this.#case = null;
  }

  counts(): TestCounts {
    if (this.#tally.tests === 0 && this.#claimed > 0)
      throw new Unparsable(`its suites speak of ${this.#claimed} tests, but it holds none of them`);
    return this.#tally.counts();
  }
}

function caseOf(element: Element): Case {
  const className = element.attribute("classname");
  const name = element.attribute("name") ?? "unnamed";
  return {
    name: className === null || className === "" || className === "test" ? name : `${className} › ${name}`,
    file: element.attribute("file"),
    verdict: "passed",
    message: "",
  };
}
