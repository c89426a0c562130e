/**
 * The one client for calls to the outside.
 *
 * H1 Every connection is new. One that had been idle may be closed by the server just as a request is sent, and then nobody knows
 *    whether it was handled; and none is shared between requests with different guards.
 * H2 The guards stand before every hop of a redirect: scheme, list of hosts, address (S-19).
 * H3 It never repeats a request.
 */
import { Client } from "undici";
import { toError } from "../../core/errors.ts";
import type { HttpAnswer, HttpClient, HttpFailureCode, HttpRequest } from "../../ports/http.ts";
import { ACCEPT_ENCODING, readBody } from "./body.ts";
import { createConnect, type Resolve, systemResolve } from "./connect.ts";
import { failureCode, type Phase, timeoutCode } from "./failure.ts";
import { isListedHost } from "./hosts.ts";
import { isRedirect, redirect } from "./redirect.ts";

export interface HttpClientOptions {
  /** @defaultValue the resolver of the operating system */
  readonly resolve?: Resolve;
  /** Certificates to trust besides those of the platform (and of `NODE_EXTRA_CA_CERTS`), as PEM. */
  readonly ca?: readonly string[];
}

/** A server that does not take a connection within this time is not there. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Longer timers of the platform fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;
const HEADERS_MAX_BYTES = 64 * 1024;
const URL_MAX_CHARS = 16 * 1024;

export function createHttpClient({ resolve = systemResolve, ca }: HttpClientOptions = {}): HttpClient {
  return {
    async call(request, signal) {
      const limit = AbortSignal.timeout(Math.min(request.timeLimitMs, TIMER_MAX_MS));
      const means: Means = { resolve, ca: ca ?? null, limit, signal, both: AbortSignal.any([signal, limit]) };
      let hop = request;
      let mayHaveArrived = false;
      for (let redirects = 0; ; redirects++) {
        const refusal = refusalOf(hop);
        if (refusal !== null) return failed(refusal.code, refusal.problem, mayHaveArrived);
        const follows = redirects < request.redirects.max;
        const answer = await exchange(hop, means, follows);
        if (answer.kind !== "redirect") return answer.kind === "response" || !mayHaveArrived ? answer : { ...answer, mayHaveArrived };
        mayHaveArrived = true;
        if (!follows) return failed("REDIRECT_LIMIT", `More than ${request.redirects.max} redirects`, true, answer.status);
        const next = redirect(hop, answer.status, answer.location);
        if (!next.ok) return failed(next.code, next.problem, true, answer.status);
        hop = next.request;
      }
    },
  };
}

interface Means {
  readonly resolve: Resolve;
  readonly ca: readonly string[] | null;
  readonly signal: AbortSignal;
  readonly limit: AbortSignal;
  readonly both: AbortSignal;
}

function refusalOf({ url, hosts }: HttpRequest): { readonly code: HttpFailureCode; readonly problem: string } | null {
  const parsed = url.length > URL_MAX_CHARS ? null : URL.parse(url);
  if (parsed === null) return { code: "URL_INVALID", problem: "It is no URL" };
  if (parsed.protocol !== "https:" && parsed.protocol !== "http:")
    return { code: "URL_INVALID", problem: `A URL has to begin with https:// or http://, not with ${parsed.protocol}` };
  if (parsed.username !== "" || parsed.password !== "") return { code: "URL_INVALID", problem: "A URL may not hold credentials" };
  if (hosts !== null && !isListedHost(parsed, hosts))
    return { code: "HOST_REFUSED", problem: `${parsed.host} is not in the list of hosts` };
  return null;
}

type Exchanged = HttpAnswer | { readonly kind: "redirect"; readonly status: number; readonly location: string };

/** One request and its answer. */
async function exchange(request: HttpRequest, { resolve, ca, signal, limit, both }: Means, follows: boolean): Promise<Exchanged> {
  if (signal.aborted) return { kind: "stopped", mayHaveArrived: false };
  const url = new URL(request.url);
  let phase: Phase = "connecting";
  let status: number | null = null;
  const connect = createConnect({
    network: request.network,
    resolve,
    ca,
    timeoutMs: Math.min(CONNECT_TIMEOUT_MS, request.timeLimitMs),
    connected: () => {
      phase = "waiting";
    },
  });
  const client = new Client(url.origin, { connect, pipelining: 0, headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: HEADERS_MAX_BYTES });
  try {
    const response = await client.request({
      method: request.method as "GET", // Any token is sent as it is.
      path: url.pathname + url.search,
      headers: { "accept-encoding": ACCEPT_ENCODING, ...request.headers },
      body: request.body,
      signal: both,
    });
    phase = "reading";
    status = response.statusCode;
    const { location } = response.headers;
    const isLed = isRedirect(status) && typeof location === "string";
    if (isLed && (follows || request.redirects.max > 0)) {
      response.body.on("error", () => undefined).destroy();
      return { kind: "redirect", status, location };
    }
    const headers = toHeaders(response.headers);
    const hasBody = request.method !== "HEAD" && status !== 204 && status !== 304;
    const body = await readBody(response.body, hasBody ? (headers["content-encoding"] ?? "") : "", request.maxBytes);
    return { kind: "response", status, headers, body, url: url.href };
  } catch (thrown) {
    const mayHaveArrived = phase !== "connecting";
    if (signal.aborted) return { kind: "stopped", mayHaveArrived };
    const code = limit.aborted ? timeoutCode(phase) : failureCode(thrown, phase);
    const why = limit.aborted ? `No answer within ${request.timeLimitMs} ms` : toError(thrown).message;
    return failed(code, `${url.origin}: ${why}`, mayHaveArrived, status);
  } finally {
    // What is left of the connection is of no use to anybody (H1).
    client.destroy().catch(() => undefined);
  }
}

function failed(
  code: HttpFailureCode,
  problem: string,
  mayHaveArrived: boolean,
  status: number | null = null,
): HttpAnswer & { kind: "failed" } {
  return { kind: "failed", code, problem, mayHaveArrived, status };
}

/** `set-cookie` is a credential, and nobody here keeps cookies. */
function toHeaders(received: Readonly<Record<string, string | string[] | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(received).flatMap(([name, value]): [string, string][] =>
      value === undefined || name === "set-cookie" ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
}
