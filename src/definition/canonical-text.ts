/**
 * The canonical text of a document from its nodes: what `canonicalJson` gives for its data, without the detour (objects without a
 * prototype are slow to read, and a large definition has tens of thousands of them).
 */
import type { SourceNode } from "./source-node.ts";

/** @throws RangeError on a number that JSON cannot carry; readers of documents refuse those. */
export function canonicalText(node: SourceNode): string {
  switch (node.kind) {
    case "scalar": {
      const { value } = node;
      if (typeof value === "string") return quoted(value);
      if (typeof value === "number" && !Number.isFinite(value)) throw new RangeError(`JSON has no number ${value}`);
      return JSON.stringify(value);
    }
    case "list": {
      let text = "";
      for (const item of node.items) text += text === "" ? canonicalText(item) : `,${canonicalText(item)}`;
      return `[${text}]`;
    }
    case "map": {
      let text = "";
      for (const { key, value } of node.entries.toSorted(byKey)) text += `${text === "" ? "" : ","}${quoted(key)}:${canonicalText(value)}`;
      return `{${text}}`;
    }
  }
}

/** Order of code units, as `sort()` has it for texts. */
function byKey({ key: one }: { readonly key: string }, { key: other }: { readonly key: string }): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Characters that JSON writes as escapes; a text without them is its own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

function quoted(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}
