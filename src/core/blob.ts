/** Values larger than an entry may hold travel as references to content-addressed blobs. */
import type { Digest } from "./ids.ts";
import { isJsonObject, type Json } from "./json.ts";

/** Largest canonical text, in UTF-8 bytes, that a value may have inside a journal entry. */
export const INLINE_MAX_BYTES = 64 * 1024;

/** Stands for a value by the SHA-256 of its canonical text. */
export interface BlobRef {
  readonly $blob: Digest;
  readonly bytes: number;
}

/** A value in the journal: itself when small, otherwise a reference. */
export type Stored = Json | BlobRef;

/** No user value looks like this by accident: an object with exactly these two members of these forms. */
export function isBlobRef(value: unknown): value is BlobRef {
  if (!isJsonObject(value)) return false;
  const { $blob, bytes } = value;
  return typeof $blob === "string" && /^[0-9a-f]{64}$/.test($blob) && typeof bytes === "number" && Object.keys(value).length === 2;
}

/** Looks up a blob's value. Pure in effect: equal references give equal values, for ever. */
export type LoadBlob = (ref: BlobRef) => Json;
