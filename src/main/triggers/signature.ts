/**
 * Whether a request was sent by whoever knows the secret (S-21): HMAC-SHA-256 over the bytes as they came, compared in constant time.
 * The scheme is the hook's own, so that nobody can choose the one without a time.
 */
import { createHmac, hash, timingSafeEqual } from "node:crypto";

export const SCHEMES = ["standard", "github"] as const;
/**
 * `standard`: Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`). `github`: `X-Hub-Signature-256`, which covers
 * the body alone.
 */
export type Scheme = (typeof SCHEMES)[number];

/** How far the clock of a sender may be from ours. */
const WINDOW_MS = 5 * 60_000;
/** Signatures of one request that are looked at, as when a sender changes its secret. */
const SIGNATURES_MAX = 8;
const STANDARD_PREFIX = "whsec_";

export interface SignedRequest {
  readonly body: Uint8Array;
  /** A header of that name in lower case; undefined unless there is exactly one. */
  readonly header: (name: string) => string | undefined;
}

/** What a genuine request says of itself. */
export interface Genuine {
  /** As the sender names the delivery. */
  readonly id: string;
  /** By what it is known again: something that the signature covers. */
  readonly replay: string;
  /** Whether a copy of it will be refused by its age one day. */
  readonly expires: boolean;
}

/** Null for anything that is not signed, or not by this secret, or not now. */
export function verifySignature(scheme: Scheme, secret: string, { body, header }: SignedRequest, now: number): Genuine | null {
  if (secret === "") return null; // Closed, not open, while there is none.
  if (scheme === "github") {
    const id = header("x-github-delivery") ?? "";
    const given = header("x-hub-signature-256") ?? "";
    if (!isText(id) || !/^sha256=[0-9a-f]{64}$/.test(given)) return null;
    if (!isEqual(Buffer.from(given.slice(7), "hex"), createHmac("sha256", secret).update(body).digest())) return null;
    // The id is not signed: whoever has seen one request could send it again under another.
    return { id, replay: `body:${hash("sha256", body)}`, expires: false };
  }
  const id = header("webhook-id") ?? "";
  const time = header("webhook-timestamp") ?? "";
  if (!isText(id) || !/^[0-9]{1,12}$/.test(time) || Math.abs(now - Number(time) * 1_000) > WINDOW_MS) return null;
  const expected = createHmac("sha256", standardKey(secret)).update(`${id}.${time}.`).update(body).digest();
  const given = (header("webhook-signature") ?? "").split(" ").slice(0, SIGNATURES_MAX);
  const isGenuine = given.map((one) => one.startsWith("v1,") && isEqual(Buffer.from(one.slice(3), "base64"), expected)).some(Boolean);
  return isGenuine ? { id, replay: id, expires: true } : null;
}

/** As senders of Standard Webhooks write theirs: `whsec_` and base64; any other text is taken as it is. */
function standardKey(secret: string): Uint8Array | string {
  return secret.startsWith(STANDARD_PREFIX) ? Buffer.from(secret.slice(STANDARD_PREFIX.length), "base64") : secret;
}

/** Ids stand in journals and answers. */
function isText(id: string): boolean {
  return /^[\x21-\x7e]{1,200}$/.test(id);
}

function isEqual(given: Uint8Array, expected: Uint8Array): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}
