/** Moves values that are too large for a journal entry into blobs. */
import { type BlobRef, INLINE_MAX_BYTES, isBlobRef, type Stored } from "../core/blob.ts";
import type { Digest } from "../core/ids.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import type { NewBlob } from "../ports/attempt-runner.ts";

/** SHA-256 of a text's UTF-8 bytes in lower-case hexadecimal; injected, since the runtime has no `node:` module. */
export type DigestText = (text: string) => Digest;

const encoder = new TextEncoder();

export interface Offloaded {
  readonly stored: Stored;
  readonly blobs: readonly NewBlob[];
}

const NONE: readonly NewBlob[] = [];

/** The value itself when its text is small, otherwise a reference and the blob that has to be committed with it. */
export function offload(value: Json, digest: DigestText): Offloaded {
  // A value that looks like a reference would be read as one: it goes into a blob, whatever its size.
  const mustMove = isBlobRef(value);
  if (!mustMove && isSmall(value, INLINE_MAX_BYTES) >= 0) return { stored: value, blobs: NONE };
  const text = canonicalJson(value);
  const bytes = encoder.encode(text).length;
  if (!mustMove && bytes <= INLINE_MAX_BYTES) return { stored: value, blobs: NONE };
  const ref: BlobRef = { $blob: digest(text), bytes };
  return { stored: ref, blobs: [{ ref, text }] };
}

/**
 * A quick proof that a value's text fits: counts an upper bound (6 bytes a character: the longest escape) and stops at the budget.
 * Returns what is left of it, or a negative number when the value has to be measured exactly.
 */
function isSmall(value: Json, budget: number): number {
  if (typeof value === "string") return budget - value.length * 6 - 2;
  if (typeof value !== "object" || value === null) return budget - 25;
  let left = budget - 2;
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) {
      left = isSmall(item, left) - 1;
      if (left < 0) return left;
    }
    return left;
  }
  for (const key of Object.keys(value)) {
    left = isSmall((value as { readonly [name: string]: Json })[key] as Json, left - key.length * 6 - 4); // the key comes from the object
    if (left < 0) return left;
  }
  return left;
}
