/**
 * A server of runs somewhere else, asked with a key.
 *
 * SC1 The key goes to that server alone: over TLS or to this machine, and never along with a redirect (S-20, S-28).
 */
import { readFileSync } from "node:fs";
import { RequestError, toError } from "../../core/errors.ts";
import { unreadable } from "../../core/file-error.ts";
import { usage } from "../input.ts";

export interface ServerClient {
  /** @throws RequestError SERVER_REFUSED, SERVER_AWAY */
  ask<TAnswer>(method: "GET" | "POST", path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<TAnswer>;
  /** A stream of a run's events after this one; null when there is nothing more to come. @throws as `ask` */
  events(run: string, afterSeq: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array> | null>;
}

const AWAY: readonly number[] = [429, 502, 503, 504];
const LOCAL = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** @throws RequestError CLI_USAGE for an address to which no key may go */
export function openServerClient(address: string, key: string): ServerClient {
  const base = toBase(address);
  async function call(path: string, init: RequestInit): Promise<Response> {
    const headers = { authorization: `Bearer ${key}`, ...init.headers };
    const response = await fetch(`${base}/api/v1${path}`, { ...init, headers, redirect: "error" }).catch((thrown: unknown) => {
      const cause = toError(thrown);
      throw new RequestError("SERVER_AWAY", { server: base, problem: toError(cause.cause ?? cause).message }, { cause });
    });
    // A proxy whose server is being started anew, or one that wants to be asked less.
    if (AWAY.includes(response.status)) throw new RequestError("SERVER_AWAY", { server: base, problem: `it answers ${response.status}` });
    if (!response.ok) throw await refusal(base, response);
    return response;
  }
  return {
    async ask<TAnswer>(method: "GET" | "POST", path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
      const sent =
        body === undefined ? { headers } : { body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } };
      return (await (await call(path, { method, ...sent })).json()) as TAnswer; // As `docs/api.md` says.
    },
    async events(run, afterSeq, signal) {
      const response = await call(`/runs/${run}/events`, {
        headers: { accept: "text/event-stream", "last-event-id": String(afterSeq) },
        signal,
      });
      return response.status === 204 ? null : response.body;
    },
  };
}

/** From a file, or from `TROUPE_KEY`; never from the command line, which others can read. */
export function readKey(file: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
  const key = file === undefined ? (env.TROUPE_KEY ?? "") : readKeyFile(file);
  if (!/^\S{1,200}$/.test(key))
    throw usage("A server needs a key.", "Set TROUPE_KEY, or name a file with --key-file; `troupe keys create` at the server makes one.");
  return key;
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (thrown) {
    throw unreadable(file, thrown);
  }
}

function toBase(address: string): string {
  const url = URL.parse(address);
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.username !== "" || url.search !== "" || url.hash !== "")
    throw usage(`${address} is not the address of a server.`, "It is one such as https://troupe.example.org or http://127.0.0.1:7171.");
  if (url.protocol === "http:" && !LOCAL.test(url.hostname))
    throw usage(`A key is not sent to ${url.host} in the clear.`, "Put TLS before the server and use https://.");
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly fix?: string;
  readonly errors?: readonly { readonly message?: string; readonly line?: number }[];
}

async function refusal(server: string, response: Response): Promise<RequestError> {
  const problem = (await response.json().catch(() => ({}))) as Problem; // Members are looked at one by one.
  const { code = String(response.status), detail = response.statusText, fix, errors = [] } = problem;
  const places = errors.map(({ message = "", line }) => (line === undefined ? `\n  ${message}` : `\n  line ${line}: ${message}`));
  return new RequestError(
    "SERVER_REFUSED",
    { server, code, problem: `${detail}${places.join("")}` },
    typeof fix === "string" ? { fix } : {},
  );
}
