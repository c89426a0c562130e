/** What a command answered: the file named by `TROUPE_OUTPUT`, or its standard output as plain data (S-12). Pure. */
import { isPrototypeKey, type Json } from "../../core/json.ts";

export type Parsed = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problem: string };

/** Deeper values than any program needs, and shallow enough for every walk over them (F-29). */
const DEPTH_MAX = 100;
const KEY = /^([A-Za-z_][A-Za-z0-9_.-]*)=(.*)$/;

/** JSON, or `key=value` lines whose values are texts. An empty file is no output. */
export function parseOutputFile(text: string): Parsed {
  const trimmed = text.trim();
  if (trimmed === "") return { ok: true, value: null };
  const json = parseJson(trimmed);
  if (json.ok || /^[[{"]/.test(trimmed)) return json;
  const map: Record<string, Json> = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const [, key, value] = KEY.exec(line) ?? [];
    if (key === undefined || value === undefined) return { ok: false, problem: `Line ${index + 1} is neither JSON nor \`key=value\`.` };
    if (isPrototypeKey(key)) return { ok: false, problem: `Line ${index + 1}: the key \`${key}\` is not allowed.` };
    map[key] = value;
  }
  return { ok: true, value: map };
}

/** As a shell's `$( … )`: without the newlines at the end. */
export function parseStdout(text: string, mode: "text" | "json" | "lines"): Parsed {
  const body = text.replace(/[\r\n]+$/, "");
  switch (mode) {
    case "text":
      return { ok: true, value: body };
    case "lines":
      return { ok: true, value: body === "" ? [] : body.split(/\r?\n/) };
    case "json":
      return body.trim() === "" ? { ok: false, problem: "It printed nothing." } : parseJson(body);
  }
}

function parseJson(text: string): Parsed {
  let value: Json;
  try {
    value = JSON.parse(text) as Json; // JSON.parse makes nothing but JSON
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : "It is no JSON." };
  }
  const problem = problemOf(value, 0);
  return problem === null ? { ok: true, value } : { ok: false, problem };
}

function problemOf(value: Json, depth: number): string | null {
  // From a text such as 1e999; the journal could not hold it.
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) return "A number in it is too large.";
  if (typeof value !== "object" || value === null) return null;
  if (depth >= DEPTH_MAX) return `It is nested deeper than ${DEPTH_MAX} levels.`;
  for (const key of Object.keys(value)) {
    if (!Array.isArray(value) && isPrototypeKey(key)) return `The key \`${key}\` is not allowed.`;
    const problem = problemOf((value as { readonly [name: string]: Json })[key] as Json, depth + 1); // the key comes from the value
    if (problem !== null) return problem;
  }
  return null;
}
