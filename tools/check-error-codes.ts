/** Every code of the error catalogue is raised somewhere in the product: a code that nothing raises is a promise nobody keeps. */
import { globSync, readFileSync } from "node:fs";
import { catalogue } from "../src/core/catalogue.ts";

const files = globSync("{src,actors,grammar,observability}/**/*.ts", { exclude: ["**/*.generated.ts", "src/core/catalogue.ts"] });
const isTest = (file: string) => /\.(test|suite)\.ts$/.test(file);
const read = (paths: readonly string[]) => paths.map((file) => readFileSync(file, "utf8")).join("\n");
const product = read(files.filter((file) => !isTest(file)));
const tests = read([...files.filter(isTest), ...globSync("test/**/*.{ts,json,jsonl}")]);

const codes = Object.keys(catalogue);
const mentions = (text: string, code: string) => new RegExp(`["'\`]${code}["'\`]`).test(text);
const silent = codes.filter((code) => !mentions(product, code));
const untested = codes.filter((code) => !mentions(tests, code) && !silent.includes(code));
for (const code of silent) process.stdout.write(`${code} is raised nowhere\n`);
for (const code of untested) process.stdout.write(`${code} is named by no test (reported only)\n`);
process.stdout.write(`${codes.length} codes, ${silent.length} raised nowhere, ${untested.length} named by no test\n`);
process.exitCode = silent.length > 0 || codes.length === 0 ? 1 : 0;
