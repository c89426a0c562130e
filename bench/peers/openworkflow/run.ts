/** OpenWorkflow on SQLite, which node:sqlite opens with synchronous=FULL. Its results are polled, so ends are seen by the last step. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OpenWorkflow } from "openworkflow";
import { BackendSqlite } from "openworkflow/sqlite";
import { drivePeer } from "../drive.ts";

interface Input {
  readonly id: number;
  readonly length: number;
  readonly width: number;
  readonly dueAt: number;
}
interface Run {
  readonly onStep: () => void;
  readonly end: () => void;
}

await drivePeer(async ({ directory, inFlight = 1, workload }) => {
  const backend = BackendSqlite.connect(join(directory, "openworkflow.db"));
  const engine = new OpenWorkflow({ backend });
  const runs = new Map<number, Run>();
  let next = 0;
  let asleep = 0;

  const workflow = engine.defineWorkflow<Input, null>({ name: "bench" }, async ({ input: { id, length, width, dueAt }, step }) => {
    if (dueAt > 0) {
      asleep += 1;
      await step.sleep("wait", `${Math.max(1, dueAt - Date.now())}ms`);
    }
    for (let index = 0; index < length; index++) {
      await step.run({ name: `s${index}` }, () => {
        runs.get(id)?.onStep();
        return null;
      });
    }
    if (width > 0) {
      await Promise.all(Array.from({ length: width }, (_, index) => step.run({ name: `w${index}` }, () => null)));
      await step.run({ name: "join" }, () => null);
    }
    runs.get(id)?.end();
    return null;
  });
  const worker = engine.newWorker({ concurrency: workload === "w4" ? 1_000 : Math.max(1, inFlight) });
  await worker.start();

  async function run(input: Omit<Input, "id">, onStep: () => void = () => {}): Promise<void> {
    const id = next++;
    const { promise, resolve } = Promise.withResolvers<void>();
    runs.set(id, { onStep, end: resolve });
    await workflow.run({ ...input, id });
    await promise;
    runs.delete(id);
  }

  return {
    chain: (length, onStep) => run({ length, width: 0, dueAt: 0 }, onStep),
    fanOut: (width) => run({ length: 0, width, dueAt: 0 }),
    park(count, dueAt) {
      const all = Array.from({ length: count }, () => run({ length: 1, width: 0, dueAt }));
      const parked = (async () => {
        while (asleep < count) await sleep(20);
      })();
      return { parked, woken: Promise.all(all).then(() => undefined) };
    },
    async [Symbol.asyncDispose]() {
      await worker.stop();
      await backend.stop();
    },
  };
});
