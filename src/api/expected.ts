/** What a change expects to find, from its conditional headers (RFC 9110 §13). */
import { RequestError } from "../core/errors.ts";
import type { Expected } from "./workflow-service.ts";

interface Conditions {
  readonly "if-match"?: string;
  readonly "if-none-match"?: string;
}

const TAGS = /^\s*(?:W\/)?"[^"]*"(?:\s*,\s*(?:W\/)?"[^"]*")*\s*$/;

/** @throws RequestError API_REQUEST for headers that cannot be met by any state, or are no tags */
export function expectedOf({ "if-match": match, "if-none-match": noneMatch }: Conditions): Expected {
  if (match !== undefined && noneMatch !== undefined)
    throw new RequestError("API_REQUEST", { problem: "headers: `If-Match` and `If-None-Match` exclude each other" });
  if (noneMatch !== undefined) {
    if (noneMatch.trim() === "*") return { kind: "none" };
    throw new RequestError("API_REQUEST", { problem: "headers/if-none-match: a change takes `*` alone" });
  }
  if (match === undefined) return { kind: "any" };
  if (match.trim() === "*") return { kind: "some" };
  if (!TAGS.test(match)) throw new RequestError("API_REQUEST", { problem: "headers/if-match: it is no list of tags in double quotes" });
  return { kind: "tags", tags: [...match.matchAll(/"([^"]*)"/g)].map(([, tag = ""]) => tag) };
}
