/** Keys of the API. The file knows digests only: a token is told once, when it is made (S-28). */
import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prepareDirectory } from "../adapters/store-sqlite/directory.ts";
import type { Caller, FindCaller } from "../api/access.ts";
import { ROLES, type Role } from "../contract/role.ts";
import { type ErrorCode, RequestError, toError } from "../core/errors.ts";
import type { TenantId } from "../core/ids.ts";
import { isJsonObject } from "../core/json.ts";

const FILE = "keys.json";
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
  writeKeys(directory, [...listKeys(directory), key]);
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
  writeKeys(directory, rest);
  return true;
}

/** @throws RequestError FILE_UNREADABLE: a file that is not what it should be lets nobody in */
export function listKeys(directory: string): readonly ApiKey[] {
  const file = join(directory, FILE);
  try {
    const keys: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (!Array.isArray(keys) || !keys.every(isKey)) throw new Error("it holds no list of keys");
    return keys;
  } catch (cause) {
    const error = toError(cause) as NodeJS.ErrnoException;
    if (error.code === "ENOENT") return [];
    throw unusable("FILE_UNREADABLE", file, error);
  }
}

/** Reads the file again when it has changed, so that a key that is revoked is none at once. One that cannot be read lets nobody in. */
export function openKeyRing(directory: string, own: readonly ApiKey[], warn: (message: string) => void): FindCaller {
  let known: readonly ApiKey[] = [];
  let mark = "";
  const keys = (): readonly ApiKey[] => {
    const now = markOf(join(directory, FILE));
    if (now === mark) return [...own, ...known];
    mark = now;
    try {
      known = listKeys(directory);
    } catch (thrown) {
      known = [];
      warn(toError(thrown).message);
    }
    return [...own, ...known];
  };
  return (token) => {
    const digest = Buffer.from(hash("sha256", token), "hex");
    const found = keys().filter((key) => timingSafeEqual(Buffer.from(key.digest, "hex"), digest))[0];
    return found === undefined ? null : toCaller(found);
  };
}

function toCaller({ name, role, tenant }: ApiKey): Caller {
  return { name, role, tenant: tenant as TenantId }; // Any text names a tenant.
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

function unusable(code: ErrorCode, file: string, cause: Error): RequestError {
  return new RequestError(code, { file, problem: cause.message }, { cause });
}

function markOf(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? "none" : `${stat.ino}:${stat.mtimeNs}:${stat.size}`;
}

function writeKeys(directory: string, keys: readonly ApiKey[]): void {
  const file = join(directory, FILE);
  try {
    prepareDirectory(directory);
    const temporary = `${file}.${process.pid}.tmp`;
    writeFileSync(temporary, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flush: true });
    chmodSync(temporary, 0o600);
    renameSync(temporary, file);
  } catch (cause) {
    throw unusable("FILE_UNWRITABLE", file, toError(cause));
  }
}
