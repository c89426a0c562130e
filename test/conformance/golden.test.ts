/** Journals that earlier engines wrote mean today what they meant then (I-4, I-29, F-37). How to add one: `test/golden/README.md`. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { stepMachine } from "../../actors/step/step.machine.ts";
import { computeNextHash, toEntryText } from "../../src/adapters/store-sqlite/entry-text.ts";
import { openStore } from "../../src/adapters/store-sqlite/index.ts";
import { canonicalJson } from "../../src/core/json.ts";
import { compile, recompile } from "../../src/definition/index.ts";
import type { JournalEntry } from "../../src/kernel/entry.ts";
import { fold, foldOnto } from "../../src/kernel/fold.ts";
import type { CompiledWorkflow } from "../../src/plan/workflow.ts";
import { type CheckedEntry, checkJournal } from "../support/checker.ts";
import { checkedSteps } from "../support/explore.ts";
import { type Golden, goldenVersions, machineDigest, machineDigests, readGoldens, readMachines, stateOf } from "../support/golden.ts";
import { shapes } from "../support/golden-shapes.ts";
import { builtInStepTypes } from "../support/step-types.ts";

const versions = goldenVersions();
const goldens = versions.flatMap(readGoldens);
const { version: present } = JSON.parse(readFileSync("package.json", "utf8")) as { readonly version: string }; // Ours has one.

const workflowOf = ({ definition: { document, hash, file } }: Golden): CompiledWorkflow =>
  recompile(document, hash, { file, stepTypes: builtInStepTypes });

describe("statecharts", () => {
  test.each(versions)("that wrote the journals of %s are still here, unchanged: a change is a new id beside the old one", (version) => {
    expect(machineDigests()).toMatchObject(readMachines(version));
  });

  test("of today have all written journals: one with a new id comes with a new version of the package", () => {
    expect(versions).toContain(present);
    expect(Object.keys(readMachines(present)).sort()).toEqual(Object.keys(machineDigests()).sort());
  });
});

test("a statechart with another transition has another digest", () => {
  const { config } = stepMachine;
  const changed = { config: { ...config, on: { "step.vanish": { target: ".succeeded" } } } };
  expect(machineDigest(stepMachine)).not.toBe(machineDigest(changed));
});

test("every shape of a run is recorded", () => {
  expect(readGoldens(versions[0] ?? "").map(({ name }) => name)).toEqual(shapes.map(({ name }) => `${versions[0]}/${name}`).sort());
});

describe.each(goldens.map((golden) => [golden.name, golden] as const))("%s", (_, golden) => {
  const { definition, entries, hashes, final } = golden;
  const workflow = workflowOf(golden);

  test("folds to the state that was recorded, and so it does entry by entry", () => {
    // A later version may remember more of an actor, and nothing less.
    expect(stateOf(workflow, fold(workflow, entries))).toMatchObject(final.state as object);
    let snapshot = fold(workflow, entries.slice(0, 1));
    for (const entry of entries.slice(1)) snapshot = foldOnto(workflow, snapshot, [entry]);
    expect(stateOf(workflow, snapshot)).toMatchObject(final.state as object);
  });

  test("keeps every rule that the checker knows", () => {
    expect(checkJournal(checkedSteps(workflow), entries as unknown as readonly CheckedEntry[])).toEqual([]); // Their plain form.
  });

  test("has the hashes that were recorded", () => {
    let hash: string = final.runId;
    for (const [index, entry] of entries.entries()) {
      hash = computeNextHash(hash, toEntryText({ ...entry, data: canonicalJson(entry.data) }));
      expect(hash).toBe(hashes[index]);
    }
    expect(hash).toBe(final.hash);
  });

  test("has a definition that is still the same one", () => {
    expect(compile(definition.document, { file: definition.file, stepTypes: builtInStepTypes }).hash).toBe(definition.hash);
  });

  test("goes into a store, which verifies it and lists its run as it ended", async () => {
    await using store = await openStore({ directory: ":memory:", durability: "full", memory: true });
    const { epoch } = await store.own("if-dead");
    await store.putDefinition({ ...definition, createdAt: 0 });
    await store.commit(epoch, { appended: [{ runId: final.runId, entries }], takenLetters: [], blobs: [] });
    expect(store.verify().breaks).toEqual([]);
    expect(store.heads().runs).toEqual([{ runId: final.runId, seq: entries.length, hash: final.hash }]);
    expect(store.run(final.runId)?.state).toBe(entries.findLast(({ actor }) => actor === "run")?.to);
  });

  test("is refused when it was tampered with", () => {
    const changed = entries.map((entry, index): JournalEntry => (index === entries.length - 1 ? { ...entry, to: "pending" } : entry));
    expect(() => fold(workflow, changed)).toThrow(expect.objectContaining({ code: "INV_FOLD_MISMATCH" }));
    expect(() => fold(workflow, entries.toSpliced(1, 1))).toThrow(expect.objectContaining({ code: "INV_JOURNAL_GAP" }));
  });
});
