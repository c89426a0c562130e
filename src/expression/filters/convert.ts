/** Filters between values and their texts. */
import { formatDuration, parseDurationMs } from "../../core/duration.ts";
import { aType, toJsonText, withoutPrototypes } from "../values.ts";
import type { Filter } from "./filter.ts";
import { sha256Hex } from "./sha256.ts";

const INDENT_MAX = 10;

export const json: Filter = (target, [indent], call) => {
  const width = call.wholeArgument(indent, "indent", 0);
  if (width < 0 || width > INDENT_MAX) return call.fail(`indents by 0 to ${INDENT_MAX} blanks, not ${width}.`, "EXPR_ARGUMENT");
  return toJsonText(target, call.frame, call.at, width);
};

export const fromjson: Filter = (target, _, call) => {
  if (typeof target !== "string") return call.fail(`reads a text, not ${aType(target)}.`);
  call.spend(target.length);
  let value: unknown;
  try {
    value = JSON.parse(target);
  } catch {
    return call.fail("was given a text that is no JSON.", "EXPR_ARGUMENT");
  }
  // JSON.parse returns JSON
  return withoutPrototypes(value as Parameters<typeof withoutPrototypes>[0], call.frame, call.at);
};

export const sha256: Filter = (target, _, call) => {
  const text = call.text(target);
  call.spend(text.length);
  return sha256Hex(text);
};

/** Reads a text, and writes a number for people. */
export const duration: Filter = (target, _, call) => {
  if (typeof target === "number") {
    return target >= 0 ? formatDuration(target) : call.fail(`shows milliseconds from 0 on, not ${target}.`, "EXPR_ARGUMENT");
  }
  if (typeof target !== "string") return call.fail(`works on a text or a number of milliseconds, not on ${aType(target)}.`);
  return (
    parseDurationMs(target) ??
    call.fail("was given a text that is no duration.", "EXPR_ARGUMENT", "Durations look like `30s`, `1h30m` or `7d`.")
  );
};
