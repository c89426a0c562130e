/**
 * Where results of steps are kept for later runs (mission W4), and what the step cache needs of the machine around it.
 *
 * An entry is a small text under a group and a key; content is bytes under their own SHA-256. What is read is checked by whoever reads:
 * a store may lose anything at any time, and must never show half of anything.
 */
import type { Digest } from "../core/ids.ts";
import type { JsonObject } from "../core/json.ts";
import type { AttemptContext, AttemptRequest } from "./attempt.ts";

/** Bytes that can be read again from their start. */
export interface CacheContent {
  readonly bytes: number;
  open(): AsyncIterable<Uint8Array>;
}

export interface EntryName {
  /** Entries of one step under one tenant, trust zone and secret: 32 hexadecimal digits. */
  readonly group: string;
  readonly key: Digest;
}

export interface ListedEntry extends EntryName {
  /** When it was stored or used last, in epoch milliseconds, as far as the store knows. */
  readonly usedAt: number;
  readonly bytes: number;
}

export interface CachePruned {
  readonly entries: number;
  readonly contents: number;
  readonly bytes: number;
}

export interface CacheStore extends AsyncDisposable {
  readonly technology: "files" | "redis" | "s3";
  /** Null when there is none. A hit counts as a use. */
  entry(name: EntryName): Promise<string | null>;
  /** The same for those who only look. */
  peek(name: EntryName): Promise<string | null>;
  /** The last of two writers wins; nobody sees a mixture. */
  putEntry(name: EntryName, text: string, expiresAt: number | null): Promise<void>;
  /** Tells whether there was one. */
  removeEntry(name: EntryName): Promise<boolean>;
  /** In no order; of one group, or of all. */
  entries(group?: string): AsyncIterable<ListedEntry>;
  content(digest: Digest): Promise<CacheContent | null>;
  /** Does nothing when it is there already. @throws Error when the bytes are not those of the digest */
  putContent(digest: Digest, content: CacheContent, expiresAt: number | null): Promise<void>;
  removeContent(digest: Digest): Promise<void>;
  /** Largest content that it takes. */
  readonly contentMaxBytes: number;
  /** Removes what was used longest ago. Stores that bound themselves have none. */
  prune?(order: CachePruneOrder): Promise<CachePruned>;
}

export interface CachePruneOrder {
  /** Null for no bound. */
  readonly maxBytes: number | null;
  /** Entries that were not used since, in epoch milliseconds, go whatever their size; null for none. */
  readonly unusedSince: number | null;
}

/** Content that an entry needs, by its text; a store cannot read it itself. */
export type ReferencedBy = (name: EntryName, text: string) => readonly Digest[];

/** A plain file below the workspace. */
export interface DeclaredFile {
  /** With `/`, relative to the workspace. */
  readonly path: string;
  readonly sha256: Digest;
  readonly bytes: number;
  readonly isExecutable: boolean;
}

export type DeclaredFiles =
  | { readonly ok: true; readonly files: readonly DeclaredFile[]; readonly unmatched: readonly string[] }
  | { readonly ok: false; readonly problem: string };

export type Restored =
  | { readonly ok: true; readonly written: number; readonly unchanged: number }
  /** `content`: what the store gave is missing or damaged. `path`: the workspace does not take it. */
  | { readonly ok: false; readonly because: "content" | "path"; readonly problem: string };

/** Files below a workspace that patterns name. Links are followed only while they stay inside (S-15). */
export interface WorkspaceTree {
  /** Sorted by path. */
  list(root: string, patterns: readonly string[]): Promise<DeclaredFiles>;
  content(root: string, file: DeclaredFile): CacheContent;
  /** All files or none, each whole (I-32); what is there already stays untouched. */
  restore(root: string, files: readonly DeclaredFile[], read: (digest: Digest) => Promise<CacheContent | null>): Promise<Restored>;
}

export interface CapturedContent {
  readonly stdout: CacheContent | null;
  readonly stderr: CacheContent | null;
}

/** What attempts have printed, where `troupe logs` finds it. */
export interface Captures {
  /** By `AttemptUsage.logs`. */
  read(logs: JsonObject | undefined): CapturedContent;
  /** Puts it where the log of this attempt is; answers with its place for `AttemptUsage.logs`. Best effort. */
  replay(request: AttemptRequest, content: CapturedContent): Promise<string | null>;
}

/** What runs a step, told by content or version, so that another one does not find its results. */
export type IdentifyTool = (context: AttemptContext) => Promise<JsonObject>;

/** Proves who wrote an entry (S-37). */
export interface CacheSeal {
  /** Names the secret without telling it. */
  readonly id: string;
  sign(text: string): string;
}
