// Removes the tests that are of no use: `node scripts/sift.mjs FUNCTIONS PROVED NOTICED`, three lists as JSON.
import { rmSync } from "node:fs";

const [functions, proved, noticed] = process.argv.slice(2).map((list) => JSON.parse(list));
const failed = (list) => new Set(list.filter(({ status }) => status !== "succeeded").map(({ key }) => key));
const [wrong, blind] = [failed(proved), failed(noticed)];
const dropped = [];
for (const { name, file, test } of functions) {
  const why = wrong.has(name)
    ? `it fails: \`${name}\` of ${file} is not as documented`
    : blind.has(name)
      ? "it passes whatever the function does"
      : null;
  if (why === null) continue;
  rmSync(test, { force: true });
  dropped.push({ test, why });
}
process.stdout.write(JSON.stringify({ dropped, kept: functions.length - dropped.length }));
