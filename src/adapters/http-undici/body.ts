/** Reads the body of an answer: decoded, and never more than is allowed, however small it came over the wire. */
import { pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";

/** Decoders that one answer may go through; more is an attack, not a format. */
const ENCODINGS_MAX = 2;

export const ACCEPT_ENCODING = "gzip, deflate, br, zstd";

export class BodyTooLarge extends Error {}
export class BodyEncoding extends Error {}

/** @throws BodyTooLarge, BodyEncoding, or what broke the connection */
export async function readBody(body: Readable, encoding: string, maxBytes: number): Promise<Uint8Array> {
  let broken: Error | null = null;
  body.once("error", (error) => {
    broken = error;
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  let decoded = body;
  try {
    decoded = decode(body, encoding);
    for await (const chunk of decoded as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new BodyTooLarge(`more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (broken !== null) throw broken; // Of what was cut off, decoders say something else.
    const isPlain = error instanceof BodyTooLarge || decoded === body;
    throw isPlain ? error : new BodyEncoding(`it does not decode as ${encoding}`, { cause: error });
  } finally {
    body.destroy();
  }
  return Buffer.concat(chunks);
}

function decode(body: Readable, encoding: string): Readable {
  const names = encoding
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity");
  if (names.length > ENCODINGS_MAX) throw new BodyEncoding(`it is encoded ${names.length} times`);
  // The last name is the encoding that was applied last.
  return names.reduceRight((stream: Readable, name) => pipeline(stream, decoderOf(name), () => undefined), body);
}

function decoderOf(name: string) {
  switch (name) {
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    case "zstd":
      return createZstdDecompress();
    default:
      throw new BodyEncoding(`its encoding \`${name}\` is not known`);
  }
}
