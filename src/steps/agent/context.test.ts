import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ContextFiles } from "../../ports/context-files.ts";
import { type ContextTools, gatherContext } from "./context.ts";
import { type PromptFile, renderPrompt } from "./prompt.ts";

/** Counts words, and one for every hundred letters at a seam: a whole may have more tokens than its parts. */
const count = (text: string): number => text.split(/\s+/).filter((word) => word !== "").length + Math.floor(text.length / 100);

function toolsWith(texts: Readonly<Record<string, string>>): ContextTools {
  const files: ContextFiles = {
    read: (_root, patterns) =>
      Promise.resolve({
        files: Object.keys(texts)
          .sort()
          .map((path) => ({ path, text: texts[path] ?? "", pattern: Math.max(patterns.indexOf(path), 0) })),
        refused: [],
      }),
  };
  return { files, openTokens: () => Promise.resolve({ encoding: "words", count }) };
}

const render = (files: readonly PromptFile[]): string => renderPrompt("The task.", files, null);

describe("the window of an agent", () => {
  test("never holds more than its limit, whatever the files are", async () => {
    const texts = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.lorem({ maxCount: 40 }), { maxKeys: 8 });
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 5, max: 200 }), async (all, maxTokens) => {
        const files = Object.keys(all).map((pattern, index) => ({ pattern, priority: (index % 5) + 1 }));
        const { files: chosen, report } = await gatherContext({ files, maxTokens, keep: [] }, render, "/w", toolsWith(all));
        expect(count(render(chosen))).toBeLessThanOrEqual(maxTokens);
        expect(report).toMatchObject({ tokens: count(render(chosen)), limit: maxTokens });
      }),
    );
  });

  test("without a limit takes all, and counts nothing", async () => {
    const tools = { ...toolsWith({ a: "x", b: "y" }), openTokens: () => Promise.reject(new Error("not asked")) };
    const wish = { files: [{ pattern: "a", priority: 3 }], maxTokens: null, keep: [] };
    expect(await gatherContext(wish, render, "/w", tools)).toMatchObject({ report: { included: ["a", "b"], pruned: [] } });
  });

  test("of a step that asks for nothing is not talked about", async () => {
    expect(await gatherContext({ files: [], maxTokens: null, keep: [] }, render, "/w", toolsWith({}))).toEqual({ files: [], report: null });
  });
});
