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

const RIGHTS: Readonly<Record<Role, ReadonlySet<Right>>> = {
  viewer: new Set(["read"]),
  operator: new Set(["read", "operate"]),
  approver: new Set(["read", "approve"]),
  admin: new Set(["read", "operate", "approve", "edit"]),
};

export function mayDo({ role }: Pick<Caller, "role">, right: Right): boolean {
  return RIGHTS[role].has(right);
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
