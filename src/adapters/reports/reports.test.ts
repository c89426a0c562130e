import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { ReportFormat } from "../../plan/step-policies.ts";
import type { ParsedTests } from "../../ports/reports.ts";
import { parseCoverage } from "./coverage.ts";
import { parseTests } from "./parse-tests.ts";
import { createReports } from "./reports.ts";

const fixture = (name: string): Buffer => readFileSync(new URL(`../../../test/fixtures/reports/${name}`, import.meta.url));
const parse = (text: string, format: ReportFormat = "auto"): ParsedTests => parseTests(Buffer.from(text), "report", format);

describe("a report that a tool wrote is counted as the tool counts it", () => {
  test.each([
    ["vitest.json", "vitest", [1, 1, 2, 1], ["sum carries", "/project/broken.test.ts"]],
    ["vitest-junit.xml", "junit", [1, 2, 2, 0], ["a.test.ts › sum > carries", "broken.test.ts › broken.test.ts"]],
    ["vitest.tap", "tap", [1, 2, 2, 0], ["carries", "broken.test.ts"]],
    ["vitest-flat.tap", "tap", [1, 2, 2, 0], ["a.test.ts > sum > carries", "broken.test.ts"]],
    ["jest.json", "jest", [1, 1, 2, 1], ["sum carries", "/project/jest/broken.test.js"]],
    ["playwright.json", "playwright", [3, 1, 2, 0], ["a.spec.js › carries"]],
    ["playwright-junit.xml", "junit", [3, 1, 2, 0], ["a.spec.js › carries"]],
    ["node.tap", "tap", [2, 1, 2, 0], ["inner fails # not a directive"]],
    ["node-junit.xml", "junit", [2, 1, 2, 0], ["group › inner fails # not a directive"]],
    ["pytest.xml", "junit", [1, 1, 2, 1], ["test_a › test_bad", "test_a › test_error"]],
    ["go.jsonl", "go", [2, 2, 1, 1], ["a › TestBad", "a › TestTable/two", "a/b"]],
  ] as const)("%s", (name, format, [passed, failed, skipped, errors], failing) => {
    const report = parseTests(fixture(name), name, "auto");
    expect(report).toMatchObject({ ok: true, format, counts: { passed, failed, skipped, errors } });
    if (!report.ok) return;
    expect(report.counts.failures.map(({ name: test }) => test)).toEqual(failing);
    for (const { message } of report.counts.failures) expect(message).not.toBe("");
    expect(parseTests(fixture(name), name, format)).toEqual(report);
  });
});

