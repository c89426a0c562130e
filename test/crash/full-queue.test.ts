/** I-37: a queue filled to its bound needs bounded memory, and loses nothing of what it took. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { builtLibrary } from "../support/built.ts";
import { workflowOf } from "../support/workflow-of.ts";

/** New runs are refused from 80 % of the bound on. */
const QUEUED = 8_000;
/** Old space in MiB, for the engine and all runs that wait. */
const HEAP_MIB = 96;

/** Fills the queue while the only place is taken, then lets everything go. */
const PROGRAM = `
  const { createTroupe } = await import(process.env.LIBRARY);
  const { promise: held, resolve: letGo } = Promise.withResolvers();
  let started = 0;
  const functions = { hold: () => held, nothing: () => { started += 1; return null; } };
  const troupe = await createTroupe({ state: "state", durability: "relaxed", maxWorkers: 1, functions });
  const first = await troupe.run("hold.yaml");
  const quick = troupe.load("quick.yaml");
  const taken = [];
  let refusal = null;
  while (refusal === null) {
    const asked = await Promise.allSettled(Array.from({ length: 100 }, () => troupe.run(quick)));
    for (const { status, value, reason } of asked) status === "fulfilled" ? taken.push(value.id) : (refusal = reason.code);
  }
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  letGo(null);
  await first.result();
  let ended = 0;
  for (const id of taken) if ((await troupe.get(id).result()).state === "succeeded") ended += 1;
  console.log(JSON.stringify({ taken: taken.length, refusal, ended, started, heapMib: Math.round(heapUsed / 2 ** 20), rssMib: Math.round(rss / 2 ** 20) }));
  await troupe.stop({ graceMs: 0 });
  process.exit(0);`;

test(`a heap of ${HEAP_MIB} MiB holds a full queue of ${QUEUED} runs, and every one of them ends (I-37, F-42)`, () => {
  const root = mkdtempSync(join(tmpdir(), "troupe-queue-"));
  try {
    writeFileSync(join(root, "hold.yaml"), workflowOf("- id: hold", "  call: hold"));
    writeFileSync(join(root, "quick.yaml"), workflowOf("- id: quick", "  call: nothing"));
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [`--max-old-space-size=${HEAP_MIB}`, "--expose-gc", "--input-type=module", "-e", PROGRAM],
      { cwd: root, encoding: "utf8", env: { ...process.env, LIBRARY: builtLibrary() } },
    );
    expect({ status, stderr: stderr.slice(-1_000) }).toMatchObject({ status: 0 });
    process.stdout.write(`a full queue: ${stdout}`);
    const { taken, refusal, ended, started } = JSON.parse(stdout) as Record<string, unknown>; // Printed by the program above.
    expect({ refusal, ended, started }).toEqual({ refusal: "BACKPRESSURE", ended: taken, started: taken });
    expect(taken).toBeGreaterThanOrEqual(QUEUED);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
