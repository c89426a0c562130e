/**
 * Secrets for one use within a short time: what may stand in a link or in a message where a key or a cookie may not (S-24, S-28).
 *
 * TK1 Only digests are kept, and looked up by: how long that takes tells nothing of a secret.
 * TK2 However many are asked for, a bounded number is known; the oldest is forgotten first.
 */
import { hash, randomBytes } from "node:crypto";

/** 128 bits are enough; these are 192. */
const SECRET_BYTES = 24;

export interface TicketOptions {
  readonly lifeMs: number;
  readonly max: number;
  /** Epoch milliseconds. @defaultValue Date.now */
  readonly now?: () => number;
}

export interface Tickets<TValue> {
  /** A new one, worth `value` once. */
  issue(value: TValue): string;
  /** Null for one that was used, is too old, or was never given out. */
  redeem(secret: string): TValue | null;
}

export function createTickets<TValue>({ lifeMs, max, now = Date.now }: TicketOptions): Tickets<TValue> {
  const known = new Map<string, { readonly value: TValue; readonly untilMs: number }>();
  return {
    issue(value) {
      const secret = randomBytes(SECRET_BYTES).toString("base64url");
      known.set(hash("sha256", secret), { value, untilMs: now() + lifeMs });
      const [eldest] = known.keys();
      if (known.size > max && eldest !== undefined) known.delete(eldest);
      return secret;
    },
    redeem(secret) {
      const digest = hash("sha256", secret);
      const found = known.get(digest);
      known.delete(digest);
      return found !== undefined && now() < found.untilMs ? found.value : null;
    },
  };
}
