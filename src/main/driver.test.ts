import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { useEngines, workflowOf } from "../../test/support/engine-bench.ts";
import { openStore } from "../adapters/store-sqlite/index.ts";
import { createTroupe } from "./create-troupe.ts";
import { openProject } from "./project.ts";
import type { Troupe } from "./troupe.ts";

const bench = useEngines();
const ECHO = workflowOf("- id: say", "  type: function", "  call: say", "  with: { n: '{{ input.n }}' }").replace(
  "steps:",
  "input: { n: { type: number } }\nsteps:",
);

function open(
  state: string,
  say: (input: unknown) => unknown = (input) => input,
  warn: (message: string) => void = () => {},
): Promise<Troupe> {
  return createTroupe({ state, functions: { say }, warn });
}

async function codesOf(started: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  const settled = await Promise.allSettled(started);
  return settled.map((one) => (one.status === "fulfilled" ? "started" : (one.reason as { code: unknown }).code));
}

describe("one key (I-8)", () => {
  test("of two starts at once with different inputs is given to one of them", async () => {
    const { state, write } = bench.place();
    await using troupe = await open(state);
    const file = write(ECHO);
    const start = (n: number): Promise<unknown> => troupe.run(file, { key: "nightly", input: { n } });
    expect(await codesOf([start(1), start(2), start(1)])).toEqual(["started", "IDEMPOTENCY_MISMATCH", "started"]);
  });

  test("with another input is refused by a process that is not the owner, too", async () => {
    const { state, write } = bench.place();
    await using owner = await open(state);
    await using other = await open(state);
    const file = write(ECHO);
    const first = await owner.run(file, { key: "nightly", input: { n: 1 } });
    expect((await other.run(file, { key: "nightly", input: { n: 1 } })).id).toBe(first.id);
    expect(await codesOf([other.run(file, { key: "nightly", input: { n: 2 } })])).toEqual(["IDEMPOTENCY_MISMATCH"]);
  });
});

test("what the owner cannot take is refused to whoever asked for it", async () => {
  const { state, write } = bench.place();
  await using _owner = await open(state);
  const declaration = { type: "acme/say", summary: "Says.", inferredBy: null, properties: {}, required: [], fields: {} };
  const stepTypes = [{ declaration, survivesEngine: false, execute: async () => ({ kind: "succeeded" as const, output: null }) }];
  await using other = await createTroupe({ state, stepTypes, warn: () => {} });
  const file = write(workflowOf("- id: say", "  type: acme/say"));
  expect(await codesOf([other.run(file)])).toEqual(["DEF_INVALID"]);
});

test("stopping while another process holds the store ends in bounded time", async () => {
  const { state, write } = bench.place();
  const gate = Promise.withResolvers<void>();
  const waits = Promise.withResolvers<string>();
  const troupe = await open(state, () => gate.promise.then(() => null), waits.resolve);
  const run = await troupe.run(write(ECHO), { input: { n: 1 } });
  for await (const { type } of run.events()) if (type === "step.started") break;
  const holder = new DatabaseSync(join(state, "troupe.db"));
  holder.exec("BEGIN IMMEDIATE");
  gate.resolve();
  expect(await waits.promise).toMatch(/holds the store/);
  await troupe.stop({ graceMs: 0 });
  holder.exec("ROLLBACK");
  holder.close();
  await using next = await open(state, () => null);
  expect((await next.get(run.id).result()).state).toBe("succeeded");
});

test("what was put to an engine that could not write until its end is refused, not left waiting", async () => {
  const { state, write } = bench.place();
  await using troupe = await open(state, () => new Promise(() => {}));
  const file = write(ECHO);
  const run = await troupe.run(file, { input: { n: 1 } });
  for await (const { type } of run.events()) if (type === "step.started") break;
  using holder = new DatabaseSync(join(state, "troupe.db"));
  holder.exec("BEGIN IMMEDIATE");
  const asked = codesOf([run.pause(), troupe.run(file, { input: { n: 2 } })]);
  await troupe.stop({ graceMs: 0 });
  expect(await asked).toEqual(["ENGINE_STOPPED", "ENGINE_STOPPED"]);
});

test("an idle engine whose store was taken over by force stops soon (I-10)", async () => {
  const { state, write } = bench.place();
  await using troupe = await open(state, () => new Promise(() => {}));
  const run = await troupe.run(write(ECHO), { input: { n: 1 } });
  for await (const { type } of run.events()) if (type === "step.started") break;
  const ended = expect(run.result()).rejects.toMatchObject({ code: "EPOCH_LOST", details: { epoch: 1, current: 2 } });
  await using project = await openProject({ state });
  await using _driver = await project.drive({ takeover: "force" });
  await ended;
});

test("whoever asks after the end is told that it has ended", async () => {
  const { state, write } = bench.place();
  const troupe = await open(state);
  const file = write(ECHO);
  const run = await troupe.run(file, { input: { n: 1 } });
  await run.result();
  await troupe.stop();
  const asked: (() => unknown)[] = [
    () => run.view(),
    () => run.why(),
    () => troupe.list(),
    () => troupe.get(run.id),
    () => run.result(),
    () => run.cancel(),
    () => run.retry(),
    () => run.events()[Symbol.asyncIterator]().next(),
    () => troupe.run(file, { input: { n: 1 } }),
  ];
  const answers = await codesOf(asked.map(async (ask) => ask()));
  expect(answers).toEqual(asked.map(() => "ENGINE_STOPPED"));
});

test("stopping again hurries, and has stopped only when the store knows that it was no crash (I-41)", async () => {
  const { state, write } = bench.place();
  const troupe = await open(state, () => new Promise(() => {}));
  const run = await troupe.run(write(ECHO), { input: { n: 1 } });
  for await (const { type } of run.events()) if (type === "step.started") break;
  const patient = troupe.stop({ graceMs: 600_000 });
  await troupe.stop({ graceMs: 0 });
  const store = await openStore({ directory: state, durability: "full" });
  expect(await store.own("if-dead")).toMatchObject({ previous: "clean", recentCrashes: [] });
  await store[Symbol.asyncDispose]();
  await patient;
});

test("a stream of events ends with the engine that it was asked of", async () => {
  const { state, write } = bench.place();
  const troupe = await open(state, () => new Promise(() => {}));
  const run = await troupe.run(write(ECHO), { input: { n: 1 } });
  const types: string[] = [];
  const read = async (): Promise<void> => {
    for await (const { type } of run.events()) types.push(type);
  };
  const ended = expect(read()).rejects.toMatchObject({ code: "ENGINE_STOPPED" });
  await troupe.stop({ graceMs: 0 });
  await ended;
  expect(types[0]).toBe("run.created");
});
