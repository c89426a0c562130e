import { expect, test } from "vitest";
import { makeRequest, makeStep, text } from "../../test/support/attempts.ts";
import { scopeOf } from "../expression/scope.ts";
import { hideSecrets } from "./hide-secrets.ts";
import { scopeWithSecrets } from "./secret-scope.ts";

const MASKS = ["long-secret", 'a"b\nc', 'a\\"b\\nc', "12345"];

test("secrets are taken out of texts, names, lists and numbers, and all else stays (S-38)", () => {
  const value = { plain: "x", text: "<long-secret>", "long-secret": 1, list: ['a"b\nc', null, true, 7], number: 12345 };
  expect(hideSecrets(value, MASKS)).toEqual({ plain: "x", text: "<***>", "***": 1, list: ["***", null, true, 7], number: "***" });
});

test("a value without secrets is not copied", () => {
  const value = { plain: ["x"] };
  expect(hideSecrets(value, MASKS)).toBe(value);
  expect(hideSecrets(value, [])).toBe(value);
  expect(hideSecrets(undefined, MASKS)).toBeUndefined();
});

test("a secret is read by its name, also through the environment, and only there", () => {
  const step = { ...makeStep("shell", {}), env: { TOKEN: text("{{ secrets.T }}"), PLAIN: text("{{ input.x }}") } };
  const scope = scopeWithSecrets(scopeOf({ input: { x: 5 } }), makeRequest(step), { T: "long-secret" });
  expect(scope.value("secrets")).toEqual({ T: "long-secret" });
  expect(scope.value("env")).toMatchObject({ TOKEN: "long-secret", PLAIN: 5 });
  expect(scope.value("input")).toEqual({ x: 5 });
});
