/** Bytes that the cache keeps. */
import type { CacheContent } from "../../ports/cache.ts";

export function contentOf(bytes: Uint8Array): CacheContent {
  return {
    bytes: bytes.length,
    async *open() {
      yield await Promise.resolve(bytes);
    },
  };
}

export async function bytesOf(content: CacheContent): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of content.open()) {
    chunks.push(chunk);
    length += chunk.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Looks across the borders of chunks too (S-38). */
export async function contentHoldsSecret(content: CacheContent, masks: readonly string[]): Promise<boolean> {
  const wanted = masks.filter((mask) => mask !== "").map((mask) => byteText(new TextEncoder().encode(mask)));
  if (wanted.length === 0) return false;
  const overlap = Math.max(...wanted.map(({ length }) => length)) - 1;
  let before = "";
  for await (const chunk of content.open()) {
    const text = before + byteText(chunk);
    if (wanted.some((mask) => text.includes(mask))) return true;
    before = overlap === 0 ? "" : text.slice(-overlap);
  }
  return false;
}

/** One character for each byte, so that any bytes can be searched as text. */
function byteText(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
