/** Bodies as JSON that means one thing to everybody who reads it: UTF-8, each name once, no name that reaches a prototype (S-5, F-41). */
import type { FastifyInstance } from "fastify";
import { RequestError, toError } from "../core/errors.ts";

export function takeJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers(); // S-25: what a form could send is not taken.
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    try {
      const text = decode(body as Buffer); // As `parseAs` says.
      demandSingle(text);
      void parse(request, text, done);
    } catch (thrown) {
      done(toError(thrown));
    }
  });
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch (thrown) {
    throw notUtf8(toError(thrown));
  }
}

function notUtf8(cause: Error): RequestError {
  return new RequestError("API_REQUEST", { problem: "The body is not UTF-8." }, { cause });
}

function demandSingle(text: string): void {
  const twice = repeatedName(text);
  if (twice !== null) throw new RequestError("API_REQUEST", { problem: `The body names \`${twice.slice(0, 100)}\` twice in one map.` });
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gs;

/** A name that stands twice in one map; null for none. What is no JSON is found by whoever parses it. */
export function repeatedName(text: string): string | null {
  /** Names of each map that is open; null for a list. */
  const open: (Set<string> | null)[] = [];
  let mayBeName = false;
  for (const [token] of text.matchAll(TOKEN)) {
    const names = open.at(-1) ?? null;
    if (token.startsWith('"')) {
      if (!mayBeName || names === null) continue;
      const name = nameOf(token);
      if (names.has(name)) return name;
      names.add(name);
      mayBeName = false;
    } else if (token === "{" || token === "[") {
      open.push(token === "{" ? new Set() : null);
      mayBeName = token === "{";
    } else if (token === "}" || token === "]") {
      open.pop();
      mayBeName = false;
    } else mayBeName = token === ",";
  }
  return null;
}

/** Two spellings of one name are one name. */
function nameOf(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch {
    return token; // No JSON: whoever parses the whole says so.
  }
}