describe("a report that says nothing certain is refused with its place", () => {
  test.each<[string, string | Uint8Array, ReportFormat, string, number | null]>([
    ["nothing", "", "auto", "it is empty", 1],
    ["something else", "all good\n", "auto", "no format", 1],
    ["entities that grow", '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<testsuite>&b;</testsuite>', "auto", "document type", 1],
    ["an entity of a file", '<!DOCTYPE testsuite SYSTEM "file:///etc/passwd">\n<testsuite/>', "junit", "document type", 1],
    ["an entity that nobody declared", "<testsuite>\n&lol;</testsuite>", "junit", "entity", 2],
    ["a cut end", '<testsuite>\n<testcase name="a"/>\n', "junit", "unclosed tag", 3],
    ["elements without end", "<testsuite>".repeat(200), "junit", "deeper than 100", 1],
    ["another document", "<html></html>", "junit", "its root is `html`", 1],
    ["sums without cases", '<testsuite tests="5"/>', "junit", "holds none of them", null],
    ["bytes that are no UTF-8", Buffer.from("<testsuite>\n\xff\xfe</testsuite>", "latin1"), "junit", "not in UTF-8", 2],
    ["an encoding that is none", '<?xml version="1.0" encoding="klingon"?><testsuite/>', "junit", "no known encoding", 1],
    ["half of a JSON", '{"testResults": [{"assertionResults": [', "vitest", "no JSON", 1],
    ["JSON of another kind", '{"a": 1}', "jest", "`testResults` is no list", null],
    [
      "a state that means nothing",
      '{"testResults":[{"status":"passed","assertionResults":[{"status":"maybe"}]}]}',
      "jest",
      "`maybe`",
      null,
    ],
    ["a line that is no event", '{"Action":"start","Package":"a"}\npanic: x\n', "go", "no event", 2],
    [
      "a package that never ends",
      '{"Action":"start","Package":"a"}\n{"Action":"pass","Package":"a","Test":"T"}\n',
      "go",
      "before package `a`",
      3,
    ],
    ["a plan that is too long", "TAP version 13\n1..3\nok 1\nok 2\n", "tap", "its plan says 3", 5],
    ["no plan", "TAP version 13\nok 1\n", "tap", "no plan", 3],
    ["a diagnostic without end", "1..1\nnot ok 1 - a\n  ---\n  message: x\n", "tap", "inside a diagnostic", 5],
  ])("%s", (_, source, format, problem, line) => {
    const report = parseTests(Buffer.from(source), "report.x", format);
    expect(report).toMatchObject({ ok: false, code: "GATE_UNPARSABLE", file: "report.x", line });
    expect(report.ok ? "" : report.problem).toContain(problem);
  });

  test("whatever it is, reading it ends with an answer", () => {
    const formats: readonly ReportFormat[] = ["auto", "junit", "tap", "vitest", "playwright", "go"];
    const pieces = [
      "<testsuite>",
      "<testcase name='a'>",
      "</testcase>",
      "ok 1",
      "not ok",
      "1..2",
      "    ",
      "{",
      "}",
      '{"Action":"',
      "\n",
      "&",
      "---",
      "\u0000",
    ];
    const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 30 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, fc.constantFrom(...formats), (source, format) => {
        expect(parse(source, format)).toHaveProperty("ok");
      }),
    );
  });

  test("cut anywhere, no report that failed seems to have passed", () => {
    for (const name of ["vitest.json", "pytest.xml", "node.tap", "vitest.tap", "playwright.json"]) {
      const whole = fixture(name);
      for (let end = 0; end < whole.length - 2; end += 7) {
        const report = parseTests(whole.subarray(0, end), name, "auto");
        if (report.ok) expect(report.counts.failed + report.counts.errors, `${name} cut at ${end}`).toBeGreaterThan(0);
      }
    }
  });
});

describe("what is odd but clear is read", () => {
  test("a byte order mark and UTF-16, as a Windows shell writes them", () => {
    const tap = "TAP version 13\n1..1\nok 1 - a\n";
    expect(parse(`\uFEFF${tap}`)).toMatchObject({ ok: true, counts: { passed: 1 } });
    expect(parseTests(Buffer.from(`\uFEFF${tap}`, "utf16le"), "report", "auto")).toMatchObject({ ok: true, counts: { passed: 1 } });
  });

  test("an encoding that the document names", () => {
    const source = Buffer.from(
      '<?xml version="1.0" encoding="ISO-8859-1"?><testsuite><testcase name="é"><failure/></testcase></testsuite>',
      "latin1",
    );
    expect(parseTests(source, "report", "auto")).toMatchObject({ ok: true, counts: { failures: [{ name: "é" }] } });
  });

  test("lines of other programs around TAP", () => {
    expect(parse("> npm test\n\nTAP version 14\nok 1 - a\nhello\nok 2 - b # SKIP not here\n1..2\n")).toMatchObject({
      counts: { passed: 1, skipped: 1 },
    });
  });

  test("a TAP that gives up is an error, whatever its plan", () => {
    expect(parse("1..9\nok 1\nBail out! no database\nok 2\n")).toMatchObject({
      counts: { passed: 1, errors: 1, failures: [{ message: "no database" }] },
    });
  });

  test("a plan of nothing holds nothing", () => {
    expect(parse("TAP version 13\n1..0 # SKIP not on this machine\n")).toMatchObject({ ok: true, counts: { passed: 0, skipped: 0 } });
  });

  test("a suite whose setup failed is an error", () => {
    const source = '<testsuites><testsuite name="s"><error message="no database"/><testcase name="a"/></testsuite></testsuites>';
    expect(parse(source)).toMatchObject({ counts: { passed: 1, errors: 1 } });
  });

  test("what failed is kept within bounds and without control bytes", () => {
    const cases = Array.from(
      { length: 100 },
      (_, index) => `<testcase name="${"n".repeat(500)}${index}"><failure>\u001b&#155;31m${"m".repeat(9_000)}</failure></testcase>`,
    );
    const report = parse(`<testsuite>${cases.join("").replaceAll("\u001b", "")}</testsuite>`);
    expect(report).toMatchObject({ ok: true, counts: { failed: 100 } });
    if (!report.ok) return;
    expect(report.counts.failures).toHaveLength(20);
    for (const { name, message } of report.counts.failures) {
      expect(name.length).toBeLessThan(310);
      expect(message.length).toBeLessThan(1_010);
      expect(message).not.toMatch(/(?![\n\t])\p{Cc}/u);
    }
  });
});

