// Adds up one file of orders by currency: `node read.mjs data/east.csv`.
import { readFileSync } from "node:fs";

const [header, ...lines] = readFileSync(process.argv[2], "utf8").trim().split("\n");
if (header !== "order,cents,currency") throw new Error(`${process.argv[2]} has other columns: ${header}`);
const sums = {};
for (const line of lines) {
  const [, cents, currency] = line.split(",");
  sums[currency] = (sums[currency] ?? 0) + Number(cents);
}
process.stdout.write(JSON.stringify({ rows: lines.length, sums }));
