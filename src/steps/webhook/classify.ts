/** What every status and every way to fail means for retrying (D5, F-47). */
import type { FailureClass, TaskFailure } from "../../core/failure.ts";
import type { HttpFailure, HttpFailureCode } from "../../ports/http.ts";

const CLASSES: Readonly<Record<HttpFailureCode, FailureClass>> = {
  URL_INVALID: "validation",
  HOST_REFUSED: "policy",
  ADDRESS_REFUSED: "policy",
  NAME_NOT_FOUND: "permanent",
  NAME_LOOKUP_FAILED: "transient",
  CONNECTION_REFUSED: "transient",
  HOST_UNREACHABLE: "transient",
  CONNECT_FAILED: "transient",
  CONNECT_TIMEOUT: "timeout",
  TLS_UNTRUSTED: "permanent",
  TLS_FAILED: "permanent",
  REQUEST_INVALID: "validation",
  CONNECTION_LOST: "transient",
  RESPONSE_TIMEOUT: "timeout",
  RESPONSE_STALLED: "timeout",
  RESPONSE_INCOMPLETE: "transient",
  RESPONSE_MALFORMED: "transient",
  RESPONSE_TOO_LARGE: "permanent",
  RESPONSE_ENCODING: "permanent",
  REDIRECT_LIMIT: "permanent",
  REDIRECT_REFUSED: "policy",
};

const HINTS: Partial<Readonly<Record<HttpFailureCode, string>>> = {
  ADDRESS_REFUSED: "To reach this machine or a private network, write `network: private`.",
  HOST_REFUSED: "Add the host to `hosts`, if it may be called.",
  NAME_NOT_FOUND: "Look at the spelling of the host.",
  TLS_UNTRUSTED: "Give the certificate of your own authority by `NODE_EXTRA_CA_CERTS`.",
  TLS_FAILED: "Does the server speak TLS at this port?",
  RESPONSE_TOO_LARGE: "Raise `expect.max_bytes`, or ask for less.",
  REDIRECT_LIMIT: "Call the final address, or raise `redirects`.",
  REDIRECT_REFUSED: "Call the final address, or allow `redirects: { max: …, other_origins: true }`.",
};

/** Ways to fail for which the service behind a breaker is not to blame. */
const OURS: ReadonlySet<string> = new Set<HttpFailureCode>([
  "URL_INVALID",
  "HOST_REFUSED",
  "ADDRESS_REFUSED",
  "REQUEST_INVALID",
  "RESPONSE_TOO_LARGE",
  "REDIRECT_LIMIT",
  "REDIRECT_REFUSED",
]);

export function toFailure({ code, problem, status }: HttpFailure): TaskFailure {
  const hint = HINTS[code];
  return { class: CLASSES[code], code, title: `${problem}.`, ...(status !== null && { status }), ...(hint !== undefined && { hint }) };
}

/** What passes by itself: 408, 425, 429 and 5xx, save what the server will never do. */
export function classOfStatus(status: number): FailureClass {
  if (status === 501 || status === 505) return "permanent";
  if (status === 408 || status === 425 || status === 429 || status >= 500) return "transient";
  if (status === 409) return "conflict";
  if (status === 422) return "validation";
  // A success or a redirect that the author did not expect.
  return status < 300 ? "validation" : "permanent";
}

/** Whether a failure speaks against the service (I-36). */
export function blamesTarget({ code, status, class: failureClass }: TaskFailure): boolean {
  if (status !== undefined && code === `HTTP_${status}`) return status >= 500 || status === 429;
  return (failureClass === "transient" || failureClass === "timeout" || code.startsWith("TLS_")) && !OURS.has(code);
}

/** The longest that a server may make us wait: whatever it says, a step's own cap counts besides. */
const RETRY_AFTER_MAX_MS = 24 * 3_600_000;

/** Milliseconds of a `Retry-After`: seconds, or a date (RFC 9110, 10.2.3). Null for what is neither. */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) - now : Number.NaN;
  return Number.isNaN(ms) ? null : Math.min(Math.max(0, ms), RETRY_AFTER_MAX_MS);
}