describe("coverage", () => {
  test.each(["coverage-summary.json", "cobertura.xml", "lcov.info"])("%s tells the same lines", (name) => {
    expect(parseCoverage(fixture(name).toString())).toEqual({ covered: 4, total: 5 });
  });

  test.each([
    ["no lines", "TN:\nSF:a\nend_of_record\n", "no lines"],
    ["an end inside a record", "SF:a\nDA:1,1\n", "inside a record"],
    ["other text", "hello\n", "neither LCOV"],
    ["a sum that is no number", '{"total":{"lines":{"covered":"Unknown","total":0}}}', "no number"],
    ["more covered than there are", '{"total":{"lines":{"covered":9,"total":5}}}', "9 covered lines among 5"],
    ["declarations", '<!DOCTYPE coverage [<!ENTITY a "b">]><coverage/>', "document type"],
  ])("of %s is refused", (_, source, problem) => {
    expect(() => parseCoverage(source)).toThrow(problem);
  });
});

describe("files", () => {
  const root = mkdtempSync(join(tmpdir(), "troupe-reports-"));
  afterAll(() => rmSync(root, { recursive: true }));
  const reports = createReports();
  const order = (pattern: string, notBefore: number | null = null) => ({ root, pattern, notBefore });
  const good = "TAP version 13\n1..1\nok 1 - a\n";
  mkdirSync(join(root, "out/a"), { recursive: true });
  mkdirSync(join(root, "out/b"), { recursive: true });
  writeFileSync(join(root, "out/a/x.tap"), good);
  writeFileSync(join(root, "out/b/x.tap"), "TAP version 13\n1..2\nok 1 - a\nnot ok 2 - b\n");

  test("add up", async () => {
    expect(await reports.tests(order("out/*/*.tap"), "auto")).toMatchObject({
      ok: true,
      counts: { passed: 2, failed: 1 },
      files: ["out/a/x.tap", "out/b/x.tap"],
    });
  });

  test("of an earlier time are stale, and one of them is enough", async () => {
    utimesSync(join(root, "out/a/x.tap"), 1_000, 1_000);
    expect(await reports.tests(order("out/**/*.tap", Date.now() - 5_000), "tap")).toMatchObject({
      ok: false,
      code: "GATE_STALE",
      file: "out/a/x.tap",
    });
    expect(await reports.tests(order("out/b/*.tap", Date.now() - 60_000), "tap")).toMatchObject({ ok: true });
  });

  test("that are not there, or not below the workspace, are missing", async () => {
    for (const pattern of ["nothing.xml", "../*.xml", "/etc/passwd", "out/*"])
      expect(await reports.tests(order(pattern), "auto"), pattern).toMatchObject({ ok: false, code: "GATE_MISSING" });
  });

  test("behind a link that leads out are not read (S-15)", async () => {
    symlinkSync("/etc/hostname", join(root, "link.tap"));
    expect(await reports.tests(order("link.tap"), "tap")).toMatchObject({ ok: false, problem: "a link leads out of the workspace" });
  });
});
