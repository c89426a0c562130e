/** Who may do what. Rights hang on routes, and a route without one is not admitted (S-27). */
import type { Role } from "../contract/role.ts";
import type { Right } from "../contract/session-view.ts";
import type { TenantId } from "../core/ids.ts";

export type { Right } from "../contract/session-view.ts";

/** Whoever holds a key. Its tenant is the only one that a request can be about (S-31). */
export interface Caller {
  /** As the journal names who acted. */
  readonly name: string;
  readonly role: Role;
  readonly tenant: TenantId;
}

/** `read` sees runs, `operate` starts and steers them, `approve` decides what they ask people, `edit` says what workflows do. */
const RIGHTS_OF: Readonly<Record<Role, readonly Right[]>> = {
  viewer: ["read"],
  operator: ["read", "operate"],
  approver: ["read", "approve"],
  admin: ["read", "operate", "approve", "edit"],
};

export function rightsOf({ role }: Pick<Caller, "role">): readonly Right[] {
  return RIGHTS_OF[role];
}

export function mayDo(caller: Pick<Caller, "role">, right: Right): boolean {
  return rightsOf(caller).includes(right);
}

/** Finds the holder of a token; null for nobody. */
export type FindCaller = (token: string) => Caller | null;
