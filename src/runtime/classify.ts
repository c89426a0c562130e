/**
 * What a thrown value means for retrying (D5). Known causes are told apart by status, code and name, also down the chain of causes,
 * since `fetch` hides the reason there. What nobody can name counts as transient: it is repeated only where the author asked for
 * retries, and then a failure of unknown kind is just what they had in mind.
 */
import { FAILURE_CLASSES, type FailureClass, type TaskFailure } from "../core/failure.ts";
import { isJsonObject, type Json } from "../core/json.ts";

/** What a thrown value of any origin may carry. */
interface Thrown {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly errcode?: unknown;
  readonly status?: unknown;
  readonly statusCode?: unknown;
  readonly retryAfterMs?: unknown;
  readonly class?: unknown;
  readonly cause?: unknown;
  readonly hint?: unknown;
  readonly fix?: unknown;
  readonly extra?: unknown;
}

const CAUSES_MAX = 8;
const DETAIL_MAX = 4_000;

const TRANSIENT_CODES: ReadonlySet<string> = new Set([
  ...[
    "ECONNREFUSED",
    "ECONNRESET",
    "ECONNABORTED",
    "EPIPE",
    "ETIMEDOUT",
    "ESOCKETTIMEDOUT",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENETDOWN",
    "EHOSTDOWN",
    "EAI_AGAIN",
  ],
  ...["EAGAIN", "EBUSY", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "ENOSPC"],
  ...["UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "UND_ERR_SOCKET", "UND_ERR_CLOSED"],
  ...["SQLITE_BUSY", "SQLITE_LOCKED", "ER_LOCK_DEADLOCK", "ER_LOCK_WAIT_TIMEOUT"],
  // PostgreSQL: serialisation failure, deadlock, lock not available, too many connections, starting or shutting down.
  ...["40001", "40P01", "55P03", "53300", "57P01", "57P03", "08000", "08003", "08006"],
]);
const PERMANENT_CODES: ReadonlySet<string> = new Set([
  ...["ENOENT", "EACCES", "EPERM", "ENOTDIR", "EISDIR", "EEXIST", "ENOTFOUND", "ERR_INVALID_URL", "ERR_MODULE_NOT_FOUND"],
  ...[
    "CERT_HAS_EXPIRED",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "ERR_TLS_CERT_ALTNAME_INVALID",
  ],
]);
const CLASS_BY_NAME: Readonly<Record<string, FailureClass>> = {
  TimeoutError: "timeout",
  ValidationError: "validation",
  AssertionError: "validation",
};
/** SQLite's BUSY and LOCKED as `node:sqlite` reports them. */
const SQLITE_TRANSIENT: ReadonlySet<number> = new Set([5, 6]);

/** A failure from whatever was thrown: an Error, its plain form from another thread, or anything else. Total. */
export function toFailure(thrown: unknown): TaskFailure {
  if (typeof thrown !== "object" || thrown === null) return { class: "transient", code: "THROWN", title: cut(String(thrown)) };
  const chain = causesOf(thrown as Thrown); // any object may carry these members; each is looked at before use
  const status = firstOf(chain, statusOf);
  const retryAfterMs = firstOf(chain, ({ retryAfterMs: ms }) => (typeof ms === "number" && ms >= 0 ? ms : undefined));
  const code = firstOf(chain, ({ code: text }) => (typeof text === "string" && text !== "" ? text : undefined));
  const [top] = chain;
  const extra = toExtra(top?.extra);
  return {
    class:
      firstOf(chain, declaredClass) ??
      (status === undefined ? undefined : classOfStatus(status)) ??
      firstOf(chain, knownClass) ??
      "transient",
    code: code ?? (status === undefined ? "THROWN" : `HTTP_${status}`),
    title: titleOf(top ?? {}),
    ...detailOf(chain),
    ...(status !== undefined && { status }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...hintOf(top),
    ...(extra !== undefined && { extra }),
  };
}

/** Tells whether a failure says something about the service behind a breaker, rather than about the request (I-36). */
export function countsAgainstTarget(failure: TaskFailure): boolean {
  if (failure.status !== undefined) return failure.status >= 500 || failure.status === 429;
  return failure.class === "timeout" || (failure.class === "transient" && TRANSIENT_CODES.has(failure.code));
}

/** 408, 425, 429 and 5xx pass; authorisation and every other 4xx stay. */
function classOfStatus(status: number): FailureClass | undefined {
  if (status === 408 || status === 425 || status === 429 || status >= 500) return "transient";
  if (status === 409) return "conflict";
  if (status === 422) return "validation";
  return status >= 400 ? "permanent" : undefined;
}

function causesOf(thrown: Thrown): readonly Thrown[] {
  const chain: Thrown[] = [];
  for (let at: unknown = thrown; typeof at === "object" && at !== null && chain.length < CAUSES_MAX; at = (at as Thrown).cause)
    chain.push(at as Thrown); // as above
  return chain;
}

function firstOf<T>(chain: readonly Thrown[], read: (thrown: Thrown) => T | undefined): T | undefined {
  for (const thrown of chain) {
    const value = read(thrown);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** An author's function says the class itself: `throw Object.assign(new Error("…"), { class: "permanent" })`. */
function declaredClass({ class: declared }: Thrown): FailureClass | undefined {
  return FAILURE_CLASSES.find((known) => known === declared);
}

function statusOf({ status, statusCode }: Thrown): number | undefined {
  const value = status ?? statusCode;
  return typeof value === "number" && value >= 400 && value < 600 ? value : undefined;
}

function knownClass({ name, code, errcode }: Thrown): FailureClass | undefined {
  if (typeof code === "string") {
    if (code.startsWith("EXPR_") || code.startsWith("DEF_")) return "validation";
    if (TRANSIENT_CODES.has(code)) return "transient";
    if (PERMANENT_CODES.has(code)) return "permanent";
  }
  if (typeof errcode === "number" && SQLITE_TRANSIENT.has(errcode & 0xff)) return "transient";
  return typeof name === "string" && Object.hasOwn(CLASS_BY_NAME, name) ? CLASS_BY_NAME[name] : undefined;
}

function titleOf({ name, message }: Thrown): string {
  if (typeof message === "string" && message !== "") return cut(message);
  return typeof name === "string" ? cut(name) : "Something was thrown that is no error.";
}

function detailOf(chain: readonly Thrown[]): { detail?: string } {
  const texts = chain.map(({ message }) => message).filter((message) => typeof message === "string" && message !== "");
  return texts.length > 1 ? { detail: cut(texts.join(": ")) } : {};
}

/** Our own errors advise in `fix`. */
function hintOf(top: Thrown | undefined): { hint?: string } {
  const hint = top?.hint ?? top?.fix;
  return typeof hint === "string" ? { hint } : {};
}

function toExtra(extra: unknown): { readonly [key: string]: Json } | undefined {
  if (!isJsonObject(extra)) return undefined;
  try {
    return JSON.parse(JSON.stringify(extra)) as { readonly [key: string]: Json }; // text of an object parses to one
  } catch {
    return undefined;
  }
}

function cut(text: string): string {
  return text.length > DETAIL_MAX ? `${text.slice(0, DETAIL_MAX)}…` : text;
}
