/** The JSON of Jest and of Vitest, which is the same but for what they call tests that were left out. */
import type { TestCounts } from "../../ports/reports.ts";
import { listAt, membersOf, parseJson, textAt } from "./json-report.ts";
import { Tally } from "./tally.ts";
import { Unparsable } from "./unparsable.ts";

const LEFT_OUT = ["pending", "skipped", "todo", "disabled"];

/** @throws Unparsable */
export function parseJest(source: string): TestCounts {
  const tally = new Tally();
  for (const item of listAt(membersOf(parseJson(source)), "testResults")) readFile(item, tally);
  return tally.counts();
}

function readFile(item: unknown, tally: Tally): void {
  const result = membersOf(item);
  const file = textAt(result, "name") || null;
  let failed = 0;
  for (const assertion of listAt(result, "assertionResults")) {
    const test = membersOf(assertion);
    const status = textAt(test, "status");
    if (status === "passed") tally.passed();
    else if (LEFT_OUT.includes(status)) tally.skipped();
    else if (status === "failed") {
      failed += 1;
      const messages = Array.isArray(test.failureMessages) ? test.failureMessages : [];
      tally.failed({ name: textAt(test, "fullName") || textAt(test, "title"), file, message: messages.join("\n") });
    } else throw new Unparsable(`a test has the state \`${status}\`, which means nothing here`);
  }
  // A file that does not load, or whose hooks fail, has no test that could tell.
  if (textAt(result, "status") === "failed" && failed === 0)
    tally.error({ name: file ?? "a test file", file, message: textAt(result, "message") });
}
