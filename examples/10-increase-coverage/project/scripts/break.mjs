// Makes a function do nothing: `node scripts/break.mjs src/text.mjs plural`. A test that passes all the same tests nothing.
import { readFileSync, writeFileSync } from "node:fs";

const [file, name] = process.argv.slice(2);
const code = readFileSync(file, "utf8");
writeFileSync(
  file,
  code.replace(new RegExp(`(export function ${name}\\(.*\\) \\{\\n)[\\s\\S]*?^\\}`, "m"), (_, head) => `${head}}`),
);
