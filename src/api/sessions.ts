/**
 * Sessions of browsers. A page cannot keep a key where scripts do not reach it; a cookie it can.
 *
 * SE1 The cookie is HttpOnly and SameSite=Strict: no script reads it, and no other site's page sends it.
 * SE2 Pages of this machine on other ports count as the same site, so whatever changes something needs a value besides, which only our
 *     own page can have asked for (S-25). It is made from the token, so a server that was started anew knows it too.
 * SE3 Cookies know no ports: the name does, so that two servers on one machine do not end each other's sessions.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Caller } from "./access.ts";

export interface OpenedSession {
  readonly token: string;
  readonly caller: Caller;
  /** Epoch milliseconds. */
  readonly endsAt: number;
}

/** What a session is opened with. */
export type Proof = { readonly ticket: string } | { readonly key: string };

export interface Sessions {
  /** Null for a ticket or a key that is none. */
  open(proof: Proof): OpenedSession | null;
  /** Whose it is; null for none, also when its key was revoked. */
  find(token: string): Caller | null;
  close(token: string): void;
}

export const CSRF_HEADER = "x-troupe-csrf";

/** SE2 */
export function csrfOf(token: string): string {
  return createHmac("sha256", token).update("troupe csrf").digest("base64url");
}

export function isCsrfOf(token: string, value: unknown): boolean {
  const expected = Buffer.from(csrfOf(token));
  const given = Buffer.from(typeof value === "string" ? value : "");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** How a client has called: its `Host`, and whether TLS was before us. */
export interface CalledBy {
  readonly host: string;
  readonly isSecure: boolean;
}

/** SE3. `__Host-` is a promise that browsers check: Secure, for this host alone, for all of its paths. */
export function cookieName({ host, isSecure }: CalledBy): string {
  return isSecure ? "__Host-troupe" : `troupe_${/:(\d+)$/.exec(host)?.[1] ?? "80"}`;
}
