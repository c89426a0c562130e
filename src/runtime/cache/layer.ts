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
import type { Digest } from "../../core/ids.ts";
import { canonicalJson, type JsonObject } from "../../core/json.ts";
import type { CachePolicy } from "../../plan/step-policies.ts";
import type { AttemptContext, Execution } from "../../ports/attempt.ts";
import type { AttemptLayer, InnerAttempt } from "../../ports/attempt-layer.ts";
import type { CacheSeal, CacheStore, Captures, DeclaredFiles, EntryName, IdentifyTool, WorkspaceTree } from "../../ports/cache.ts";
import type { Clock } from "../../ports/clock.ts";
import { contentOf } from "./content.ts";
import { type CacheEntry, contentsOf, parseEntry, toEntryText } from "./entry.ts";
import { createFlights, type Flights } from "./flights.ts";
import { baseStepOf, groupOf, keyParts } from "./key.ts";
import { gatherResult, keepResult, type ResultTools, returnResult } from "./result.ts";

export interface CacheLayerOptions {
  /** Opened by the first step that asks. */
  readonly store: () => Promise<CacheStore>;
  readonly seal: () => Promise<CacheSeal>;
  readonly tree: WorkspaceTree;
  readonly captures: Captures;
  readonly identify: IdentifyTool;
  readonly digest: (content: string | Uint8Array) => Digest;
  /** The value of a variable of the engine's environment. */
  readonly environment: (name: string) => string | undefined;
  readonly clock: Clock;
  /** @defaultValue `default` */
  readonly zone?: string;
  /** Share of hits that are executed all the same, 0 to 1. @defaultValue 0 */
  readonly verify?: number;
  /** From 0 to below 1; decides which hits are. */
  readonly chance: () => number;
  readonly warn: (message: string) => void;
}

/** After a failure of the store nobody asks it for so long: a hundred steps should not wait for a hundred time-outs. */
const STORE_REST_MS = 30_000;

export function createCacheLayer(options: CacheLayerOptions): AttemptLayer {
  const flights = createFlights();
  const rest = { untilMs: 0 };
  return {
    name: "cache",
    applies: ({ cache }) => cache !== null,
    async run(context, inner) {
      const policy = context.request.step.cache as CachePolicy; // It applies to steps that have one.
      const reason = whyNot(context, policy) ?? (options.clock.now() < rest.untilMs ? "the store did not answer a moment ago" : null);
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

interface Rest {
  untilMs: number;
}

async function openLookup(context: AttemptContext, policy: CachePolicy, options: CacheLayerOptions, rest: Rest) {
  let store: CacheStore;
  let seal: CacheSeal;
  try {
    [store, seal] = await Promise.all([options.store(), options.seal()]);
  } catch (thrown) {
    return { reason: takeRest(thrown, options, rest) };
  }
  try {
    const asked = await askFor(context, policy, options, seal);
    return typeof asked === "string" ? { reason: asked } : new Lookup(context, policy, asked, { options, store, seal, rest });
  } catch (thrown) {
    return { reason: toError(thrown).message };
  }
}

/** C4: told once, and then left alone for a while. */
function takeRest(thrown: unknown, { clock, warn }: CacheLayerOptions, rest: Rest): string {
  const { message } = toError(thrown);
  const now = clock.now();
  if (now >= rest.untilMs) warn(`The step cache cannot be used: ${message}. Steps run without it for a while.`);
  rest.untilMs = now + STORE_REST_MS;
  return `the store failed: ${message}`;
}

interface Asked {
  readonly name: EntryName;
  /** Canonical text of the parts; its digest is the key. */
  readonly text: string;
}

/** A text says why there is no key. */
async function askFor(context: AttemptContext, policy: CachePolicy, options: CacheLayerOptions, seal: CacheSeal): Promise<Asked | string> {
  const { request } = context;
  const found: DeclaredFiles = await options.tree.list(request.workspace, policy.files);
  if (!found.ok) return found.problem;
  const around = {
    digest: options.digest,
    zone: options.zone ?? "default",
    sealId: seal.id,
    environment: (variable: string) => {
      const value = options.environment(variable);
      return value === undefined ? null : seal.sign(`environment\n${variable}\n${value}`).slice(0, 16);
    },
  };
  const text = canonicalJson(keyParts(context, policy, { files: found.files, tool: await options.identify(context) }, around));
  const place = { tenant: request.tenant, workflow: request.workflow.name, step: baseStepOf(context) };
  return { name: { group: groupOf(place, around), key: options.digest(text) }, text };
}

interface Around {
  readonly options: CacheLayerOptions;
  readonly store: CacheStore;
  readonly seal: CacheSeal;
  readonly rest: Rest;
}

type Found = { readonly entry: CacheEntry } | { readonly reason: string };

/** One attempt and its key. */
class Lookup {
  readonly #context: AttemptContext;
  readonly #policy: CachePolicy;
  readonly #asked: Asked;
  readonly #around: Around;
  readonly #tools: ResultTools;

  constructor(context: AttemptContext, policy: CachePolicy, asked: Asked, around: Around) {
    this.#context = context;
    this.#policy = policy;
    this.#asked = asked;
    this.#around = around;
    this.#tools = { store: around.store, tree: around.options.tree, captures: around.options.captures, digest: around.options.digest };
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
    const { options } = this.#around;
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
    const { store, seal, options } = this.#around;
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
    const { store, options } = this.#around;
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
    const { options, store, seal } = this.#around;
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
    this.#around.options.warn(text);
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
    return ttlMs === null ? null : this.#around.options.clock.now() + ttlMs;
  }

  /** With its content: what is there is not written again, so damage would stay for ever. */
  async #forgetDamaged(entry: CacheEntry, reason: string): Promise<void> {
    await this.#forget(reason);
    for (const digest of contentsOf(this.#asked.name, entry)) await this.#safely(() => this.#around.store.removeContent(digest));
  }

  async #forget(reason: string): Promise<void> {
    const { options, store } = this.#around;
    const { key } = this.#asked.name;
    if (reason.startsWith("damaged")) options.warn(`The cache entry ${key.slice(0, 12)} was ${reason}. It has been removed.`);
    await this.#safely(() => store.removeEntry(this.#asked.name));
  }

  /** C4: what the store throws is no more than an answer. */
  async #safely<TAnswer>(ask: () => Promise<TAnswer>): Promise<TAnswer | { readonly failed: string }> {
    try {
      return await ask();
    } catch (thrown) {
      return { failed: takeRest(thrown, this.#around.options, this.#around.rest) };
    }
  }
}

function noted(execution: Execution, cache: JsonObject): Execution {
  if (execution.kind === "not_started") return execution;
  return { ...execution, usage: { ...execution.usage, cache } };
}
