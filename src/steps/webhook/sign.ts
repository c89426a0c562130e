/** Signatures by which receivers know who sent a message (Standard Webhooks, symmetric). */
import { refuse } from "./refuse.ts";

const PREFIX = "whsec_";
/** Shorter keys could be guessed. */
const KEY_MIN_BYTES = 16;

export interface Signed {
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly body: string;
}

/** @throws a failure for a key that is none */
export async function signatureHeaders(secret: string, { id, timestamp, body }: Signed): Promise<Readonly<Record<string, string>>> {
  const key = await crypto.subtle.importKey("raw", keyOf(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const content = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, content));
  return { "webhook-id": id, "webhook-timestamp": String(timestamp), "webhook-signature": `v1,${btoa(String.fromCharCode(...signature))}` };
}

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const bytes = secret.startsWith(PREFIX) ? fromBase64(secret.slice(PREFIX.length)) : new TextEncoder().encode(secret);
  if (bytes !== null && bytes.length >= KEY_MIN_BYTES) return bytes;
  return refuse(
    "SIGNING_KEY",
    bytes === null ? "Behind `whsec_`, the signing key is not base64." : `The signing key has fewer than ${KEY_MIN_BYTES} bytes.`,
    "Make one with `openssl rand -base64 32`, put `whsec_` before it, and give it to the receiver too.",
  );
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}
