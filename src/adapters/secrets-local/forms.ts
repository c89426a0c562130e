/** The forms in which a secret may turn up in what others print: as it is, and in the encodings that programs put texts into. */

/** What is shorter would hide half of every text. */
const FORM_MIN_CHARS = 4;
/** A line of its own of a longer secret, such as a key in PEM. */
const LINE_MIN_CHARS = 8;
/** Characters of base64 that must be left to know the secret by. */
const BASE64_MIN_CHARS = 8;

/** Longest first, so that a form that holds another is replaced as a whole. */
export function formsOf(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= LINE_MIN_CHARS);
  const forms = [secret, ...(lines.length > 1 ? lines : [])].flatMap(encodingsOf);
  return [...new Set(forms)].filter((form) => form.length >= FORM_MIN_CHARS).sort((a, b) => b.length - a.length);
}

function encodingsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const escaped = JSON.stringify(text).slice(1, -1);
  const encoded = encodeURIComponent(text.toWellFormed());
  const hex = bytes.toString("hex");
  return [
    text,
    escaped,
    escaped.replaceAll("/", "\\/"),
    encoded,
    encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    new URLSearchParams([["", text]]).toString().slice(1),
    hex,
    hex.toUpperCase(),
    ...base64Forms(bytes),
  ];
}

/**
 * Base64 of a text that holds the secret depends on where in it the secret begins. Of each of the three cases, what does not depend on
 * the bytes around it: so `user:secret` is found too.
 */
function base64Forms(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor(((before + bytes.length) * 8) / 6);
    const stable = text.slice(from, to);
    return stable.length < BASE64_MIN_CHARS ? [] : [stable, stable.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
