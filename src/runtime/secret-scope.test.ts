import { expect, test } from "vitest";
import { makeRequest, makeStep, text } from "../../test/support/attempts.ts";
import { scopeOf } from "../expression/scope.ts";
import { scopeWithSecrets } from "./secret-scope.ts";

test("a secret is read by its name, also through the environment, and only there", () => {
  const step = { ...makeStep("shell", {}), env: { TOKEN: text("{{ secrets.T }}"), PLAIN: text("{{ input.x }}") } };
  const scope = scopeWithSecrets(scopeOf({ input: { x: 5 } }), makeRequest(step), { T: "long-secret" });
  expect(scope.value("secrets")).toEqual({ T: "long-secret" });
  expect(scope.value("env")).toMatchObject({ TOKEN: "long-secret", PLAIN: 5 });
  expect(scope.value("input")).toEqual({ x: 5 });
});
