/**
 * Who may look. The page itself holds no data and is for everybody on this machine; what it shows is for those who have a link.
 *
 * IA1 A ticket, the secret in a link, opens one connection. That connection is given a token, which opens later ones of the same page;
 *     so a link that was left in a terminal's history or in a log is worth nothing (S-28).
 * IA2 `Host` is one of our own addresses, or a page of another name that was pointed at 127.0.0.1 could read us (S-23).
 * IA3 `Origin` is our own page; a client without one is no browser, and shows its secret before the connection is made (S-24).
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 128 bits are enough; these are 192. */
const SECRET_BYTES = 24;
/** Links that nobody opened; the oldest is forgotten when there are more. */
const TICKETS_MAX = 16;
const TOKENS_MAX = 64;

export interface Access {
  newTicket(): string;
  /** A token for this ticket or token; null for anything else. A ticket is used up by it. */
  admit(secret: string): string | null;
}

/** Only digests are kept, so that no comparison takes longer for a better guess. */
type Digest = Buffer;

export function createAccess(): Access {
  const tickets: Digest[] = [];
  const tokens: Digest[] = [];
  const issue = (list: Digest[], max: number): string => {
    const secret = randomBytes(SECRET_BYTES).toString("base64url");
    list.push(digestOf(secret));
    if (list.length > max) list.shift();
    return secret;
  };
  return {
    newTicket: () => issue(tickets, TICKETS_MAX),
    admit(secret) {
      const digest = digestOf(secret);
      if (tokens.some((known) => timingSafeEqual(known, digest))) return secret;
      const found = tickets.findIndex((known) => timingSafeEqual(known, digest));
      if (found === -1) return null;
      tickets.splice(found, 1);
      return issue(tokens, TOKENS_MAX);
    },
  };
}

function digestOf(secret: string): Digest {
  return createHash("sha256").update(secret).digest();
}

/** Under which a browser on this machine reaches us; `[::1]` is not among them, since we listen on IPv4 only. */
function hostsAt(port: number): readonly string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`];
}

export function isOwnHost(host: string | undefined, port: number): boolean {
  return host !== undefined && hostsAt(port).includes(host);
}

/** Compared as a whole, with the host that was asked: never by a prefix or a pattern (S-26). */
export function isOwnOrigin(origin: string, host: string): boolean {
  return origin === `http://${host}`;
}
