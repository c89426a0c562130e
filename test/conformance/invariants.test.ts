import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const text = readFileSync(new URL("docs/invariants.md", root), "utf8");
const rows = [...text.matchAll(/^\| ([FIS]-\d[^|]*) \| [^|]* \| (.+) \|$/gm)].map(([, id = "", proof = ""]) => ({ id, proof }));
const named = rows.flatMap(({ id, proof }) =>
  [...proof.matchAll(/`([^`]+)` "([^"]+)"/g)].map(([, file = "", title = ""]) => [id, file, title] as const),
);

test("every invariant has its row, in order", () => {
  expect(rows.map(({ id }) => id).filter((id) => id.startsWith("I-"))).toEqual(Array.from({ length: 45 }, (_, index) => `I-${index + 1}`));
});

test("every row names a test, or says that there is none", () => {
  const silent = rows.filter(({ id, proof }) => !named.some(([of]) => of === id) && !proof.startsWith("not in scope yet"));
  expect(silent).toEqual([]);
});

test.each(named)("%s is proven in %s by «%s»", (_, file, title) => {
  const path = new URL(file, root);
  expect(existsSync(path), `${file} is missing`).toBe(true);
  expect(readFileSync(path, "utf8").includes(title), `${file} has no test «${title}»`).toBe(true);
});
