/** Who may do what. Rights hang on routes, and a route without one is not admitted (S-27). */
import type { Role } from "../contract/role.ts";
import type { Right } from "../contract/session-view.ts";
import { RequestError } from "../core/errors.ts";
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

const WORDS: Readonly<Record<Right, string>> = {
  read: "look at runs",
  operate: "start or steer runs",
  approve: "decide for people",
  edit: "say what is run",
};

/** For a route whose need depends on what is asked of it. @throws RequestError API_RIGHT */
export function demandRight({ role }: Pick<Caller, "role">, right: Right): void {
  if (!mayDo({ role }, right)) throw new RequestError("API_RIGHT", { role, right: WORDS[right] });
}

/** Finds the holder of a token; null for nobody. */
export type FindCaller = (token: string) => Caller | null;
