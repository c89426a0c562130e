import { describe, expect, test } from "vitest";
import { literal, text } from "../../../test/support/attempts.ts";
import { Machine, POLICY, policy } from "../../../test/support/cache-machine.ts";
import type { CachePolicy } from "../../plan/step-policies.ts";
import type { CompiledStep } from "../../plan/workflow.ts";
import type { Execution } from "../../ports/attempt.ts";

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
