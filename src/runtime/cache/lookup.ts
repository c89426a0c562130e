/** One attempt before the cache: what is found for its key is given back, what is missing is made and kept. */
import { canonicalJson, type JsonObject } from "../../core/json.ts";
import type { CachePolicy } from "../../plan/step-policies.ts";
import type { AttemptContext, Execution } from "../../ports/attempt.ts";
import type { InnerAttempt } from "../../ports/attempt-layer.ts";
import type { CacheSeal, CacheStore, Captures } from "../../ports/cache.ts";
import { contentOf } from "../../ports/cache-content.ts";
import type { Clock } from "../../ports/clock.ts";
import { type Asked, type AskOptions, askFor } from "./asked.ts";
import { type CacheEntry, contentsOf, parseEntry, toEntryText } from "./entry.ts";
import type { Flights } from "./flights.ts";
import { baseStepOf } from "./key.ts";
import { gatherResult, keepResult, type ResultTools, returnResult } from "./result.ts";
import type { StoreRest } from "./store-rest.ts";

export interface LookupOptions extends AskOptions {
  readonly captures: Captures;
  readonly clock: Clock;
  /** Share of hits that are executed all the same, 0 to 1. @defaultValue 0 */
  readonly verify?: number;
  /** From 0 to below 1; decides which hits are. */
  readonly chance: () => number;
  readonly warn: (message: string) => void;
}

/** What a look-up works with. */
export interface LookupParts {
  readonly options: LookupOptions;
  readonly store: CacheStore;
  readonly seal: CacheSeal;
  readonly rest: StoreRest;
}

type Found = { readonly entry: CacheEntry } | { readonly reason: string };

/** One attempt and its key. */
export class Lookup {
  readonly #context: AttemptContext;
  readonly #policy: CachePolicy;
  readonly #asked: Asked;
  readonly #parts: LookupParts;
  readonly #tools: ResultTools;

  constructor(context: AttemptContext, policy: CachePolicy, asked: Asked, parts: LookupParts) {
    this.#context = context;
    this.#policy = policy;
    this.#asked = asked;
    this.#parts = parts;
    this.#tools = { store: parts.store, tree: parts.options.tree, captures: parts.options.captures, digest: parts.options.digest };
  }

