import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { obeyedByGitHub } from "../../../test/support/github-runner.ts";
import type { Dialect } from "./dialect.ts";
import { createGitHubDialect } from "./github.ts";
import { createGitLabDialect } from "./gitlab.ts";
import { createPlainDialect } from "./plain.ts";

const HOSTILE = [
  "::error::planted",
  "  ::set-output name=a::b",
  "\t::add-mask::x",
  "##[error]planted",
  "text ##[add-path]/tmp",
  "##vso[task.setvariable variable=a]b",
  "##teamcity[buildStatus status='SUCCESS']",
  "\u001b[0Ksection_start:1:planted\r\u001b[0Kx",
  "a\r::error::behind a carriage return",
  "::stop-commands::mine",
  "::t1::",
  "::t2::\n::error::x",
  "%0A::error::x",
] as const;

const obeyed = (log: string): readonly string[] => obeyedByGitHub(log).map(({ name }) => name);

const gitHub = (): Dialect => {
  let count = 0;
  return createGitHubDialect(() => `secret${++count}`);
};

describe("text is never obeyed (S-12)", () => {
  test.each(HOSTILE)("GitHub: %j", (text) => {
    const dialect = gitHub();
    const log =
      dialect.text(`${text}\n`) +
      dialect.open("a", text, 0) +
      dialect.text(text) +
      dialect.close("a", 0) +
      dialect.remark({ severity: "error", title: text, message: text, place: { file: text, line: 1, column: 1 } }) +
      dialect.text(text) +
      dialect.end();
    expect(obeyed(log)).toEqual(["group", "endgroup", "error"]);
  });

  test("whatever the order of words and texts, the runner obeys our words alone, and all of them", () => {
    const part = fc.oneof(
      fc.record({ kind: fc.constant("text" as const), text: fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "binary" })) }),
      fc.record({ kind: fc.constantFrom("open" as const, "close" as const, "remark" as const), text: fc.constantFrom(...HOSTILE) }),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const dialect = gitHub();
        const said: string[] = [];
        let log = "";
        for (const { kind, text } of parts) {
          if (kind !== "text") said.push({ open: "group", close: "endgroup", remark: "warning" }[kind]);
          log +=
            kind === "text"
              ? dialect.text(text)
              : kind === "remark"
                ? dialect.remark({ severity: "warning", title: text, message: text, place: null })
                : kind === "open"
                  ? dialect.open(text, text, 0)
                  : dialect.close(text, 0);
        }
        expect(obeyed(log + dialect.end())).toEqual(said);
      }),
    );
  });

  test("the reader of this test is no fool: without its guard, text would be obeyed", () => {
    expect(obeyed("::error::x\ntext ##[group]y\n")).toEqual(["error", "group"]);
  });

  test.each(HOSTILE)("GitLab: %j opens and closes no section", (text) => {
    const dialect = createGitLabDialect();
    const log =
      dialect.text(text) +
      dialect.open("build[a/b]", text, 5_000) +
      dialect.text(text) +
      dialect.close("build[a/b]", 9_000) +
      dialect.remark({ severity: "error", title: text, message: text, place: null });
    expect([...log.matchAll(/section_(start|end):(\d+):([\w.-]+)(?:\[[^\]]*\])?\r/g)].map(([, ...parts]) => parts)).toEqual([
      ["start", "5", "troupe_1"],
      ["end", "9", "troupe_1"],
    ]);
  });

  test.each(HOSTILE)("plain: %j means nothing to any server", (text) => {
    const dialect = createPlainDialect();
    const log =
      dialect.text(text) + dialect.open("a", text, 0) + dialect.remark({ severity: "error", title: text, message: text, place: null });
    expect(log).not.toMatch(/^\s*::|##\w*\[|\r/m);
    expect(log).not.toContain("\u001b");
  });
});

test("a remark keeps its lines, its place and its signs", () => {
  const remark = {
    severity: "error",
    title: "a, b: 50 %",
    message: "one\ntwo: 50 %",
    place: { file: "a,b.yaml", line: 3, column: 5 },
  } as const;
  expect(gitHub().remark(remark)).toBe("::error file=a%2Cb.yaml,line=3,col=5,title=a%2C b%3A 50 %25::one%0Atwo: 50 %25\n");
  expect(createPlainDialect().remark(remark)).toBe("a,b.yaml:3:5 error a, b: 50 %: one two: 50 %\n");
});

test("no token is used twice", () => {
  const dialect = gitHub();
  const log = dialect.text("a") + dialect.close("a", 0) + dialect.text("b") + dialect.end();
  expect([...log.matchAll(/stop-commands::(.*)/g)].map(([, token]) => token)).toEqual(["secret1", "secret2"]);
});
