/**
 * Addresses for signed events from outside, each of one tenant and one event. `hooks.json` of the state directory says where the secret of
 * each is; the journal, the store and their backups know nothing of it (S-38).
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prepareDirectory } from "../../adapters/store-sqlite/directory.ts";
import { RequestError, toError } from "../../core/errors.ts";
import { isJsonObject } from "../../core/json.ts";
import { followPrivateList, type PrivateList, readPrivateList, writePrivateList } from "../private-list.ts";
import { SCHEMES, type Scheme } from "./signature.ts";

const FILE = "hooks.json";
const SECRETS = "hook-secrets";
const SECRET_BYTES = 32;
/** The id stands in the address: unguessable, so that an address is not found by trying (S-21). */
const ID_BYTES = 18;

export type HookSecret = { readonly env: string } | { readonly file: string };

export interface Hook {
  readonly id: string;
  readonly tenant: string;
  /** The only event that it may tell of. */
  readonly event: string;
  readonly scheme: Scheme;
  readonly secret: HookSecret;
  /** ISO 8601. */
  readonly createdAt: string;
}

export interface NewHook extends Pick<Hook, "tenant" | "event" | "scheme"> {
  /** Where the secret is; without it, one is made. */
  readonly secret?: HookSecret;
}

const listOf = (directory: string): PrivateList<Hook> => ({ directory, name: FILE, isItem: isHook });

/** @returns the secret where it was made here; it is told to nobody again. @throws RequestError FILE_UNREADABLE, FILE_UNWRITABLE */
export function createHook(directory: string, { secret, ...of }: NewHook): { readonly hook: Hook; readonly secret: string | null } {
  const id = `hk_${randomBytes(ID_BYTES).toString("base64url")}`;
  const made = secret === undefined ? makeSecret(directory, id, of.scheme) : null;
  const hook: Hook = { id, ...of, secret: secret ?? { file: join(SECRETS, id) }, createdAt: new Date().toISOString() };
  writePrivateList(listOf(directory), [...listHooks(directory), hook]);
  return { hook, secret: made };
}

export function listHooks(directory: string): readonly Hook[] {
  return readPrivateList(listOf(directory));
}

/** False when there is none of this id. */
export function revokeHook(directory: string, id: string): boolean {
  const hooks = listHooks(directory);
  const rest = hooks.filter((hook) => hook.id !== id);
  if (rest.length === hooks.length) return false;
  writePrivateList(listOf(directory), rest);
  rmSync(join(directory, SECRETS, id), { force: true });
  return true;
}

export interface HookDesk {
  /** Exactly this id; null for none. */
  find(id: string): Hook | null;
  /** Empty where it is not to be had: then nobody gets in. */
  secretOf(hook: Hook): string;
}

export function openHooks(directory: string, env: Readonly<Record<string, string | undefined>>, warn: (message: string) => void): HookDesk {
  const hooks = followPrivateList(listOf(directory), warn);
  return {
    find: (id) => hooks().find((hook) => hook.id === id) ?? null,
    secretOf({ id, secret }) {
      if ("env" in secret) return env[secret.env] ?? "";
      try {
        return readFileSync(join(directory, secret.file), "utf8").trim();
      } catch (thrown) {
        warn(`The secret of the hook ${id} cannot be read, so that it lets nobody in: ${toError(thrown).message}`);
        return "";
      }
    },
  };
}

function makeSecret(directory: string, id: string, scheme: Scheme): string {
  const bytes = randomBytes(SECRET_BYTES);
  const secret = scheme === "standard" ? `whsec_${bytes.toString("base64")}` : bytes.toString("hex");
  const folder = join(directory, SECRETS);
  try {
    prepareDirectory(directory);
    mkdirSync(folder, { mode: 0o700, recursive: true });
    writeFileSync(join(folder, id), `${secret}\n`, { mode: 0o600, flag: "wx", flush: true });
  } catch (thrown) {
    throw unwritable(join(folder, id), toError(thrown));
  }
  return secret;
}

function unwritable(file: string, cause: Error): RequestError {
  return new RequestError("FILE_UNWRITABLE", { file, problem: cause.message }, { cause });
}

function isHook(value: unknown): value is Hook {
  if (!isJsonObject(value as never)) return false;
  const { id, tenant, event, scheme, secret, createdAt } = value as Record<string, unknown>;
  if (![id, tenant, event, createdAt].every((text) => typeof text === "string" && text !== "")) return false;
  if (!SCHEMES.includes(scheme as Scheme) || !isJsonObject(secret as never)) return false;
  const { env, file } = secret as Record<string, unknown>;
  return typeof env === "string" ? file === undefined : typeof file === "string" && !file.startsWith("/") && !file.includes("..");
}
