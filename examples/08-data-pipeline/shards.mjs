// Each CSV file of a folder with its digest, as JSON: `node shards.mjs data`.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const folder = process.argv[2];
const files = readdirSync(folder)
  .filter((file) => file.endsWith(".csv"))
  .sort();
const shards = files.map((file) => ({
  name: basename(file, ".csv"),
  sha256: createHash("sha256")
    .update(readFileSync(join(folder, file)))
    .digest("hex"),
}));
process.stdout.write(JSON.stringify(shards));
