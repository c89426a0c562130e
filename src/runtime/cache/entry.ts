/** What is kept of a step's result, as text with a seal: who cannot seal cannot make anybody believe an entry (S-37). */
import type { Digest } from "../../core/ids.ts";
import { canonicalJson, isJsonObject, type Json } from "../../core/json.ts";
import type { CacheSeal, DeclaredFile, EntryName } from "../../ports/cache.ts";

export interface KeptStream {
  readonly content: Digest;
  /** Kept bytes. */
  readonly bytes: number;
  /** What `AttemptUsage.logs` said of the stream. */
  readonly told: Json;
}

export interface CacheEntry {
  readonly workflow: string;
  readonly step: string;
  readonly tenant: string;
  readonly from: { readonly run: string; readonly step: string; readonly attempt: number };
  /** Epoch milliseconds. */
  readonly storedAt: number;
  readonly expiresAt: number | null;
  readonly tookMs: number;
  readonly costUsd: number;
  readonly output:
    | { readonly kind: "value"; readonly value: Json }
    | { readonly kind: "content"; readonly content: Digest; readonly bytes: number };
  readonly files: readonly DeclaredFile[];
  readonly stdout: KeptStream | null;
  readonly stderr: KeptStream | null;
}

/** The seal, a line feed, and the entry as canonical JSON. */
export function toEntryText(name: EntryName, entry: CacheEntry, seal: CacheSeal): string {
  const text = canonicalJson(entry);
  return `${seal.sign(sealed(name, text))}\n${text}`;
}

/** Null for what was not sealed with this secret under this name. */
export function parseEntry(name: EntryName, text: string, seal: CacheSeal): CacheEntry | null {
  const end = text.indexOf("\n");
  if (end < 0) return null;
  const body = text.slice(end + 1);
  if (text.slice(0, end) !== seal.sign(sealed(name, body))) return null;
  try {
    const entry: unknown = JSON.parse(body);
    return isJsonObject(entry) ? (entry as unknown as CacheEntry) : null; // Its seal says that we wrote it.
  } catch {
    return null;
  }
}

function sealed({ group, key }: EntryName, text: string): string {
  return `${group}\n${key}\n${text}`;
}

/** Content that an entry needs, and the parts of its key, which are kept under the key itself. */
export function contentsOf({ key }: EntryName, entry: CacheEntry): readonly Digest[] {
  return [
    key,
    ...(entry.output.kind === "content" ? [entry.output.content] : []),
    ...entry.files.map(({ sha256 }) => sha256),
    ...[entry.stdout, entry.stderr].flatMap((stream) => (stream === null ? [] : [stream.content])),
  ];
}

/** Bytes of all content that the entry names; content that entries share counts for each. */
export function keptBytes(entry: CacheEntry): number {
  const sizes = [...entry.files, ...[entry.stdout, entry.stderr].flatMap((stream) => stream ?? [])].map(({ bytes }) => bytes);
  return sizes.reduce((sum, bytes) => sum + bytes, entry.output.kind === "content" ? entry.output.bytes : 0);
}
