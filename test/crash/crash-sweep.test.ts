/** F-1 and F-2: an engine may die anywhere. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { JsonObject } from "../../src/main/index.ts";
import { elapse } from "../support/elapse.ts";
import { generateWorkflow } from "./generate-workflow.ts";
import { type SweptWorkflow, sweep } from "./sweep.ts";

const example = (path: string): string => resolve("examples", path);
const officeBlock = JSON.parse(readFileSync(example("02-foundation-design/inputs/office-block.json"), "utf8")) as JsonObject; // An input of the example.

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function generated(seed: number): SweptWorkflow {
  const folder = mkdtempSync(join(tmpdir(), "troupe-generated-"));
  folders.push(folder);
  const file = join(folder, "generated.troupe.yaml");
  writeFileSync(file, generateWorkflow(seed));
  return { name: `generated workflow, seed ${seed}`, file, input: {}, stride: 2 };
}

/** Fan-out, a handler, a wait, a child run, compensation and a last step, in a run that fails. */
function vocabulary(): SweptWorkflow {
  const folder = mkdtempSync(join(tmpdir(), "troupe-vocabulary-"));
  folders.push(folder);
  writeFileSync(join(folder, "child.yaml"), "name: child\nsteps:\n  - { id: inner, run: 'sleep 0.02' }\n");
  const text = `name: vocabulary
steps:
  - id: book
    run: 'sleep 0.02'
    compensate: { run: 'sleep 0.02' }
  - id: each
    for_each: [1, 2, 3]
    max_parallel: 2
    run: 'test {{ item.value }} -ne 2 || test "$TROUPE_ATTEMPT" -ge 2'
    retry: { max: 2, base: 30ms, jitter: none, on: [transient] }
  - id: risky
    needs: [each]
    run: 'exit 3'
    catch: [{ match: { class: transient }, do: [{ id: mend, run: 'sleep 0.02' }] }]
  - id: nap
    needs: [risky]
    join: all_done
    for: 50ms
    type: wait
  - id: kid
    needs: [nap]
    type: workflow
    workflow_file: child.yaml
  - id: fails
    needs: [kid, book]
    run: 'exit 1'
finally:
  - { id: last, run: 'sleep 0.02' }
`;
  const file = join(folder, "vocabulary.troupe.yaml");
  writeFileSync(file, text);
  return { name: "the whole vocabulary", file, input: {}, stride: 2 };
}

/** The example's own server, fresh for every life, since it counts its visitors. */
async function flakyServer(folder: string): Promise<{ readonly input: JsonObject; readonly end: () => void }> {
  const server: ChildProcess = spawn(process.execPath, ["flaky-server.mjs", "address"], { cwd: folder, stdio: "ignore" });
  const address = join(folder, "address");
  while (!existsSync(address) || readFileSync(address, "utf8") === "") await elapse(10);
  return { input: { url: readFileSync(address, "utf8").trim() }, end: () => void server.kill("SIGKILL") };
}

const workflows: readonly SweptWorkflow[] = [
  { name: "01-hello", file: example("01-hello/hello.troupe.yaml"), input: {}, stride: 1 },
  { name: "02-foundation-design", file: example("02-foundation-design/foundation-design.json"), input: officeBlock, stride: 2 },
  { name: "03-retries", file: example("03-retries/retries.troupe.yaml"), input: {}, stride: 5, prepare: flakyServer },
  {
    name: "04-crash-resume",
    file: example("04-crash-resume/release.troupe.yaml"),
    input: {},
    stride: 1,
    prepare: async (folder) => {
      writeFileSync(join(folder, "go"), "");
      return {};
    },
  },
  { name: "05-workstreams", file: example("05-workstreams/workstreams.troupe.yaml"), input: {}, stride: 13 },
  {
    name: "06-embedding",
    file: example("06-embedding/quote.troupe.yaml"),
    input: { items: [{ article: "beam", quantity: 4 }] },
    stride: 1,
  },
  generated(1),
  generated(2),
  generated(3),
  vocabulary(),
];

/** For a machine that does a lot besides; on two quiet cores all sweeps together take less than six minutes. */
const TIMEOUT_MS = 400_000;
let total = 0;

test.each(workflows)(
  "$name ends the same wherever its engine is killed (F-1, F-2, I-2 to I-5, I-12)",
  async (workflow) => {
    const { kills, secondKills, problems } = await sweep(workflow, {
      victims: "engine",
      secondCrash: (kill) => (kill % 3 === 0 ? 1 + (kill % 7) : null),
    });
    total += kills;
    process.stdout.write(`${workflow.name}: ${kills} kills survived, ${secondKills} of them during recovery (${total} in all)\n`);
    expect(problems).toEqual([]);
    expect(kills).toBeGreaterThan(5);
  },
  TIMEOUT_MS,
);

test.each(workflows)(
  "$name ends the same when its commands die with its engine (F-3, I-13, I-14)",
  async (workflow) => {
    const { kills, problems } = await sweep({ ...workflow, stride: workflow.stride * 5 }, { victims: "all", secondCrash: () => null });
    total += kills;
    process.stdout.write(`${workflow.name}: ${kills} kills of the engine and its commands survived (${total} in all)\n`);
    expect(problems).toEqual([]);
    expect(kills).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
