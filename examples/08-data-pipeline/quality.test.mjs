import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const { regions, rows, total_eur, unknown } = JSON.parse(readFileSync("out/report.json", "utf8"));

test("there are orders of every region", () => {
  assert.deepEqual(
    regions.filter(({ rows }) => rows === 0),
    [],
  );
  assert.equal(
    regions.reduce((sum, region) => sum + region.rows, 0),
    rows,
  );
});
test("every currency has a rate", () => assert.deepEqual(unknown, []));
test("nobody is owed money", () => {
  assert.ok(total_eur > 0);
  assert.deepEqual(
    regions.filter(({ eur }) => eur < 0),
    [],
  );
});
