/** Keys of the API. The file knows digests only: a token is told once, when it is made (S-28). */
import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Caller } from "../api/access.ts";
import { ROLES, type Role } from "../contract/role.ts";
import type { TenantId } from "../core/ids.ts";
import { isJsonObject } from "../core/json.ts";
import { followPrivateList, type PrivateList, readPrivateList, writePrivateList } from "./private-list.ts";

const TOKEN_BYTES = 32;
const ID_BYTES = 5;

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly tenant: string;
  /** SHA-256 of the token. */
  readonly digest: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

export interface NewKey {
  readonly key: ApiKey;
  /** Told to nobody again. */
  readonly token: string;
}

/** @throws RequestError FILE_UNREADABLE, FILE_UNWRITABLE */
export function createKey(directory: string, { name, role, tenant }: Pick<ApiKey, "name" | "role" | "tenant">): NewKey {
  const { key, token } = mintKey({ name, role, tenant });
  writePrivateList(listOf(directory), [...listKeys(directory), key]);
  return { key, token };
}

/** A key that only this process knows. */
export function mintKey(of: Pick<ApiKey, "name" | "role" | "tenant">): NewKey {
  const token = `tr_${randomBytes(TOKEN_BYTES).toString("base64url")}`;
  const id = randomBytes(ID_BYTES).toString("hex");
  return { token, key: { id, ...of, digest: hash("sha256", token), createdAt: new Date().toISOString() } };
}

/** False when there is none of this id. */
export function revokeKey(directory: string, id: string): boolean {
  const keys = listKeys(directory);
  const rest = keys.filter((key) => key.id !== id);
  if (rest.length === keys.length) return false;
  writePrivateList(listOf(directory), rest);
  return true;
}

/** @throws RequestError FILE_UNREADABLE: a file that is not what it should be lets nobody in */
export function listKeys(directory: string): readonly ApiKey[] {
  return readPrivateList(listOf(directory));
}

export interface KeyRing {
  find(token: string): ApiKey | null;
  /** Null for one that was revoked. */
  byId(id: string): ApiKey | null;
}

/** Reads the file again when it has changed, so that a key that is revoked is none at once. One that cannot be read lets nobody in. */
export function openKeyRing(directory: string, own: readonly ApiKey[], warn: (message: string) => void): KeyRing {
  const kept = followPrivateList(listOf(directory), warn);
  const keys = (): readonly ApiKey[] => [...own, ...kept()];
  return {
    find(token) {
      const digest = Buffer.from(hash("sha256", token), "hex");
      return keys().filter((key) => timingSafeEqual(Buffer.from(key.digest, "hex"), digest))[0] ?? null;
    },
    byId: (id) => keys().find((key) => key.id === id) ?? null,
  };
}

export function callerOfKey({ name, role, tenant }: Pick<ApiKey, "name" | "role" | "tenant">): Caller {
  return { name, role, tenant: tenant as TenantId }; // Any text names a tenant.
}

function listOf(directory: string): PrivateList<ApiKey> {
  return { directory, name: "keys.json", isItem: isKey };
}

function isKey(value: unknown): value is ApiKey {
  if (!isJsonObject(value as never)) return false;
  const { id, name, role, tenant, digest, createdAt } = value as Record<string, unknown>;
  return (
    [id, name, tenant, createdAt].every((text) => typeof text === "string") &&
    typeof digest === "string" &&
    /^[0-9a-f]{64}$/.test(digest) &&
    ROLES.includes(role as Role)
  );
}