  async answer(inner: InnerAttempt, flights: Flights): Promise<Execution> {
    const { key } = this.#asked.name;
    await flights.waitFor(key, this.#context.signal);
    if (this.#context.signal.aborted) return { kind: "stopped" };
    return await flights.fly(key, () => this.#answer(inner));
  }

  async #answer(inner: InnerAttempt): Promise<Execution> {
    const found = await this.#find();
    if ("reason" in found) return await this.#make(inner, found.reason);
    const { options } = this.#parts;
    if (options.chance() < (options.verify ?? 0)) return await this.#verify(inner, found.entry);
    const { entry } = found;
    const returned = await this.#safely(() => returnResult(this.#context, entry, this.#tools));
    if ("failed" in returned) return await this.#make(inner, returned.failed);
    if (!returned.ok) {
      if (returned.isDamaged) await this.#forgetDamaged(entry, returned.reason);
      return await this.#make(inner, returned.reason);
    }
    const usage = { cache: this.#told(entry), ...(returned.logs !== null && { logs: returned.logs }) };
    return { kind: "succeeded", output: returned.output, usage };
  }

  async #find(): Promise<Found> {
    const { store, seal, options } = this.#parts;
    const { name } = this.#asked;
    const text = await this.#safely(() => store.entry(name));
    if (text === null) return { reason: "no entry" };
    if (typeof text !== "string") return { reason: text.failed };
    const entry = parseEntry(name, text, seal);
    if (entry === null) {
      await this.#forget("damaged: its seal does not fit");
      return { reason: "damaged: its seal does not fit" };
    }
    if (entry.expiresAt !== null && entry.expiresAt <= options.clock.now()) return { reason: "expired" };
    // A shorter ttl than that of the time when it was stored counts at once.
    const { ttlMs } = this.#policy;
    return ttlMs !== null && entry.storedAt + ttlMs <= options.clock.now() ? { reason: "expired" } : { entry };
  }

  /** A miss: the attempt itself, and its result kept if it may be. */
  async #make(inner: InnerAttempt, reason: string): Promise<Execution> {
    const { store, options } = this.#parts;
    const { key } = this.#asked.name;
    const bytes = new TextEncoder().encode(this.#asked.text);
    // Also of an attempt that fails, so that `troupe cache why` can tell what was asked for.
    const put = await this.#safely(() => store.putContent(key, contentOf(bytes), this.#expiresAt()));
    const startedAt = options.clock.now();
    const execution = await inner(this.#context);
    if (execution.kind !== "succeeded") return noted(execution, { hit: false, key, reason, stored: false });
    const kept = put ?? (await this.#safely(() => this.#keep(execution, startedAt)));
    const problem = typeof kept === "string" || kept === null ? kept : kept.failed;
    return noted(execution, { hit: false, key, reason, stored: problem === null, ...(problem !== null && { not_stored: problem }) });
  }

  /** C3. Null when it was kept, otherwise why not. */
  async #keep(execution: Extract<Execution, { kind: "succeeded" }>, startedAt: number): Promise<string | null> {
    const { options, store, seal } = this.#parts;
    const { request } = this.#context;
    const { name } = this.#asked;
    const again = await askFor(this.#context, this.#policy, options, seal);
    if (typeof again === "string") return again;
    if (again.name.key !== name.key) return "its files changed while it ran";
    const gathering = await gatherResult(this.#context, this.#policy, execution, this.#tools);
    if (!gathering.ok) return gathering.reason;
    const expiresAt = this.#expiresAt();
    const storedAt = options.clock.now();
    const result = await keepResult(request.workspace, gathering.gathered, expiresAt, this.#tools);
    const entry: CacheEntry = {
      workflow: request.workflow.name,
      step: baseStepOf(this.#context),
      tenant: request.tenant,
      from: { run: request.runId, step: request.step.id, attempt: request.attempt },
      storedAt,
      expiresAt,
      tookMs: storedAt - startedAt,
      costUsd: execution.usage?.costUsd ?? 0,
      ...result,
    };
    await store.putEntry(name, toEntryText(name, entry, seal), expiresAt);
    return null;
  }

  /** C5. */
  async #verify(inner: InnerAttempt, entry: CacheEntry): Promise<Execution> {
    const execution = await inner(this.#context);
    const told = this.#told(entry);
    if (execution.kind === "not_started" || execution.kind === "stopped" || execution.kind === "lost") return execution;
    const difference = await this.#difference(execution, entry);
    if (difference === null) return noted(execution, { ...told, verified: true });
    const { request } = this.#context;
    const text = `CACHE_IMPURE: step \`${request.step.id}\` of ${request.workflow.name} was given the same and ${difference}.`;
    this.#parts.options.warn(text);
    await this.#forget(difference);
    const cache = { ...told, hit: false, verified: false, impure: true, reason: difference };
    if (request.step.sideEffect !== "none" || execution.kind !== "succeeded") return noted(execution, cache);
    const failure = {
      class: "permanent",
      code: "CACHE_IMPURE",
      title: `It says \`side_effect: none\`, was given the same twice, and ${difference}.`,
      detail: `The result before is of run ${entry.from.run}. It has been forgotten.`,
      hint: "Name in `cache` what else its result depends on (files, env, key), or take `cache` away.",
    } as const;
    return noted({ kind: "failed", failure, ...(execution.usage !== undefined && { usage: execution.usage }) }, cache);
  }

  /** Null when the two results are equal. */
  async #difference(execution: Execution, entry: CacheEntry): Promise<string | null> {
    if (execution.kind !== "succeeded") return "did not succeed again";
    const { digest, tree } = this.#tools;
    const text = canonicalJson(execution.output);
    const before = entry.output.kind === "content" ? entry.output.content : digest(canonicalJson(entry.output.value));
    if (digest(text) !== before) return "answered with another output";
    const produced = await tree.list(this.#context.request.workspace, this.#policy.produces);
    if (!produced.ok) return produced.problem;
    const now = new Map(produced.files.map((file) => [file.path, canonicalJson(file)]));
    const differing = entry.files.find((file) => now.get(file.path) !== canonicalJson(file));
    return differing === undefined ? null : `made another \`${differing.path}\``;
  }

  #told(entry: CacheEntry): JsonObject {
    const { from, storedAt, tookMs, costUsd } = entry;
    return { hit: true, key: this.#asked.name.key, storedAt, from, savedMs: tookMs, ...(costUsd > 0 && { savedUsd: costUsd }) };
  }

  #expiresAt(): number | null {
    const { ttlMs } = this.#policy;
    return ttlMs === null ? null : this.#parts.options.clock.now() + ttlMs;
  }

  /** With its content: what is there is not written again, so damage would stay for ever. */
  async #forgetDamaged(entry: CacheEntry, reason: string): Promise<void> {
    await this.#forget(reason);
    for (const digest of contentsOf(this.#asked.name, entry)) await this.#safely(() => this.#parts.store.removeContent(digest));
  }

  async #forget(reason: string): Promise<void> {
    const { options, store } = this.#parts;
    const { key } = this.#asked.name;
    if (reason.startsWith("damaged")) options.warn(`The cache entry ${key.slice(0, 12)} was ${reason}. It has been removed.`);
    await this.#safely(() => store.removeEntry(this.#asked.name));
  }

  /** C4: what the store throws is no more than an answer. */
  async #safely<TAnswer>(ask: () => Promise<TAnswer>): Promise<TAnswer | { readonly failed: string }> {
    try {
      return await ask();
    } catch (thrown) {
      return { failed: this.#parts.rest.begin(thrown) };
    }
  }
}

/** An execution with what the cache says to it. */
export function noted(execution: Execution, cache: JsonObject): Execution {
  if (execution.kind === "not_started") return execution;
  return { ...execution, usage: { ...execution.usage, cache } };
}
