/** A machine in memory around the step cache, for tests of what a result depends on. */
import type { Digest } from "../../src/core/ids.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { sha256 } from "../../src/core/sha256.ts";
import type { CachePolicy } from "../../src/plan/step-policies.ts";
import type { CompiledStep } from "../../src/plan/workflow.ts";
import type { Execution } from "../../src/ports/attempt.ts";
import type { CacheContent, CacheStore, DeclaredFile, EntryName } from "../../src/ports/cache.ts";
import { bytesOf, contentOf } from "../../src/ports/cache-content.ts";
import { type CacheLayerOptions, createCacheLayer } from "../../src/runtime/cache/layer.ts";
import { makeContext, makeStep, text } from "./attempts.ts";
import { ManualClock } from "./manual-clock.ts";

export const POLICY: CachePolicy = { key: [], files: [], produces: [], env: [], ttlMs: null, version: "" };
export const digest = (content: string | Uint8Array): Digest =>
  sha256(typeof content === "string" ? content : new TextDecoder().decode(content)) as Digest; // Texts only, here.

class MemoryStore implements CacheStore {
  readonly technology = "files";
  contentMaxBytes = 1_000_000;
  readonly texts = new Map<string, string>();
  readonly contents = new Map<Digest, Uint8Array>();
  broken = false;
  asked = 0;

  async entry({ group, key }: EntryName): Promise<string | null> {
    this.asked += 1;
    if (this.broken) throw new Error("connect ECONNREFUSED");
    return this.texts.get(`${group}/${key}`) ?? null;
  }
  peek(name: EntryName): Promise<string | null> {
    return this.entry(name);
  }
  async putEntry({ group, key }: EntryName, content: string): Promise<void> {
    this.texts.set(`${group}/${key}`, content);
  }
  async removeEntry({ group, key }: EntryName): Promise<boolean> {
    return this.texts.delete(`${group}/${key}`);
  }
  async *entries(): AsyncIterable<never> {}
  async content(name: Digest): Promise<CacheContent | null> {
    const bytes = this.contents.get(name);
    return bytes === undefined ? null : contentOf(bytes);
  }
  async putContent(name: Digest, content: CacheContent): Promise<void> {
    if (!this.contents.has(name)) this.contents.set(name, await bytesOf(content));
  }
  async removeContent(name: Digest): Promise<void> {
    this.contents.delete(name);
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A machine of which everything that a key depends on can be changed. */
export class Machine {
  readonly store = new MemoryStore();
  readonly clock = new ManualClock(1_000_000);
  readonly files = new Map<string, string>();
  readonly variables = new Map<string, string>();
  readonly warnings: string[] = [];
  readonly replayed: string[] = [];
  tool: JsonObject = { program: "sh", content: "1" };
  zone = "default";
  secret = "one";
  verify = 0;
  executions = 0;
  /** What keeps files with this prefix from being listed. */
  unlisted: string | null = null;
  hasLog = true;

  options(): CacheLayerOptions {
    const declared = ([path, content]: [string, string]): DeclaredFile => ({
      path,
      sha256: digest(content),
      bytes: content.length,
      isExecutable: false,
    });
    const { secret } = this;
    return {
      store: async () => this.store,
      seal: async () => ({ id: digest(secret).slice(0, 8), sign: (signed) => digest(`${secret}\n${signed}`) }),
      tree: {
        list: async (_, patterns) => {
          if (this.unlisted !== null && patterns.includes(this.unlisted))
            return { ok: false, problem: "a link leads out of the workspace" };
          const found = [...this.files].filter(([path]) => patterns.some((pattern) => path.startsWith(pattern)));
          const unmatched = patterns.filter((pattern) => !found.some(([path]) => path.startsWith(pattern)));
          return { ok: true, files: found.map(declared), unmatched };
        },
        content: (_, { path }) => contentOf(new TextEncoder().encode(this.files.get(path) ?? "")),
        restore: async (_, files, read) => {
          for (const { path, sha256: wanted } of files) {
            const content = await read(wanted);
            const found = content === null ? null : new TextDecoder().decode(await bytesOf(content));
            if (found === null || digest(found) !== wanted)
              return { ok: false, because: "content", problem: `the content of \`${path}\` was changed` };
            this.files.set(path, found);
          }
          return { ok: true, written: files.length, unchanged: 0 };
        },
      },
      captures: {
        read: (logs) => ({ stdout: logs === undefined ? null : contentOf(new TextEncoder().encode(String(logs.said))), stderr: null }),
        replay: async (request, { stdout }) => {
          this.replayed.push(stdout === null ? "" : new TextDecoder().decode(await bytesOf(stdout)));
          return this.hasLog ? `${request.runId}/${request.step.id}/${request.attempt}` : null;
        },
      },
      identify: async () => this.tool,
      digest,
      environment: (name) => this.variables.get(name),
      clock: this.clock,
      zone: this.zone,
      verify: this.verify,
      chance: () => 0.5,
      warn: (message) => void this.warnings.push(message),
    };
  }

  /** A success that leaves a file behind. */
  made(path: string, content: string, execution: Execution): Execution {
    this.files.set(path, content);
    return execution;
  }

  /** Runs a step once, with a fresh layer; tells what the cache said. */
  async run(
    differs: Partial<CompiledStep> = {},
    around: Parameters<typeof makeContext>[1] = {},
    result?: () => Execution,
  ): Promise<JsonObject> {
    const step = makeStep("shell", { run: text("echo {{ input.a }} {{ input.b }}") }, { cache: POLICY, ...differs });
    const context = makeContext(step, { input: { a: "x", b: "y" }, ...around });
    const execution = await createCacheLayer(this.options()).run(context, async () => {
      this.executions += 1;
      return result?.() ?? { kind: "succeeded", output: { made: this.executions }, usage: { logs: { said: `run ${this.executions}` } } };
    });
    const { usage, ...told } = execution as { usage?: { cache?: JsonObject } };
    return {
      ...(told as JsonObject),
      ...usage?.cache,
      ...("usage" in execution && execution.usage?.logs ? { logs: execution.usage.logs } : {}),
    };
  }
}

export const policy = (differs: Partial<CachePolicy>): Partial<CompiledStep> => ({ cache: { ...POLICY, ...differs } });
