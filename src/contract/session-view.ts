/** Who the caller is, for a page that shows only what may be done. */
import type { Role } from "./role.ts";

/** What a role allows; the routes ask for one of them each. */
export const RIGHTS = ["read", "operate", "approve", "edit"] as const;
export type Right = (typeof RIGHTS)[number];

export interface SessionView {
  readonly name: string;
  readonly role: Role;
  readonly tenant: string;
  readonly rights: readonly Right[];
  /** Sent back as `x-troupe-csrf` with everything that changes something; null for who came with a key. */
  readonly csrf: string | null;
  /** Of the server. */
  readonly version: string;
}
