/** Values in texts for people. */
import type { Json } from "../../core/json.ts";
import type { Look } from "./look.ts";
import { cutTo, toHarmless } from "./text.ts";

/** A value on one line, cut to a width. */
export function shortValue(value: Json, columns: number): string {
  return cutTo(toHarmless(typeof value === "string" ? JSON.stringify(value) : JSON.stringify(value)), columns);
}

/** A value over as many lines as it needs: on one when it fits, indented JSON otherwise. */
export function valueLines(value: Json, look: Look, indent: string): string[] {
  const flat = JSON.stringify(value);
  const lines = flat.length + indent.length <= look.textColumns ? [flat] : JSON.stringify(value, null, 2).split("\n");
  return lines.map((line) => indent + toHarmless(line));
}

/** Local time of day, with the date where it is not today. */
export function timeText(at: number, now: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = (when: Date): string => `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return day(date) === day(new Date(now)) ? clock : `${day(date)} ${clock}`;
}
