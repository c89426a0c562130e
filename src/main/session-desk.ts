/** Sessions of browsers, as digests in a file of the state directory: a server that is started anew knows them, a copy of it is no session (S-28). */
import { hash, randomBytes } from "node:crypto";
import type { Caller } from "../api/access.ts";
import type { Sessions } from "../api/sessions.ts";
import { createTickets } from "../api/tickets.ts";
import { ROLES, type Role } from "../contract/role.ts";
import { isJsonObject } from "../core/json.ts";
import { callerOfKey, type KeyRing } from "./api-keys.ts";
import { followPrivateList, type PrivateList, writePrivateList } from "./private-list.ts";

const TOKEN_BYTES = 32;
/** After a week a person shows a key again. */
const LIFE_MS = 7 * 24 * 60 * 60 * 1_000;
/** A link in a terminal is opened at once, or after a word with somebody. */
const TICKET_LIFE_MS = 10 * 60 * 1_000;
const TICKETS_MAX = 16;
/** Of one key, or by links. The one that was opened first ends first, and nobody ends those of somebody else. */
const SESSIONS_MAX = 50;

interface StoredSession {
  /** SHA-256 of the token. */
  readonly digest: string;
  /** Id of the key that opened it and ends it; null for the owner's link. */
  readonly key: string | null;
  readonly name: string;
  readonly role: Role;
  readonly tenant: string;
  /** Epoch milliseconds. */
  readonly endsAt: number;
}

export interface SessionDesk extends Sessions {
  /** A ticket that opens one session of this caller, for a link. */
  newTicket(caller: Caller): string;
}

export interface SessionDeskOptions {
  readonly directory: string;
  readonly keys: KeyRing;
  readonly warn: (message: string) => void;
  /** Epoch milliseconds. @defaultValue Date.now */
  readonly now?: () => number;
}

export function openSessionDesk({ directory, keys, warn, now = Date.now }: SessionDeskOptions): SessionDesk {
  const list: PrivateList<StoredSession> = { directory, name: "sessions.json", isItem: isSession };
  const kept = followPrivateList(list, warn);
  const tickets = createTickets<Caller>({ lifeMs: TICKET_LIFE_MS, max: TICKETS_MAX, now });
  const isOpen = ({ endsAt, key }: StoredSession): boolean => now() < endsAt && (key === null || keys.byId(key) !== null);

  function holderOf(proof: Parameters<Sessions["open"]>[0]): { readonly caller: Caller; readonly key: string | null } | null {
    if ("ticket" in proof) {
      const caller = tickets.redeem(proof.ticket);
      return caller && { caller, key: null };
    }
    const key = keys.find(proof.key);
    return key && { caller: callerOfKey(key), key: key.id };
  }

  return {
    newTicket: (caller) => tickets.issue(caller),
    open(proof) {
      const holder = holderOf(proof);
      if (holder === null) return null;
      const { caller, key } = holder;
      const token = randomBytes(TOKEN_BYTES).toString("base64url");
      const endsAt = now() + LIFE_MS;
      const { name, role, tenant } = caller;
      const open = kept().filter(isOpen);
      const ending = new Set(open.filter((one) => one.key === key).slice(0, 1 - SESSIONS_MAX));
      const others = open.filter((one) => !ending.has(one));
      writePrivateList(list, [...others, { digest: hash("sha256", token), key, name, role, tenant, endsAt }]);
      return { token, caller, endsAt };
    },
    find(token) {
      // What is looked for is a digest: how long that takes tells nothing of the token.
      const digest = hash("sha256", token);
      const session = kept().find((one) => one.digest === digest);
      return session !== undefined && isOpen(session) ? callerOfKey(session) : null;
    },
    close(token) {
      const digest = hash("sha256", token);
      writePrivateList(
        list,
        kept().filter((one) => one.digest !== digest && isOpen(one)),
      );
    },
  };
}

function isSession(value: unknown): value is StoredSession {
  if (!isJsonObject(value as never)) return false;
  const { digest, key, name, role, tenant, endsAt } = value as Record<string, unknown>;
  return (
    [digest, name, tenant].every((text) => typeof text === "string") &&
    (key === null || typeof key === "string") &&
    Number.isSafeInteger(endsAt) &&
    ROLES.includes(role as Role)
  );
}
