import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
const manifest: Record<"dependencies" | "optionalDependencies" | "devDependencies", Record<string, string>> = JSON.parse(
  read("package.json"),
);
const [, shipped = "", development = ""] = read("docs/dependencies.md").split(/^## /m);

/** Package, version and licence of each table row. */
function readRows(section: string): { name: string; version: string; licence: string }[] {
  return [...section.matchAll(/^\| ([@\w./-]+) \| (\d[\w.-]*) \|[^|]*\|[^|]*\| ([^|]+) \|/gm)].map(
    ([, name = "", version = "", licence = ""]) => ({
      name,
      version,
      licence: licence.trim(),
    }),
  );
}

test.each([
  ["Installed with Troupe", shipped, { ...manifest.dependencies, ...manifest.optionalDependencies }],
  ["For development", development, manifest.devDependencies],
])("%s: the document and package.json name the same packages and versions", (title, section, declared) => {
  expect(section.startsWith(title)).toBe(true);
  expect(Object.fromEntries(readRows(section).map(({ name, version }) => [name, version]))).toEqual(declared);
});

const PERMISSIVE = /^(MIT|MIT-0|ISC|Apache-2\.0|BSD-[23]-Clause)( OR (MIT|Apache-2\.0))?$/;
/** Its own files stay under it, and none of them is in the package that we publish. */
const FOR_DEVELOPMENT = /^MPL-2\.0$/;

test("the document states each package's licence as the package does, and what is shipped is permissive", () => {
  const rows = [...readRows(shipped), ...readRows(development)];
  const stated = rows.map(({ name, licence }) => [name, licence]);
  const real = rows.map(({ name }) => [name, JSON.parse(read(`node_modules/${name}/package.json`)).license]);
  expect(stated).toEqual(real);
  expect(readRows(shipped).filter(({ licence }) => !PERMISSIVE.test(licence))).toEqual([]);
  expect(readRows(development).filter(({ licence }) => !PERMISSIVE.test(licence) && !FOR_DEVELOPMENT.test(licence))).toEqual([]);
});
