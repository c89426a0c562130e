import { expect, test } from "vitest";
import type { Finding } from "../../definition/finding.ts";
import { LINT_RULES } from "../../definition/lint/rules.ts";
import { toSarif } from "./sarif.ts";

const finding: Finding = {
  code: "LINT_NO_TIMEOUT",
  severity: "note",
  message: "Nothing limits how long `a` may take.",
  path: "steps[0].id",
  file: "./flows/my build.troupe.yaml",
  line: 3,
  column: 11,
  length: 1,
  fix: "Set `timeout`.",
};
const log = toSarif(
  [
    finding,
    { ...finding, code: "DEF_UNKNOWN_TYPE", severity: "error", file: "/w/x.yaml", fix: null, path: "" },
    { ...finding, code: "SHELL_RAW", severity: "warning" },
  ],
  "1.2.3",
  LINT_RULES,
);
const [run] = log.runs;

test("every member that SARIF 2.1.0 requires is there", () => {
  expect(log).toMatchObject({ $schema: expect.stringMatching(/^https:/), version: "2.1.0" });
  expect(run.tool.driver).toMatchObject({ name: "troupe", version: "1.2.3" });
  for (const { ruleId, ruleIndex, level, message, locations } of run.results) {
    expect(run.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
    expect(["none", "note", "warning", "error"]).toContain(level);
    expect(message.text).not.toBe("");
    expect(locations).toHaveLength(1);
  }
  for (const { id, defaultConfiguration, shortDescription } of run.tool.driver.rules) {
    expect(id).toMatch(/^[A-Z_]+$/);
    expect(["note", "warning", "error"]).toContain(defaultConfiguration.level);
    expect(shortDescription?.text ?? "x").not.toMatch(/[{]\w+[}]/);
  }
});

test("a result tells its place, its path in the document and its fix in words", () => {
  expect(run.results[0]).toEqual({
    ruleId: "LINT_NO_TIMEOUT",
    ruleIndex: 1,
    level: "note",
    message: { text: "Nothing limits how long `a` may take. Set `timeout`." },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: "flows/my%20build.troupe.yaml" },
          region: { startLine: 3, startColumn: 11, endColumn: 12 },
        },
        logicalLocations: [{ fullyQualifiedName: "steps[0].id" }],
      },
    ],
    properties: { fix: "Set `timeout`." },
  });
  expect(run.results[1]?.locations[0]).toMatchObject({ physicalLocation: { artifactLocation: { uri: "file:///w/x.yaml" } } });
});

test("rules are described by what the validator and the catalogue say about them", () => {
  expect(run.tool.driver.rules.map(({ id, properties }) => `${id} ${properties.tags.join()}`)).toEqual([
    "DEF_UNKNOWN_TYPE definition",
    "LINT_NO_TIMEOUT practice",
    "SHELL_RAW definition",
  ]);
  expect(run.tool.driver.rules[0]?.shortDescription?.text).toBe("There is no step type `<type>`.");
});

test("nothing found is a log without results", () => {
  expect(toSarif([], "1", LINT_RULES).runs[0]).toMatchObject({ results: [], tool: { driver: { rules: [] } } });
});
