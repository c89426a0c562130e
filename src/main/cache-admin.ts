/** What people ask of the step cache: what is in it, why a step was not found in it, and room. */
import type { Digest, RunId } from "../core/ids.ts";
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import type { CachePruned, CacheStore, EntryName, ListedEntry } from "../ports/cache.ts";
import { bytesOf } from "../ports/cache-content.ts";
import type { StoreReader } from "../ports/store.ts";
import { type CacheEntry, contentsOf, keptBytes, parseEntry } from "../runtime/cache/entry.ts";
import { groupOf, type KeyParts } from "../runtime/cache/key.ts";
import { diffParts, type PartDifference } from "../runtime/cache/why.ts";
import { digestContent, type OpenCache, openCache } from "./step-cache.ts";
import type { CacheOptions } from "./troupe.ts";

export interface CacheEntryView {
  readonly key: string;
  readonly workflow: string;
  readonly step: string;
  readonly tenant: string;
  readonly run: string;
  readonly storedAt: number;
  readonly usedAt: number;
  readonly expiresAt: number | null;
  /** With its files and its log; what several entries share counts for each. */
  readonly bytes: number;
  readonly files: number;
  readonly tookMs: number;
}

export interface CacheFilter {
  readonly workflow?: string;
  readonly step?: string;
  /** Entries that were not used for so long. */
  readonly unusedForMs?: number;
}

export interface CacheWhy {
  readonly run: string;
  readonly step: string;
  readonly attempt: number;
  /** What the attempt was told. */
  readonly cache: JsonObject;
  /** The entry that differs least, among those of the step that were there when the attempt began; null when there was none. */
  readonly nearest: {
    readonly key: string;
    readonly run: string;
    readonly storedAt: number;
    readonly differences: readonly PartDifference[];
  } | null;
}

export interface CacheAdmin extends AsyncDisposable {
  readonly technology: CacheStore["technology"];
  /** Used last, first. */
  list(filter: CacheFilter): Promise<readonly CacheEntryView[]>;
  /** Entries of one tenant among the first `limit` of all; `complete` where there are no more. */
  sample(tenant: string, limit: number): Promise<{ readonly entries: readonly CacheEntryView[]; readonly complete: boolean }>;
  clear(filter: CacheFilter): Promise<CachePruned>;
  /** Null where the store bounds itself. */
  prune(maxBytes: number | null): Promise<CachePruned | null>;
  /** Null when no attempt of the step asked the cache. */
  why(store: Pick<StoreReader, "entries">, runId: RunId, step: string): Promise<CacheWhy | null>;
}

/** Looked at for the nearest one; the newest of them. */
const COMPARED_MAX = 200;
const PAGE = 1_000;

