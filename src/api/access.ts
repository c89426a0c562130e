/** Who may do what. Rights hang on routes, and a route without one is not admitted (S-27). */
import type { Role } from "../contract/role.ts";
import type { TenantId } from "../core/ids.ts";

/** `read` sees runs, `operate` starts and steers them, `approve` decides what they ask people. */
export type Right = "read" | "operate" | "approve";

/** Whoever holds a key. Its tenant is the only one that a request can be about (S-31). */
export interface Caller {
  /** As the journal names who acted. */
  readonly name: string;
  readonly role: Role;
  readonly tenant: TenantId;
}

const RIGHTS: Readonly<Record<Role, ReadonlySet<Right>>> = {
  viewer: new Set(["read"]),
  operator: new Set(["read", "operate"]),
  approver: new Set(["read", "approve"]),
  admin: new Set(["read", "operate", "approve"]),
};

export function mayDo({ role }: Pick<Caller, "role">, right: Right): boolean {
  return RIGHTS[role].has(right);
}

/** Finds the holder of a token; null for nobody. */
export type FindCaller = (token: string) => Caller | null;
