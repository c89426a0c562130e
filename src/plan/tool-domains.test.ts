import { expect, test } from "vitest";
import { isInDomains } from "./tool-domains.ts";

test.each([
  [["typescript"], ["src/a.ts", "b.tsx"], true],
  [["typescript"], ["src/a.ts", "b.py"], false],
  [["typescript", "python"], ["src/a.ts", "b.py"], true],
  [["docs/**"], ["docs/a/b.md"], true],
  [["docs"], ["docs/a/b.md"], true],
  [["docs/**"], ["src/docs.md"], false],
  [["src/*/index.?s"], ["src/api/index.ts"], true],
  [["src/*/index.?s"], ["src/index.ts"], false],
  [["**/*.test.*"], ["a/b/x.test.ts"], true],
  [["**/a*b*c"], ["x/aXbYbc"], true],
  [["**/a*b*c"], ["x/aXbYcd"], false],
  [["src/[ab].ts"], ["src/z.ts"], true],
  [["typescript"], ["src/**"], true],
  [["typescript"], ["src/**/*.ts"], true],
  [["typescript"], ["src/**/*.py"], false],
  [["docs/**"], ["src/**"], false],
  [[], ["anything"], true],
  [["python"], [], true],
])("%j is for %j: %s", (domains, paths, expected) => {
  expect(isInDomains(domains, paths)).toBe(expected);
});

test("a tool may be meant for paths that nobody knows", () => {
  expect(isInDomains(["python"], null)).toBe(true);
});
