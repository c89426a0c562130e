/** What a look-up in the step cache costs when a great many results are kept: the key from a declared file, the entry, the output. */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { createFileCache } from "../../src/adapters/cache-fs/store.ts";
import type { Digest, StepId } from "../../src/core/ids.ts";
import { createStepCache } from "../../src/main/step-cache.ts";
import type { CompiledStep } from "../../src/plan/workflow.ts";
import type { AttemptContext, Execution } from "../../src/ports/attempt.ts";
import { answer, readParameters } from "../meter.ts";

const { directory, entries, lookUps } = readParameters<{ directory: string; entries: number; lookUps: number }>();
const GROUPS = 50;

// Bystanders are put straight into the layout: only how many there are matters to those who look something up.
for (let index = 0; index < entries; index++) {
  const key = createHash("sha256").update(String(index)).digest("hex");
  const group = createHash("sha256")
    .update(`group ${index % GROUPS}`)
    .digest("hex")
    .slice(0, 32);
  const place = join(directory, "state/cache/v1/entries", group.slice(0, 2), group);
  if (index < GROUPS) mkdirSync(place, { recursive: true });
  writeFileSync(join(place, key), `${"0".repeat(64)}\n{}`);
}
const store = createFileCache({ directory: join(directory, "state/cache"), maxBytes: 1e12, referenced: () => [] as Digest[] });
await store[Symbol.asyncDispose]();
mkdirSync(join(directory, "src"));
for (let index = 0; index < 10; index++) writeFileSync(join(directory, `src/${index}`), "x".repeat(4_096));

const step = {
  id: "build" as StepId,
  type: "assert",
  config: {},
  env: {},
  item: null,
  cache: { key: [], files: ["src/*"], produces: [], env: [], ttlMs: null, version: "" },
  gate: null,
  isolation: null,
  tool: null,
  profile: null,
  inputSchema: null,
  outputSchema: null,
  outputVariable: null,
} as unknown as CompiledStep; // What the cache reads of a step.

/** One of many attempts that differ in a value of their environment. */
function contextOf(index: number): AttemptContext {
  const request = {
    runId: `run_${"0".repeat(32)}`,
    tenant: "default",
    workflow: { name: "bench", steps: [step] },
    step,
    attempt: 1,
    workspace: directory,
  };
  const context = {
    request,
    env: { N: String(index) },
    masks: [],
    isReattached: false,
    signal: new AbortController().signal,
    value: () => undefined,
  };
  return context as unknown as AttemptContext; // What the cache reads of a context.
}

await using cache = createStepCache({
  directory: join(directory, "state"),
  attempts: join(directory, "attempts"),
  interpreter: ["sh"],
  stepTypes: [],
  options: { maxBytes: 1e12 },
  env: {},
  warn: (message) => process.stderr.write(`${message}\n`),
});
const made: Execution = { kind: "succeeded", output: { text: "y".repeat(1_000) } };
const timesOf = async (): Promise<number[]> => {
  const times: number[] = [];
  for (let index = 0; index < lookUps; index++) {
    const context = contextOf(index);
    const begin = performance.now();
    await cache.layer.run(context, () => Promise.resolve(made));
    times.push(performance.now() - begin);
  }
  return times.sort((one, other) => one - other);
};
const at = (times: readonly number[], share: number): number => times[Math.floor((times.length - 1) * share)] ?? Number.NaN;
const missed = await timesOf();
const hit = await timesOf();
answer({ hitP50Ms: at(hit, 0.5), hitP99Ms: at(hit, 0.99), missP50Ms: at(missed, 0.5), missP99Ms: at(missed, 0.99) });
