import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { catalogue } from "../../src/core/catalogue.ts";

const documented = [...readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8").matchAll(/^### (\w+)$/gm)].map(
  (match) => match[1],
);

test("every error code of the catalogue is documented", () => {
  expect(Object.keys(catalogue).filter((code) => !documented.includes(code))).toEqual([]);
});

test("every documented error code is in the catalogue", () => {
  expect(documented.filter((code) => !Object.keys(catalogue).includes(code ?? ""))).toEqual([]);
});
