/**
 * Records the golden journals of this version that are not there yet: `npx node test/conformance/record-golden.child.ts [NAME…]`.
 * One that is there is never written again: it is what users' state directories hold.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalJson, type Json } from "../../src/core/json.ts";
import { createTroupe } from "../../src/main/create-troupe.ts";
import { openProject } from "../../src/main/project.ts";
import type { Troupe } from "../../src/main/troupe.ts";
import { killAllOf } from "../crash/life.ts";
import { GOLDEN, machineDigests, readMachines, stateOf, writeGolden, writeMachines } from "../support/golden.ts";
import { type Shape, shapes } from "../support/golden-shapes.ts";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { readonly version: string }; // Ours has one.

/** Journals name the folder in which they were recorded, so it is the same everywhere. */
const ROOT = join(tmpdir(), "troupe-golden");

async function record({ name, run }: Shape): Promise<void> {
  const folder = join(ROOT, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const state = join(folder, "state");
  const engines: Troupe[] = [];
  const write = (text: string): string => {
    const file = join(folder, `${name}.troupe.yaml`);
    writeFileSync(file, text);
    return file;
  };
  const open = async (options = {}): Promise<Troupe> => {
    const troupe = await createTroupe({ state, ...options });
    engines.push(troupe);
    return troupe;
  };
  try {
    const { id } = await run({ folder, state, write, open });
    for (const engine of engines) await engine.stop({ graceMs: 0 });
    await keep(name, state, id);
  } finally {
    for (const engine of engines) await engine.stop({ graceMs: 0 });
    await killAllOf(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function keep(name: string, state: string, id: string): Promise<void> {
  await using project = await openProject({ state });
  const runId = project.runId(id);
  const stored = project.store.tail(0, Number.MAX_SAFE_INTEGER).filter((one) => one.runId === runId);
  const { workflow, snapshot } = project.snapshot(runId);
  const definition = project.store.definition(workflow.hash);
  if (definition === null) throw new Error(`${name} has no definition`);
  const { hash, name: title, file, document } = definition;
  writeGolden(version, {
    name,
    definition: { hash, name: title, file, document },
    entries: stored.map(({ entry }) => entry),
    hashes: stored.map((one) => one.hash),
    final: { runId, hash: stored.at(-1)?.hash ?? "", state: stateOf(workflow, snapshot) },
  });
  process.stdout.write(`${version}/${name}: ${stored.length} entries\n`);
}

const folder = join(GOLDEN, version);
if (!existsSync(join(folder, "machines.json"))) writeMachines(version);
else if (canonicalJson(readMachines(version) as Json) !== canonicalJson(machineDigests() as Json)) {
  process.stderr.write("A statechart has changed since the journals of this version were recorded: raise the version first.\n");
  process.exit(1);
}
const wanted = process.argv.slice(2);
for (const shape of shapes) {
  if (existsSync(join(folder, shape.name)) || (wanted.length > 0 && !wanted.includes(shape.name))) continue;
  await record(shape);
}
