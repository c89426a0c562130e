/** Content of the step cache that is small enough to be held in memory. */
import type { CacheContent } from "./cache.ts";

/** Bytes in memory as content. */
export function contentOf(bytes: Uint8Array): CacheContent {
  return {
    bytes: bytes.length,
    async *open() {
      yield await Promise.resolve(bytes);
    },
  };
}

/** All bytes of a content, in memory. */
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
