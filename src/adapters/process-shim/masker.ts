/** Replaces secret texts in a stream of bytes, also where one is split over two chunks (S-38). */
export interface Masker {
  add(chunk: Buffer): Buffer;
  /** What was held back as the possible beginning of a secret. */
  end(): Buffer;
}

const MASK = Buffer.from("***");
const NOTHING = Buffer.alloc(0);

export function createMasker(masks: readonly string[]): Masker {
  // The longest first: a secret that contains another must not leave its remainder behind.
  const needles = [...new Set(masks)]
    .filter((mask) => mask !== "")
    .map((mask) => Buffer.from(mask))
    .sort((a, b) => b.length - a.length);
  if (needles.length === 0) return { add: (chunk) => chunk, end: () => NOTHING };
  let held: Buffer = NOTHING;

  const replace = (text: Buffer, final: boolean): Buffer => {
    const parts: Buffer[] = [];
    let from = 0;
    for (;;) {
      const found = findFirst(text, needles, from, final);
      if (found === null) break;
      parts.push(text.subarray(from, found.at), MASK);
      from = found.at + found.length;
    }
    const keep = final ? 0 : heldBytes(text, needles, from);
    parts.push(text.subarray(from, text.length - keep));
    held = Buffer.from(text.subarray(text.length - keep));
    return Buffer.concat(parts);
  };
  return {
    add: (chunk) => replace(held.length === 0 ? chunk : Buffer.concat([held, chunk]), false),
    end: () => (held.length === 0 ? NOTHING : replace(held, true)),
  };
}

/** The first match that is certain: while more may come, a longer secret could still begin at the same place. */
function findFirst(text: Buffer, needles: readonly Buffer[], from: number, final: boolean): { at: number; length: number } | null {
  let best: { at: number; length: number } | null = null;
  for (const needle of needles) {
    const at = text.indexOf(needle, from);
    if (at !== -1 && (best === null || at < best.at)) best = { at, length: needle.length };
  }
  if (best === null || final) return best;
  const { at, length } = best;
  return needles.some((needle) => needle.length > length && couldBegin(text, needle, at)) ? null : best;
}

/** Length of the longest ending of `text` with which a secret could begin. */
function heldBytes(text: Buffer, needles: readonly Buffer[], from: number): number {
  const longest = needles[0]?.length ?? 0;
  for (let at = Math.max(from, text.length - longest + 1); at < text.length; at++) {
    if (needles.some((needle) => couldBegin(text, needle, at))) return text.length - at;
  }
  return 0;
}

function couldBegin(text: Buffer, needle: Buffer, at: number): boolean {
  const length = text.length - at;
  return length < needle.length && text.compare(needle, 0, length, at) === 0;
}
