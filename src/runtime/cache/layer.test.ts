import { describe, expect, test } from "vitest";
import { literal, makeContext, makeStep, text } from "../../../test/support/attempts.ts";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import type { Digest } from "../../core/ids.ts";
import type { JsonObject } from "../../core/json.ts";
import { sha256 } from "../../core/sha256.ts";
import type { CachePolicy } from "../../plan/step-policies.ts";
import type { CompiledStep } from "../../plan/workflow.ts";
import type { Execution } from "../../ports/attempt.ts";
import type { CacheContent, CacheStore, DeclaredFile, EntryName } from "../../ports/cache.ts";
import { bytesOf, contentHoldsSecret } from "./content.ts";
import { type CacheLayerOptions, createCacheLayer } from "./layer.ts";

const POLICY: CachePolicy = { key: [], files: [], produces: [], env: [], ttlMs: null, version: "" };
const digest = (content: string | Uint8Array): Digest =>
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
    return bytes === undefined ? null : contentOfBytes(bytes);
  }
  async putContent(name: Digest, content: CacheContent): Promise<void> {
    if (!this.contents.has(name)) this.contents.set(name, await bytesOf(content));
  }
  async removeContent(name: Digest): Promise<void> {
    this.contents.delete(name);
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

function contentOfBytes(bytes: Uint8Array): CacheContent {
  return {
    bytes: bytes.length,
    async *open() {
      yield bytes;
    },
  };
}

/** A machine of which everything that a key depends on can be changed. */
class Machine {
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
        content: (_, { path }) => contentOfBytes(new TextEncoder().encode(this.files.get(path) ?? "")),
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
        read: (logs) => ({ stdout: logs === undefined ? null : contentOfBytes(new TextEncoder().encode(String(logs.said))), stderr: null }),
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

const policy = (differs: Partial<CachePolicy>): Partial<CompiledStep> => ({ cache: { ...POLICY, ...differs } });

describe("a result is given back", () => {
  test("with its output, its files and its log, and nothing is executed", async () => {
    const machine = new Machine();
    const produces = policy({ produces: ["out/"] });
    await machine.run(produces, {}, () => {
      machine.files.set("out/a", "made");
      return { kind: "succeeded", output: { n: 1 }, usage: { logs: { said: "hello", stdout: { bytes: 5 } } } };
    });
    machine.files.clear();
    const hit = await machine.run(produces);
    expect(hit).toMatchObject({ kind: "succeeded", output: { n: 1 }, hit: true, logs: { replayed: true, stdout: { bytes: 5 } } });
    expect([machine.executions, machine.files.get("out/a"), machine.replayed]).toEqual([1, "made", ["hello"]]);
  });

  test("however large its output is", async () => {
    const machine = new Machine();
    const output = "é".repeat(100_000);
    await machine.run({}, {}, () => ({ kind: "succeeded", output }));
    expect(await machine.run()).toMatchObject({ hit: true, output });
  });

  test("only to those who ask for exactly the same (I-31, S-37)", async () => {
    const changes: Record<string, (machine: Machine) => Parameters<Machine["run"]>> = {
      "a value": () => [{}, { input: { a: "z", b: "y" } }],
      "values that read the same when pasted": () => [{}, { input: { a: "x y", b: "" } }],
      "a type": () => [{}, { input: { a: "x", b: ["y"] } }],
      "the command": () => [{ config: { run: text("echo  {{ input.a }} {{ input.b }}") } }],
      "an option": () => [{ config: { run: text("echo {{ input.a }} {{ input.b }}"), stdout: literal("text") } }],
      "the environment": () => [{ env: { A: text("{{ input.a }}") } }],
      "a declared value": () => [policy({ key: [literal(1)] })],
      "the version": () => [policy({ version: "2" })],
      "what is produced": () => [policy({ produces: ["src/"] })],
      "a file": (machine) => having(() => void machine.files.set("src/a", "changed")),
      "a file more": (machine) => having(() => void machine.files.set("src/b", "1")),
      "a file less": (machine) => having(() => void machine.files.delete("src/a")),
      "the engine's environment": (machine) => having(() => void machine.variables.set("CC", "clang")),
      "the program": (machine) =>
        having(() => {
          machine.tool = { program: "sh", content: "2" };
        }),
      "the tenant": () => [{}, { tenant: "other" as never }],
      "the trust zone": (machine) =>
        having(() => {
          machine.zone = "pull-request";
        }),
      "the secret": (machine) =>
        having(() => {
          machine.secret = "two";
        }),
      "the step": () => [{ id: "other" as never }],
      "the item": () => [{ item: { of: 0, key: "k", index: 0 } }],
      "the profile": () => [{ profile: "restricted" }],
      "the profile of its run": () => [{}, { workflow: { profile: "restricted" } }],
      "the schema of its output": () => [{ outputSchema: { type: "object" } }],
    };
    for (const [name, change] of Object.entries(changes)) {
      const machine = new Machine();
      machine.files.set("src/a", "1");
      const base = { files: ["src/"], env: ["CC"] };
      const merged = (given: Partial<CompiledStep> = {}): Partial<CompiledStep> => ({
        ...given,
        cache: { ...POLICY, ...base, ...withoutDefaults(given.cache) },
      });
      await machine.run(merged());
      expect(await machine.run(merged()), name).toMatchObject({ hit: true });
      const [differs, around] = change(machine);
      expect(await machine.run(merged(differs), around), name).toMatchObject({ hit: false });
      expect(machine.executions, name).toBe(2);
    }
  });

  test("whatever else of the step changes", async () => {
    const machine = new Machine();
    await machine.run();
    for (const same of [{ title: "A title" }, { priority: 1 as const }, { optional: true }, { needs: [], locks: ["a"] }])
      expect(await machine.run(same)).toMatchObject({ hit: true });
  });

  test("until its time is over, also when that was made shorter meanwhile", async () => {
    const machine = new Machine();
    await machine.run(policy({ ttlMs: 1_000 }));
    expect(await machine.run(policy({ ttlMs: 1_000 }))).toMatchObject({ hit: true });
    machine.clock.pass(500);
    expect(await machine.run(policy({ ttlMs: 400 }))).toMatchObject({ hit: false, reason: "expired", stored: true });
    machine.clock.pass(1_000);
    expect(await machine.run(policy({ ttlMs: 1_000 }))).toMatchObject({ hit: false, reason: "expired" });
  });
});

function having(change: () => void): [] {
  change();
  return [];
}

function withoutDefaults(given: CachePolicy | null | undefined): Partial<CachePolicy> {
  return Object.fromEntries(
    Object.entries(given ?? {}).filter(([, value]) => value !== null && value !== "" && (value as readonly unknown[]).length !== 0),
  );
}

describe("nothing is kept", () => {
  const failure = { class: "permanent", code: "X", title: "x" } as const;
  test.each<Execution>([{ kind: "failed", failure }, { kind: "timed_out", detail: "" }, { kind: "stopped" }, { kind: "lost", reason: "" }])(
    "of an attempt that ended otherwise than by success",
    async (execution) => {
      const machine = new Machine();
      expect(await machine.run({}, {}, () => execution)).toMatchObject({ kind: execution.kind, hit: false, stored: false });
      expect(machine.store.texts.size).toBe(0);
    },
  );

  test("of a step whose output or file holds a secret, also across two chunks; and none is in the store (S-38)", async () => {
    const machine = new Machine();
    const around = { masks: ["hunter2"], input: { a: "hunter2", b: "y" } };
    expect(await machine.run({}, around, () => ({ kind: "succeeded", output: { token: "is hunter2!" } }))).toMatchObject({
      stored: false,
      not_stored: "its output holds a secret",
    });
    const produces = policy({ produces: ["out/"] });
    const leaky = (): Execution => machine.made("out/a", "a hunter2 b", { kind: "succeeded", output: 1 });
    expect(await machine.run(produces, around, leaky)).toMatchObject({ not_stored: "`out/a` holds a secret" });
    expect(await machine.run({}, around, () => ({ kind: "succeeded", output: "clean" }))).toMatchObject({ stored: true });
    const everything = [
      ...machine.store.texts.values(),
      ...[...machine.store.contents.values()].map((bytes) => new TextDecoder().decode(bytes)),
    ];
    expect(everything.join("\n")).not.toContain("hunter2");
  });

  test("of a step whose files changed while it ran", async () => {
    const machine = new Machine();
    machine.files.set("src/a", "1");
    const result = (): Execution => machine.made("src/a", "2", { kind: "succeeded", output: 1 });
    expect(await machine.run(policy({ files: ["src/"] }), {}, result)).toMatchObject({
      stored: false,
      not_stored: "its files changed while it ran",
    });
  });

  test("of a step that did not make what it says it makes", async () => {
    expect(await new Machine().run(policy({ produces: ["dist/"] }))).toMatchObject({ not_stored: "it made no file that fits `dist/`" });
  });

  test("of a run that goes past the cache, of one begun by an engine before, and of work on a branch", async () => {
    const machine = new Machine();
    await machine.run();
    expect(await machine.run({}, { cache: "off" })).toEqual(
      expect.objectContaining({ hit: false, reason: "bypassed", output: { made: 2 } }),
    );
    expect(await machine.run({}, { isReattached: true })).toMatchObject({ reason: "it was begun by an engine before" });
    const isolation = { worktree: true, merge: "queue", base: null, discard: false } as const;
    expect(await machine.run({ isolation })).toMatchObject({ reason: "its work is a branch" });
    expect(machine.store.texts.size).toBe(1);
  });
});

describe("the cache steps aside", () => {
  test("where a file that it needs to know cannot be read", async () => {
    const machine = new Machine();
    machine.unlisted = "src/";
    expect(await machine.run(policy({ files: ["src/"] }))).toMatchObject({
      kind: "succeeded",
      hit: false,
      reason: "a link leads out of the workspace",
    });
    expect(await machine.run(policy({ produces: ["src/"] }))).toMatchObject({
      stored: false,
      not_stored: "a link leads out of the workspace",
    });
  });

  test("where a value of the key cannot be made: the step says so itself", async () => {
    const machine = new Machine();
    expect(await machine.run({ config: { run: text("{{ steps.missing.output }}") } })).toMatchObject({
      hit: false,
      reason: expect.stringContaining("missing"),
    });
    expect(machine.executions).toBe(1);
  });

  test("where a result is larger than the store takes", async () => {
    const machine = new Machine();
    machine.store.contentMaxBytes = 10;
    expect(await machine.run({}, {}, () => ({ kind: "succeeded", output: "more than ten" }))).toMatchObject({
      not_stored: "its output has more than 10 bytes",
    });
    const large = (): Execution => machine.made("out/a", "more than ten", { kind: "succeeded", output: 1 });
    expect(await machine.run(policy({ produces: ["out/"] }), {}, large)).toMatchObject({
      not_stored: "`out/a` has 13 bytes; the store takes 10",
    });
  });

  test("for an attempt that never began", async () => {
    expect(await new Machine().run({}, {}, () => ({ kind: "not_started", reason: "busy" }))).toEqual({
      kind: "not_started",
      reason: "busy",
    });
  });
});

test("a result is given back without its log where that cannot be put back, or was too long to be kept", async () => {
  const machine = new Machine();
  await machine.run();
  machine.hasLog = false;
  expect(await machine.run()).not.toHaveProperty("logs");
  const other = new Machine();
  other.store.contentMaxBytes = 3;
  await other.run({}, {}, () => ({ kind: "succeeded", output: 1, usage: { logs: { said: "long" } } }));
  expect(await other.run()).toMatchObject({ hit: true, output: 1 });
  expect(other.replayed).toEqual([]);
});

test("a secret is found across two chunks, and none is looked for where there is none", async () => {
  const chunks = (...parts: readonly string[]): CacheContent => ({
    bytes: parts.join("").length,
    async *open() {
      for (const part of parts) yield new TextEncoder().encode(part);
    },
  });
  const found = async (content: CacheContent, ...masks: readonly string[]): Promise<boolean> => await contentHoldsSecret(content, masks);
  expect(await found(chunks("a hun", "te", "r2 b"), "hunter2")).toBe(true);
  expect(await found(chunks("a hun", "xx", "r2 b"), "hunter2")).toBe(false);
  expect(await found(chunks("ab", "c"), "x")).toBe(false);
  expect(await found(chunks("\u00e9", "\u00ff"), "\u00ff")).toBe(true);
  expect(await found(chunks("anything"), "")).toBe(false);
});

describe("an entry that is damaged", () => {
  test.each<[string, (content: string) => string]>([
    ["in its text", (content) => content.replace("made", "fade")],
    ["in its seal", (content) => `0${content.slice(1)}`],
    ["by half of it", (content) => content.slice(0, 80)],
    ["by all of it", () => ""],
  ])("%s is a miss, is told, and is replaced", async (_, damage) => {
    const machine = new Machine();
    await machine.run();
    for (const [name, content] of machine.store.texts) machine.store.texts.set(name, damage(content));
    expect(await machine.run()).toMatchObject({ hit: false, reason: "damaged: its seal does not fit", stored: true });
    expect(machine.warnings).toHaveLength(1);
    expect(await machine.run()).toMatchObject({ hit: true });
  });

  test("in its content is a miss, and heals", async () => {
    for (const damage of [() => undefined, () => new TextEncoder().encode("other")]) {
      const machine = new Machine();
      const produces = policy({ produces: ["out/"] });
      const result = (): Execution => machine.made("out/a", "made", { kind: "succeeded", output: "o".repeat(70_000) });
      await machine.run(produces, {}, result);
      for (const name of [digest("made")]) {
        const bytes = damage();
        if (bytes === undefined) machine.store.contents.delete(name);
        else machine.store.contents.set(name, bytes);
      }
      expect(await machine.run(produces, {}, result)).toMatchObject({
        hit: false,
        reason: expect.stringContaining("damaged"),
        stored: true,
      });
      machine.files.clear();
      expect(await machine.run(produces, {}, result)).toMatchObject({ hit: true });
      expect(machine.files.get("out/a")).toBe("made");
    }
  });

  test("because it is that of another key is no entry", async () => {
    const machine = new Machine();
    await machine.run();
    const [own = ""] = machine.store.texts.values();
    await machine.run({}, { input: { a: "other", b: "y" } });
    for (const name of machine.store.texts.keys()) machine.store.texts.set(name, own);
    expect(await machine.run({}, { input: { a: "other", b: "y" } })).toMatchObject({ hit: false });
  });
});

describe("a store that fails", () => {
  test("costs the step nothing, is told once, and is left alone for a while", async () => {
    const machine = new Machine();
    machine.store.broken = true;
    const layer = createCacheLayer(machine.options());
    const step = makeStep("shell", {}, { cache: POLICY });
    const ask = (): Promise<Execution> => layer.run(makeContext(step), async () => ({ kind: "succeeded", output: null }));
    for (let time = 0; time < 3; time++) expect(await ask()).toMatchObject({ kind: "succeeded", usage: { cache: { hit: false } } });
    expect([machine.store.asked, machine.warnings.length]).toEqual([1, 1]);
    machine.clock.pass(60_000);
    machine.store.broken = false;
    await ask();
    expect(await ask()).toMatchObject({ usage: { cache: { hit: true } } });
  });
});

test("what is being made is waited for, not made twice", async () => {
  const machine = new Machine();
  const layer = createCacheLayer(machine.options());
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const step = makeStep("shell", {}, { cache: POLICY });
  const make = async (): Promise<Execution> => {
    begin();
    await gate;
    machine.executions += 1;
    return { kind: "succeeded", output: machine.executions };
  };
  const first = layer.run(makeContext(step), make);
  await begun;
  const others = [1, 2, 3].map(() => layer.run(makeContext(step), make));
  const impatient = new AbortController();
  const stopped = layer.run(makeContext(step, { signal: impatient.signal }), make);
  impatient.abort("cancel");
  open();
  expect((await Promise.all([first, ...others])).map((execution) => execution.kind === "succeeded" && execution.output)).toEqual([
    1, 1, 1, 1,
  ]);
  expect(machine.executions).toBe(1);
  expect(["stopped", "succeeded"]).toContain((await stopped).kind);
});

describe("a hit that is executed all the same", () => {
  test("and ends equal is verified", async () => {
    const machine = new Machine();
    const result = (): Execution => ({ kind: "succeeded", output: 1 });
    await machine.run({}, {}, result);
    machine.verify = 1;
    expect(await machine.run({}, {}, result)).toMatchObject({ hit: true, verified: true, output: 1 });
    expect(machine.executions).toBe(2);
  });

  test("and ends otherwise is told, forgotten, and counts as it is now", async () => {
    const machine = new Machine();
    await machine.run();
    machine.verify = 1;
    expect(await machine.run()).toMatchObject({ kind: "succeeded", output: { made: 2 }, hit: false, impure: true });
    expect(machine.warnings.join()).toContain("CACHE_IMPURE");
    machine.verify = 0;
    expect(await machine.run()).toMatchObject({ hit: false, reason: "no entry" });
  });

  test("and makes another file is impure", async () => {
    const machine = new Machine();
    const produces = policy({ produces: ["out/"] });
    const result = (): Execution => machine.made("out/a", `${++machine.executions}`, { kind: "succeeded", output: 1 });
    await machine.run(produces, {}, result);
    machine.verify = 1;
    expect(await machine.run(produces, {}, result)).toMatchObject({ impure: true, reason: "made another `out/a`" });
  });

  test("and belies `side_effect: none` is a failure", async () => {
    const machine = new Machine();
    await machine.run({ sideEffect: "none" });
    machine.verify = 1;
    expect(await machine.run({ sideEffect: "none" })).toMatchObject({
      kind: "failed",
      failure: { class: "permanent", code: "CACHE_IMPURE" },
    });
  });
});
