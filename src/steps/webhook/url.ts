/** The URL of a request. Values may fill it, but never lead it elsewhere: the author alone says where its parts begin and end. */
import type { Json } from "../../core/json.ts";
import type { Field } from "../../plan/field.ts";
import type { AttemptContext } from "../../ports/attempt.ts";
import { refuse } from "./refuse.ts";

export const URL_START = /^https?:\/\/[^/?#\s]/i;
/** A text that has got past its host: all that follows is path, query or fragment. */
const PAST_HOST = /^https?:\/\/[^/?#]+[/?#]/i;
/** What may stand where the host does. */
const HOST_PART = /^[\p{L}\p{N}._:[\]-]*$/u;
const DOT_SEGMENT = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i;

/** Whether a value decides which host is called. */
export function hasOpenHost(url: Field): boolean {
  if (url.kind !== "text") return false;
  let before = "";
  for (const part of url.text.parts) {
    if (PAST_HOST.test(before)) return false;
    if (part.kind !== "chars") return true;
    before += part.text;
  }
  return false;
}

/** @throws a failure for values that would change more than their own place */
export function urlOf(context: AttemptContext, field: Field | undefined): URL {
  const text = field?.kind === "text" ? filled(context, field) : field === undefined ? "" : context.evaluate(field);
  const url = typeof text === "string" && URL_START.test(text) ? URL.parse(text) : null;
  if (url === null)
    return refuse("URL_INVALID", "The URL does not begin with https:// or http:// and a host.", "Look at the values in it.");
  url.hash = "";
  return url;
}

function filled(context: AttemptContext, field: Field & { kind: "text" }): string {
  let url = "";
  for (const part of field.text.parts) {
    if (part.kind === "chars") {
      url += part.text;
      continue;
    }
    const value = textOf(context.evaluate({ ...field, text: { kind: "text", parts: [part] } }));
    if (PAST_HOST.test(url)) url += encodeURIComponent(value.toWellFormed());
    else if (url === "" || HOST_PART.test(value)) url += value;
    else
      return refuse(
        "URL_VALUE",
        "A value that stands in the host of the URL holds more than a host.",
        "Give it as a whole URL, or check it.",
      );
  }
  if (field.text.parts.length > 1 && DOT_SEGMENT.test(/^[^?#]*/.exec(url.replace(/^https?:\/\/[^/?#]*/i, ""))?.[0] ?? ""))
    return refuse("URL_VALUE", "A value makes the path of the URL lead upwards.", "Values may not be `.` or `..`.");
  return url;
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
}
