#!/usr/bin/env node
// Adds missing annotations to the files that a prompt names, as far as they follow from the code: a small version of what an agent does.
// The prompt is the standard input; the answer is what was done.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { functionsOf } from "./functions.mjs";

const ARITHMETIC = /[*/%-]/;
const prompt = await text(process.stdin);
for (const path of new Set(prompt.match(/[\w./-]+\.ts\b/g))) process.stdout.write(`${path}: ${annotate(path)} annotation(s) added\n`);

function annotate(path) {
  let code = readFileSync(path, "utf8");
  let count = 0;
  const known = importsOf(path, code);
  for (const { name, params, returns, body } of functionsOf(code)) {
    const typed = params.map((param) => ({
      ...param,
      type: param.type ?? (param.value === null ? paramType(param.name, body, known) : null),
    }));
    const result = returns ?? resultType(body, known);
    count += typed.filter(({ type }, index) => type !== params[index].type).length + (result === returns ? 0 : 1);
    const before = `export function ${name}(${params.map(paramText).join(", ")})${returns === null ? "" : `: ${returns}`} {`;
    const after = `export function ${name}(${typed.map(paramText).join(", ")})${result === null ? "" : `: ${result}`} {`;
    code = code.replace(before, () => after);
  }
  writeFileSync(path, code);
  return count;
}

function paramText({ name, type, value }) {
  return `${name}${type === null ? "" : `: ${type}`}${value === null ? "" : ` = ${value}`}`;
}

/** Functions that a file imports, by name. */
function importsOf(path, code) {
  const imports = [...code.matchAll(/^import \{ (.+) \} from "(\..+)";$/gm)];
  const files = imports.map(([, , from]) => join(dirname(path), from)).filter((file) => existsSync(file));
  return new Map(files.flatMap((file) => functionsOf(readFileSync(file, "utf8")).map((each) => [each.name, each])));
}

/** From how a parameter is used; null where nothing tells. */
function paramType(name, body, known) {
  if (new RegExp(`\\b${name}\\.(trim|toUpperCase|padEnd|length)\\b`).test(body)) return "string";
  for (const [, callee, list] of body.matchAll(/\b(\w+)\((?=([^()]*))/g)) {
    const place = list.split(", ").indexOf(name);
    if (place !== -1 && known.has(callee)) return known.get(callee).params[place]?.type ?? null;
  }
  if (new RegExp(`\\b${name} (<=?|>=?|\\*|/|%|-) |(\\*|/|%|-|<=?|>=?) ${name}\\b`).test(body)) return "number";
  return new RegExp(`\\$\\{${name}\\}`).test(body) ? "string | number" : null;
}

/** From what is returned; null where nothing tells. */
function resultType(body, known) {
  const returned = /\breturn (.+);/.exec(body)?.[1];
  if (returned === undefined) return "void";
  const callee = /^(\w+)\(/.exec(returned)?.[1];
  if (callee !== undefined) return known.get(callee)?.returns ?? null;
  if (returned.startsWith("`") || returned.startsWith('"')) return "string";
  if (/ (<=?|>=?|===|!==|&&) /.test(returned)) return "boolean";
  return returned.startsWith("Math.") || ARITHMETIC.test(returned) ? "number" : null;
}
