/**
 * Counts tokens with `gpt-tokenizer` (`o200k_base`). Other vendors' models count a little differently and publish no tokenizer for use
 * offline, so a budget wants some room; what matters is that equal files give equal counts everywhere.
 */
import { toError } from "../../core/errors.ts";
import type { TokenCounter } from "../../ports/tokens.ts";

/** What is used of the package. */
interface Encoding {
  countTokens(text: string, options: { readonly disallowedSpecial: Set<string> }): number;
}

/** Longest piece given to the tokenizer without a break: merging one run of letters takes the square of its length (200,000 took 32 s). */
const RUN_CHARS_MAX = 512;
const LONG_RUN = new RegExp(`[^\\s]{${RUN_CHARS_MAX},}`);
/** A text may spell `<|endoftext|>`; it is a text all the same. */
const NONE: { readonly disallowedSpecial: Set<string> } = { disallowedSpecial: new Set() };

/** @throws a failure with code `TOKENIZER_MISSING` */
export async function openTokenCounter(): Promise<TokenCounter> {
  let encoding: Encoding;
  try {
    encoding = await import("gpt-tokenizer/encoding/o200k_base");
  } catch (thrown) {
    throw Object.assign(
      new Error("Tokens are counted by the package `gpt-tokenizer`, which is not installed.", { cause: toError(thrown) }),
      {
        code: "TOKENIZER_MISSING",
        class: "permanent",
        hint: "Run `npm install gpt-tokenizer`, or leave out `context.max_tokens`.",
      },
    );
  }
  return { encoding: "o200k_base", count: (text) => piecesOf(text).reduce((sum, piece) => sum + encoding.countTokens(piece, NONE), 0) };
}

function piecesOf(text: string): readonly string[] {
  if (!LONG_RUN.test(text)) return [text];
  return text.match(new RegExp(`[^\\s]{1,${RUN_CHARS_MAX}}|\\s[^\\s]{0,${RUN_CHARS_MAX}}|\\s+`, "g")) ?? [];
}
