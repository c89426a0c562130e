/** SHA-256 (FIPS 180-4) of UTF-8 text, in code of our own: the pure layers may not import a digest from the platform. */
const ROUND_CONSTANTS = firstPrimes(64).map((prime) => fractionBits(prime ** (1 / 3)));
const START = firstPrimes(8).map((prime) => fractionBits(prime ** (1 / 2)));
const K = Int32Array.from(ROUND_CONSTANTS);

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return primes;
}

/** The first 32 bits behind the point; a double holds enough of them exactly. */
function fractionBits(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32);
}

const BLOCK_BYTES = 64;
const schedule = new Int32Array(64);

/** Digest in lower-case hexadecimal. A lone surrogate counts as U+FFFD, as everywhere where text becomes UTF-8. */
export function sha256(text: string): string {
  const bytes = paddedUtf8(text);
  const state = Int32Array.from(START);
  for (let offset = 0; offset < bytes.length; offset += BLOCK_BYTES) compress(state, bytes, offset);
  let digest = "";
  for (const word of state) digest += (word >>> 0).toString(16).padStart(8, "0");
  return digest;
}

function compress(state: Int32Array, bytes: Uint8Array, offset: number): void {
  const w = schedule;
  // Reads stay inside both arrays, so every `as number` below is true; a check for each would cost a third of the time.
  for (let index = 0; index < 16; index++) {
    const at = offset + index * 4;
    w[index] =
      ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
  }
  for (let index = 16; index < 64; index++) {
    const a = w[index - 15] as number;
    const b = w[index - 2] as number;
    const low = ((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3);
    const high = ((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10);
    w[index] = ((w[index - 16] as number) + low + (w[index - 7] as number) + high) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let index = 0; index < 64; index++) {
    const mixE = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + mixE + ((e & f) ^ (~e & g)) + (K[index] as number) + (w[index] as number)) | 0;
    const mixA = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (mixA + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index] = ((state[index] as number) + word) | 0;
}

/** The text's UTF-8 bytes, the bit 1, zeros, and the length in bits as 64-bit number, in whole blocks. */
function paddedUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((text.length * 3 + 9) / BLOCK_BYTES) * BLOCK_BYTES);
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    let code = text.charCodeAt(index);
    if (code < 0x80) {
      bytes[length++] = code;
      continue;
    }
    if (code >= 0xd800 && code <= 0xdfff) {
      const pair = text.codePointAt(index) ?? code;
      if (pair > 0xffff) index++;
      code = pair > 0xffff ? pair : 0xfffd;
    }
    if (code < 0x800) {
      bytes[length++] = 0xc0 | (code >> 6);
    } else {
      if (code < 0x10000) bytes[length++] = 0xe0 | (code >> 12);
      else {
        bytes[length++] = 0xf0 | (code >> 18);
        bytes[length++] = 0x80 | ((code >> 12) & 0x3f);
      }
      bytes[length++] = 0x80 | ((code >> 6) & 0x3f);
    }
    bytes[length++] = 0x80 | (code & 0x3f);
  }
  bytes[length] = 0x80;
  const total = Math.ceil((length + 9) / BLOCK_BYTES) * BLOCK_BYTES;
  const view = new DataView(bytes.buffer);
  view.setUint32(total - 8, Math.floor(length / 0x2000_0000));
  view.setUint32(total - 4, (length << 3) >>> 0);
  return bytes.subarray(0, total);
}
