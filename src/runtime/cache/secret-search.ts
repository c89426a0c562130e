/** Whether values of secrets stand in what the cache would keep. An empty mask is no secret. */
import type { CacheContent } from "../../ports/cache.ts";

export function holdsSecret(text: string, masks: readonly string[]): boolean {
  return masks.some((mask) => mask !== "" && text.includes(mask));
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
