/**
 * Journals that engines of earlier versions have written (`test/golden/README.md`): where they lie, and how they are read and written.
 * A shape is a folder of `definition.json`, `journal.jsonl` (an entry a line, with its hash) and `final.json`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { AnyStateMachine } from "xstate";
import { runMachine } from "../../actors/run/run.machine.ts";
import { stepMachine } from "../../actors/step/step.machine.ts";
import type { Digest, RunId } from "../../src/core/ids.ts";
import { canonicalJson, type Json, type JsonObject } from "../../src/core/json.ts";
import { sha256 } from "../../src/core/sha256.ts";
import type { JournalEntry } from "../../src/kernel/entry.ts";
import { itemAt } from "../../src/kernel/paged.ts";
import type { RunSnapshot } from "../../src/kernel/snapshot.ts";
import type { CompiledWorkflow } from "../../src/plan/workflow.ts";

export const GOLDEN = resolve("test/golden");

export interface GoldenDefinition {
  readonly hash: Digest;
  readonly name: string;
  readonly file: string;
  readonly document: JsonObject;
}

export interface GoldenFinal {
  readonly runId: RunId;
  /** Of the last entry: proof of all before it. */
  readonly hash: string;
  /** Actors as data: their states and contexts. */
  readonly state: Json;
}

export interface Golden {
  readonly name: string;
  readonly definition: GoldenDefinition;
  readonly entries: readonly JournalEntry[];
  readonly hashes: readonly string[];
  readonly final: GoldenFinal;
}

/** The part of a snapshot that journals promise for ever; the rest is kept for speed and may change. */
export function stateOf(workflow: CompiledWorkflow, { run, steps }: RunSnapshot): Json {
  const actors = workflow.steps.map(({ id, index }) => [id, itemAt(steps, index).actor]);
  return JSON.parse(canonicalJson({ run, steps: Object.fromEntries(actors) })) as Json; // Text of JSON.
}

/** Every statechart that this version can drive, by id. Journals are folded by the one whose id they carry. */
const machines: readonly AnyStateMachine[] = [runMachine, stepMachine];

/** Digest of states, transitions, and the names of guards, actions and delays. */
export function machineDigest({ config }: Pick<AnyStateMachine, "config">): string {
  return sha256(canonicalJson(JSON.parse(JSON.stringify(config)) as Json)); // Text of JSON.
}

export function machineDigests(): Readonly<Record<string, string>> {
  return Object.fromEntries(machines.map((machine) => [machine.id, machineDigest(machine)]));
}

export function readMachines(version: string): Readonly<Record<string, string>> {
  return readJson(join(GOLDEN, version, "machines.json")) as Readonly<Record<string, string>>; // Written below.
}

export function goldenVersions(): readonly string[] {
  return foldersIn(GOLDEN);
}

export function readGoldens(version: string): readonly Golden[] {
  return foldersIn(join(GOLDEN, version)).map((name) => {
    const folder = join(GOLDEN, version, name);
    const lines = readFileSync(join(folder, "journal.jsonl"), "utf8").trim().split("\n");
    const parsed = lines.map((line) => JSON.parse(line) as JournalEntry & { readonly hash: string }); // Written below, here and on.
    return {
      name: `${version}/${name}`,
      definition: readJson(join(folder, "definition.json")) as unknown as GoldenDefinition,
      entries: parsed.map(({ hash: _, ...entry }) => entry),
      hashes: parsed.map(({ hash }) => hash),
      final: readJson(join(folder, "final.json")) as unknown as GoldenFinal,
    };
  });
}

export function writeGolden(version: string, { name, definition, entries, hashes, final }: Golden): void {
  const folder = join(GOLDEN, version, name);
  mkdirSync(folder, { recursive: true });
  writeJson(join(folder, "definition.json"), definition as unknown as Json);
  const lines = entries.map((entry, index) => `${JSON.stringify({ ...entry, hash: hashes[index] })}\n`);
  writeFileSync(join(folder, "journal.jsonl"), lines.join(""));
  writeJson(join(folder, "final.json"), final as unknown as Json);
}

export function writeMachines(version: string): void {
  mkdirSync(join(GOLDEN, version), { recursive: true });
  writeJson(join(GOLDEN, version, "machines.json"), machineDigests());
}

function foldersIn(folder: string): readonly string[] {
  const found = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return found.map(({ name }) => name).sort();
}

function readJson(file: string): Json {
  return JSON.parse(readFileSync(file, "utf8")) as Json; // Text of JSON.
}

function writeJson(file: string, value: Json): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
