/** Playwright's JSON. A test that fails first and passes when it is repeated has passed. */
import type { TestCounts } from "../../ports/reports.ts";
import { listAt, type Members, membersOf, parseJson, textAt } from "./json-report.ts";
import { Tally } from "./tally.ts";
import { Unparsable } from "./unparsable.ts";

const DEPTH_MAX = 100;

/** @throws Unparsable */
export function parsePlaywright(source: string): TestCounts {
  const report = membersOf(parseJson(source));
  const tally = new Tally();
  for (const suite of listAt(report, "suites")) readSuite(membersOf(suite), [], tally);
  const errors = Array.isArray(report.errors) ? report.errors : [];
  for (const error of errors) tally.error({ name: "outside of any test", file: null, message: textAt(membersOf(error), "message") });
  return tally.counts();
}

function readSuite(suite: Members, above: readonly string[], tally: Tally): void {
  if (above.length > DEPTH_MAX) throw new Unparsable(`its suites are nested deeper than ${DEPTH_MAX}`);
  const titles = [...above, textAt(suite, "title")];
  for (const spec of listAt(suite, "specs")) readSpec(membersOf(spec), titles, tally);
  const suites = Array.isArray(suite.suites) ? suite.suites : [];
  for (const inner of suites) readSuite(membersOf(inner), titles, tally);
}

function readSpec(spec: Members, titles: readonly string[], tally: Tally): void {
  for (const item of listAt(spec, "tests")) {
    const test = membersOf(item);
    const status = textAt(test, "status");
    if (status === "expected" || status === "flaky") tally.passed();
    else if (status === "skipped") tally.skipped();
    else if (status === "unexpected") {
      const name = [...titles, textAt(spec, "title")].filter((title) => title !== "").join(" › ");
      tally.failed({ name, file: textAt(spec, "file") || null, message: messageOf(test) });
    } else throw new Unparsable(`a test has the state \`${status}\`, which means nothing here`);
  }
}

function messageOf(test: Members): string {
  const results = Array.isArray(test.results) ? test.results.map(membersOf) : [];
  return results.map((result) => textAt(membersOf(result.error), "message")).find((message) => message !== "") ?? "";
}