/** @throws RequestError CACHE_LOCATION, CACHE_CLIENT_MISSING */
export async function openCacheAdmin(stateDirectory: string, options: CacheOptions): Promise<CacheAdmin> {
  const opened = await openCache(stateDirectory, options, process.env);
  const { store } = opened;
  return {
    technology: store.technology,
    async list(filter) {
      const found: CacheEntryView[] = [];
      for await (const { listed, entry } of matching(opened, filter)) found.push(viewOf(listed, entry));
      return found.sort((one, other) => other.usedAt - one.usedAt);
    },
    async sample(tenant, limit) {
      const entries: CacheEntryView[] = [];
      let seen = 0;
      for await (const listed of store.entries()) {
        seen += 1;
        if (seen > limit) return { entries, complete: false };
        const entry = await entryOf(opened, listed);
        if (entry?.tenant === tenant) entries.push(viewOf(listed, entry));
      }
      return { entries, complete: true };
    },
    clear: (filter) => clear(opened, filter),
    prune: async (maxBytes) => (await store.prune?.({ maxBytes, unusedSince: null })) ?? null,
    why: (reader, runId, step) => why(opened, reader, runId, step),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

async function entryOf({ store, seal }: OpenCache, listed: ListedEntry): Promise<CacheEntry | null> {
  const text = await store.peek(listed);
  return text === null ? null : parseEntry(listed, text, seal);
}

async function* matching(
  opened: OpenCache,
  { workflow, step, unusedForMs }: CacheFilter,
): AsyncIterable<{ readonly listed: ListedEntry; readonly entry: CacheEntry }> {
  const unusedSince = unusedForMs === undefined ? null : Date.now() - unusedForMs;
  for await (const listed of opened.store.entries()) {
    if (unusedSince !== null && listed.usedAt > unusedSince) continue;
    const entry = await entryOf(opened, listed);
    if (entry === null) continue;
    if ((workflow === undefined || entry.workflow === workflow) && (step === undefined || entry.step === step)) yield { listed, entry };
  }
}

function viewOf({ key, usedAt, bytes }: ListedEntry, entry: CacheEntry): CacheEntryView {
  const { workflow, step, tenant, from, storedAt, expiresAt, tookMs, files } = entry;
  return {
    key,
    workflow,
    step,
    tenant,
    run: from.run,
    storedAt,
    usedAt: Math.round(usedAt),
    expiresAt,
    bytes: bytes + keptBytes(entry),
    files: files.length,
    tookMs,
  };
}

/** Content goes with the last entry that needs it. */
async function clear(opened: OpenCache, filter: CacheFilter): Promise<CachePruned> {
  const { store, seal } = opened;
  const going = new Map<string, { readonly listed: ListedEntry; readonly needs: readonly Digest[] }>();
  for await (const { listed, entry } of matching(opened, filter)) going.set(nameOf(listed), { listed, needs: contentsOf(listed, entry) });
  const kept = new Set<Digest>();
  for await (const listed of store.entries()) {
    if (going.has(nameOf(listed))) continue;
    const text = await store.peek(listed);
    const entry = text === null ? null : parseEntry(listed, text, seal);
    for (const digest of entry === null ? [] : contentsOf(listed, entry)) kept.add(digest);
  }
  const removed = new Set<Digest>();
  let bytes = 0;
  for (const { listed, needs } of going.values()) {
    await store.removeEntry(listed);
    bytes += listed.bytes;
    for (const digest of needs) {
      if (kept.has(digest) || removed.has(digest)) continue;
      bytes += (await store.content(digest))?.bytes ?? 0;
      removed.add(digest);
      await store.removeContent(digest);
    }
  }
  return { entries: going.size, contents: removed.size, bytes };
}

function nameOf({ group, key }: EntryName): string {
  return `${group}/${key}`;
}

interface Asked {
  readonly attempt: number;
  readonly startedAt: number;
  readonly cache: JsonObject;
}

async function why(opened: OpenCache, reader: Pick<StoreReader, "entries">, runId: RunId, step: string): Promise<CacheWhy | null> {
  const asked = lastAsked(reader, runId, step);
  if (asked === null) return null;
  const told = { run: runId, step, attempt: asked.attempt, cache: asked.cache };
  const { key } = asked.cache;
  const parts = typeof key === "string" && asked.cache.hit !== true ? await partsOf(opened.store, key as Digest) : null; // Keys are digests.
  if (parts === null) return { ...told, nearest: null };
  const place = { tenant: String(parts.tenant), workflow: String(parts.workflow), step: String(parts.step) };
  const group = groupOf(place, { digest: digestContent, zone: String(parts.zone), sealId: opened.seal.id });
  const before: { readonly name: ListedEntry; readonly entry: CacheEntry }[] = [];
  for await (const name of opened.store.entries(group)) {
    const text = await opened.store.peek(name);
    const entry = text === null ? null : parseEntry(name, text, opened.seal);
    // An attempt is no explanation of itself.
    if (entry !== null && entry.from.run !== runId && entry.storedAt <= asked.startedAt) before.push({ name, entry });
  }
  let nearest: CacheWhy["nearest"] = null;
  for (const { name, entry } of before.sort((one, other) => other.entry.storedAt - one.entry.storedAt).slice(0, COMPARED_MAX)) {
    const other = await partsOf(opened.store, name.key);
    const differences = other === null ? null : diffParts(other, parts);
    if (differences !== null && (nearest === null || differences.length < nearest.differences.length))
      nearest = { key: name.key, run: entry.from.run, storedAt: entry.storedAt, differences };
  }
  return { ...told, nearest };
}

async function partsOf(store: CacheStore, key: Digest): Promise<KeyParts | null> {
  const content = await store.content(key);
  if (content === null) return null;
  const bytes = await bytesOf(content);
  if (digestContent(bytes) !== key) return null;
  const parts: unknown = JSON.parse(new TextDecoder().decode(bytes));
  return isJsonObject(parts) ? parts : null;
}

/** From the journal: the last attempt that has ended. */
function lastAsked(reader: Pick<StoreReader, "entries">, runId: RunId, step: string): Asked | null {
  let found: Asked | null = null;
  for (let after = 0, page = reader.entries(runId, 0, PAGE); page.length > 0; page = reader.entries(runId, after, PAGE)) {
    for (const { seq, actor, data, at } of page) {
      after = seq;
      const { usage, attempt } = data as { usage?: JsonObject; attempt?: Json }; // Each is looked at.
      const cache = usage?.cache;
      if (actor !== step || !isJsonObject(cache)) continue;
      const startedAt = usage?.startedAt;
      found = { attempt: typeof attempt === "number" ? attempt : 0, startedAt: typeof startedAt === "number" ? startedAt : at, cache };
    }
  }
  return found;
}
