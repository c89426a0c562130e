/** Chooses the files that go to an agent, and says what was left out and why (mission P6). */
import type { JsonObject } from "../../core/json.ts";
import { CONTEXT_PRIORITY_DEFAULT, type ContextCandidate, type ContextSelection, selectContext } from "../../plan/context-budget.ts";
import type { ContextFile, ContextFiles, FoundContext } from "../../ports/context-files.ts";
import type { OpenTokenCounter, TokenCounter } from "../../ports/tokens.ts";
import { failStep } from "./fail-step.ts";
import { FILES_HEADING, type PromptFile, renderFile } from "./prompt.ts";

export interface ContextWish {
  readonly files: readonly { readonly pattern: string; readonly priority: number }[];
  readonly maxTokens: number | null;
  /** Paths or globs that have to be in. */
  readonly keep: readonly string[];
}

export interface Context {
  readonly files: readonly PromptFile[];
  /** `{ tokens, limit, encoding, included, pruned }`; null where the step asks for no files and no limit. */
  readonly report: JsonObject | null;
}

export interface ContextTools {
  readonly files: ContextFiles;
  readonly openTokens: OpenTokenCounter;
}

export const NO_CONTEXT: Context = { files: [], report: null };

/** Pruned files that are named in a report; the rest is counted. */
const PRUNED_NAMED_MAX = 100;

/**
 * @param render the whole text that goes to the agent with some files; what is in it besides them is never shortened
 * @throws a failure CONTEXT_TOO_LARGE when the text and what has to be kept are above the limit
 */
export async function gatherContext(
  wish: ContextWish,
  render: (files: readonly PromptFile[]) => string,
  workspace: string,
  tools: ContextTools,
): Promise<Context> {
  const { maxTokens, keep } = wish;
  const patterns = [...keep, ...wish.files.map(({ pattern }) => pattern)];
  if (patterns.length === 0 && maxTokens === null) return NO_CONTEXT;
  const found = patterns.length === 0 ? NOTHING_FOUND : await tools.files.read(workspace, patterns);
  const missing = found.refused.filter(({ path }) => keep.includes(path));
  if (missing.length > 0) failKept(missing.map(({ path, why }) => `${path}: ${why}`));
  const counter = maxTokens === null ? null : await tools.openTokens();
  const candidates = found.files.map((file) => ({
    path: file.path,
    tokens: counter?.count(renderFile(file)) ?? 0,
    priority: wish.files[file.pattern - keep.length]?.priority ?? CONTEXT_PRIORITY_DEFAULT,
    isKept: file.pattern < keep.length,
  }));
  const chosen =
    counter === null || maxTokens === null ? chooseAll(candidates) : chooseWithin(maxTokens, candidates, found.files, render, counter);
  const paths = new Set(chosen.included.map(({ path }) => path));
  return {
    files: found.files.filter(({ path }) => paths.has(path)),
    report: {
      ...(counter !== null && { tokens: chosen.total, limit: maxTokens, encoding: counter.encoding }),
      included: [...paths].toSorted(),
      ...reportPruned([...found.refused, ...chosen.pruned]),
    },
  };
}

const NOTHING_FOUND: FoundContext = { files: [], refused: [] };

type Chosen = ContextSelection & { readonly total: number };

function chooseAll(candidates: readonly ContextCandidate[]): Chosen {
  return { ...selectContext(candidates, null), total: 0 };
}

/** Pieces of a text have not always as many tokens as the whole: the whole is counted, and the budget tightened until it fits. */
function chooseWithin(
  maxTokens: number,
  candidates: readonly ContextCandidate[],
  files: readonly ContextFile[],
  render: (files: readonly PromptFile[]) => string,
  counter: TokenCounter,
): Chosen {
  const bare = counter.count(render([]));
  if (bare > maxTokens) failTooLarge([`The prompt alone has ${bare} tokens.`], maxTokens);
  let budget = maxTokens - bare - (candidates.length === 0 ? 0 : counter.count(FILES_HEADING));
  for (;;) {
    const chosen = selectContext(candidates, budget);
    if (chosen.missing.length > 0)
      failTooLarge(
        chosen.missing.map(({ path, tokens }) => `${path} has to be kept and has ${tokens} tokens.`),
        maxTokens,
      );
    const paths = new Set(chosen.included.map(({ path }) => path));
    const total = counter.count(render(files.filter(({ path }) => paths.has(path))));
    if (total <= maxTokens) return { ...chosen, total };
    budget -= total - maxTokens;
  }
}

function reportPruned(pruned: readonly { readonly path: string; readonly why: string }[]): JsonObject {
  return {
    pruned: pruned.slice(0, PRUNED_NAMED_MAX).map(({ path, why }) => ({ path, why })),
    ...(pruned.length > PRUNED_NAMED_MAX && { prunedMore: pruned.length - PRUNED_NAMED_MAX }),
  };
}

function failKept(problems: readonly string[]): never {
  failStep(
    "CONTEXT_MISSING",
    `What \`context.keep\` names is not to be had. ${problems.join(" ")}`,
    "Look at the paths, or leave them out.",
  );
}

function failTooLarge(problems: readonly string[], maxTokens: number): never {
  failStep(
    "CONTEXT_TOO_LARGE",
    `${problems.join(" ")} Of ${maxTokens} tokens that is too much.`,
    "Raise `context.max_tokens`, or keep less.",
  );
}
