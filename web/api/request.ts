/** Requests to the API of the server that this page came from. The cookie says who asks; a header that no foreign page can set says that it is us. */
import { ProblemError, toProblem, unreachable } from "./problem.ts";

export const API = "/api/v1";

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | null | undefined>>;

export interface RequestOptions {
  readonly query?: Query;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a request needs of the session, which itself needs requests. */
interface Credentials {
  csrf: string | null;
  /** Called when the server says that nobody is signed in. */
  lost: () => void;
}
export const credentials: Credentials = { csrf: null, lost: () => {} };

interface Kept {
  readonly etag: string;
  readonly value: unknown;
}
/** Answers by address. Asked again with their tag, so that what did not change is neither sent nor parsed again. */
const kept = new Map<string, Kept>();
const KEPT_MAX = 100;

export function addressOf(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of value === null || value === undefined || value === "" ? [] : [value].flat()) parameters.append(name, String(one));
  }
  return `${API}${path}${parameters.size === 0 ? "" : `?${parameters}`}`;
}

/** @throws ProblemError; AbortError when the signal ends it */
export async function get<T>(path: string, { query, signal }: Pick<RequestOptions, "query" | "signal"> = {}): Promise<T> {
  const address = addressOf(path, query);
  const known = kept.get(address);
  const answer = await ask("GET", address, { signal, headers: known === undefined ? {} : { "if-none-match": known.etag } });
  if (answer.status === 304 && known !== undefined) return known.value as T; // The routes' contract says what it is.
  const value = (await answer.json()) as T;
  const etag = answer.headers.get("etag");
  kept.delete(address);
  if (etag !== null) kept.set(address, { etag, value });
  if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value ?? "");
  return value;
}

/** @throws ProblemError */
export async function change<T>(method: "POST" | "PUT" | "DELETE", path: string, options: RequestOptions = {}): Promise<T> {
  const answer = await ask(method, addressOf(path, options.query), options);
  const isJson = /\bjson\b/.test(answer.headers.get("content-type") ?? "");
  return (isJson ? await answer.json() : undefined) as T; // As above.
}

/** The answer itself, for what is not JSON. @throws ProblemError */
export async function ask(method: string, address: string, { body, signal, headers = {} }: RequestOptions = {}): Promise<Response> {
  const sent: Record<string, string> = { ...headers };
  if (body !== undefined) sent["content-type"] = "application/json";
  if (method !== "GET" && credentials.csrf !== null) sent["x-troupe-csrf"] = credentials.csrf;
  const answer = await reach(address, {
    method,
    headers: sent,
    credentials: "same-origin",
    // The tags are ours to compare; the browser's own memory would hide what the server says.
    cache: "no-store",
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  });
  if (answer.ok || answer.status === 304) return answer;
  if (answer.status === 401) credentials.lost();
  const text = await answer.text();
  throw new ProblemError(toProblem(answer.status, parsed(text)));
}

async function reach(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch (thrown) {
    if (init.signal?.aborted) throw thrown;
    throw new ProblemError(unreachable(), { cause: thrown });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
