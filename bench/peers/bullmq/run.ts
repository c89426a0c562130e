/** BullMQ: a step is a job whose processor adds the next one before it completes. It keeps no run, no log and no replay. */
import { type Job, Queue, Worker } from "bullmq";
import { drivePeer } from "../drive.ts";
import { startRedis } from "../servers.ts";

interface Step {
  readonly run: number;
  readonly index: number;
  readonly last: number;
}
interface Run {
  readonly onStep: () => void;
  readonly end: () => void;
  left: number;
}

await drivePeer(async ({ directory, appendfsync = "always", inFlight = 1, width = 1, workload }) => {
  const redis = await startRedis(directory, appendfsync);
  const connection = { host: "127.0.0.1", port: redis.port };
  const queue = new Queue<Step>("steps", { connection, defaultJobOptions: { removeOnComplete: true } });
  const runs = new Map<number, Run>();
  let next = 0;

  async function process({ data: { run: id, index, last } }: Job<Step>): Promise<null> {
    const run = runs.get(id);
    run?.onStep();
    if (index < last && index >= 0) await queue.add("step", { run: id, index: index + 1, last });
    return null;
  }
  const concurrency = workload === "w2" ? width : workload === "w4" ? 1_000 : inFlight;
  const worker = new Worker<Step>("steps", process, { connection, concurrency });
  worker.on("completed", ({ data: { run: id, index, last } }) => {
    const run = runs.get(id);
    if (run === undefined) return;
    if (index >= 0 ? index === last : --run.left === 0) {
      runs.delete(id);
      run.end();
    }
  });
  await worker.waitUntilReady();

  function begin(left: number, onStep: () => void): { readonly id: number; readonly ended: Promise<void> } {
    const id = next++;
    const { promise, resolve } = Promise.withResolvers<void>();
    runs.set(id, { onStep, end: resolve, left });
    return { id, ended: promise };
  }

  return {
    async chain(length, onStep) {
      const { id, ended } = begin(0, onStep);
      await queue.add("step", { run: id, index: 0, last: length - 1 });
      await ended;
    },
    async fanOut(count) {
      const leaves = begin(count, () => {});
      await queue.addBulk(Array.from({ length: count }, () => ({ name: "leaf", data: { run: leaves.id, index: -1, last: 0 } })));
      await leaves.ended;
      const joined = begin(0, () => {});
      await queue.add("join", { run: joined.id, index: 0, last: 0 });
      await joined.ended;
    },
    park(count, dueAt) {
      const all = begin(count, () => {});
      const job = () => ({ name: "leaf", data: { run: all.id, index: -1, last: 0 }, opts: { delay: dueAt - Date.now() } });
      const add = async (): Promise<void> => {
        for (let done = 0; done < count; done += 500) await queue.addBulk(Array.from({ length: Math.min(500, count - done) }, job));
      };
      return { parked: add(), woken: all.ended };
    },
    async [Symbol.asyncDispose]() {
      await worker.close(true);
      await queue.close();
      await redis[Symbol.asyncDispose]();
    },
  };
});
