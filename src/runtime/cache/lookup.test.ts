import { describe, expect, test } from "vitest";
import { makeContext, makeStep } from "../../../test/support/attempts.ts";
import { digest, Machine, POLICY, policy } from "../../../test/support/cache-machine.ts";
import type { Execution } from "../../ports/attempt.ts";
import { createCacheLayer } from "./layer.ts";

describe("an entry that is damaged", () => {
  test.each<[string, (content: string) => string]>([
    ["in its text", (content) => content.replace("made", "fade")],
    ["in its seal", (content) => `${content.startsWith("0") ? "1" : "0"}${content.slice(1)}`],
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
