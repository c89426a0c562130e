/** JSON of a report, looked at member by member: nobody promises that it is what its name says. */
import { placeAt, Unparsable } from "./unparsable.ts";

export type Members = Readonly<Record<string, unknown>>;

/** @throws Unparsable with the place that the engine names */
export function parseJson(source: string): unknown {
  try {
    return JSON.parse(source) as unknown;
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const offset = /at position (\d+)/.exec(message)?.[1];
    const { line, column } = placeAt(source, offset === undefined ? source.length : Number(offset));
    throw new Unparsable(`it is no JSON: ${message.replace(/ in JSON at position.*$/, "")}`, { line, column, cause: thrown });
  }
}

export function membersOf(value: unknown): Members {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : {}; // An object, whatever it holds.
}

/** @throws Unparsable when it is no list */
export function listAt(members: Members, name: string): readonly unknown[] {
  const value = members[name];
  if (!Array.isArray(value)) throw new Unparsable(`its \`${name}\` is no list`);
  return value;
}

export function textAt(members: Members, name: string): string {
  const value = members[name];
  return typeof value === "string" ? value : "";
}
