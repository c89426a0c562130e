/** Bytes of a report as text. */
import { placeAt, Unparsable } from "./unparsable.ts";

/** @throws Unparsable for what is in no encoding that it says */
export function decode(bytes: Uint8Array): string {
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (thrown) {
    if (thrown instanceof RangeError)
      throw new Unparsable(`it says that it is in \`${encoding}\`, which is no known encoding`, { line: 1, column: 1, cause: thrown });
    const text = new TextDecoder(encoding).decode(bytes);
    const { line, column } = placeAt(text, text.indexOf("\uFFFD"));
    throw new Unparsable(`it is not in ${encoding.toUpperCase()}`, { line, column, cause: thrown });
  }
}

/** By its first bytes, or by what an XML document says of itself. */
function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 200));
  return /^(?:\u00EF\u00BB\u00BF)?<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1]?.toLowerCase() ?? "utf-8";
}
