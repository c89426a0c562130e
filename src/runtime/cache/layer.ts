/**
 * The step cache around an attempt (mission W4).
 *
 * C3 Only a clean success is kept, and only if the files that its key tells were the same before and after.
 * C4 The cache never fails a step: whatever goes wrong with it is a miss that says why. The one exception is a step that says
 *    `side_effect: none` and is caught with two results (C5).
 * C5 A share of the hits is executed all the same; a result that differs takes the entry away and is the one that counts.
 * C6 A result that is being made here already is waited for once, instead of made twice.
 */
import { toError } from "../../core/errors.ts";
import type { CachePolicy } from "../../plan/step-policies.ts";
import type { AttemptContext } from "../../ports/attempt.ts";
import type { AttemptLayer } from "../../ports/attempt-layer.ts";
import type { CacheSeal, CacheStore } from "../../ports/cache.ts";
import { askFor } from "./asked.ts";
import { createFlights } from "./flights.ts";
import { Lookup, type LookupOptions, noted } from "./lookup.ts";
import { createStoreRest, type StoreRest } from "./store-rest.ts";

export interface CacheLayerOptions extends LookupOptions {
  /** Opened by the first step that asks. */
  readonly store: () => Promise<CacheStore>;
  readonly seal: () => Promise<CacheSeal>;
}

/** Goes around the attempts of all steps that have a `cache`. */
export function createCacheLayer(options: CacheLayerOptions): AttemptLayer {
  const flights = createFlights();
  const rest = createStoreRest(options);
  return {
    name: "cache",
    applies: ({ step }) => step.cache !== null,
    async run(context, inner) {
      const policy = context.request.step.cache as CachePolicy; // It applies to steps that have one.
      const reason = whyNot(context, policy) ?? (rest.isOn() ? "the store did not answer a moment ago" : null);
      if (reason !== null) return noted(await inner(context), { hit: false, reason });
      const opened = await openLookup(context, policy, options, rest);
      if ("reason" in opened) return noted(await inner(context), { hit: false, reason: opened.reason });
      return await opened.answer(inner, flights);
    },
  };
}

/** Why an attempt goes past the cache; null when it does not. */
function whyNot({ request, isReattached }: AttemptContext, policy: CachePolicy): string | null {
  const { isolation } = request.step;
  if (request.cache === "off") return "bypassed";
  // Its files may be half changed by now, so nobody can tell what it began with.
  if (isReattached) return "it was begun by an engine before";
  if (isolation?.worktree && (isolation.merge !== "none" || policy.produces.length > 0)) return "its work is a branch";
  return null;
}

async function openLookup(context: AttemptContext, policy: CachePolicy, options: CacheLayerOptions, rest: StoreRest) {
  let store: CacheStore;
  let seal: CacheSeal;
  try {
    [store, seal] = await Promise.all([options.store(), options.seal()]);
  } catch (thrown) {
    return { reason: rest.begin(thrown) };
  }
  try {
    const asked = await askFor(context, policy, options, seal);
    return typeof asked === "string" ? { reason: asked } : new Lookup(context, policy, asked, { options, store, seal, rest });
  } catch (thrown) {
    return { reason: toError(thrown).message };
  }
}
