// The files below a folder that are CommonJS modules: `node scripts/inventory.mjs src/text`.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const paths = globSync(join(process.argv[2], "**/*.js")).sort();
const files = paths.filter((path) => /\brequire\(|\bmodule\.exports\b/.test(readFileSync(path, "utf8")));
process.stdout.write(JSON.stringify({ files, count: files.length }));
