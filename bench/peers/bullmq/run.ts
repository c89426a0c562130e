/** BullMQ: a step is a job whose processor adds the next one before it completes. It keeps no run, no log and no replay. */
import { type Job, Queue, Worker } from "bullmq";
import { drivePeer, JobRuns, type StepJob } from "../drive.ts";
import { startRedis } from "../servers.ts";

await drivePeer(async ({ directory, appendfsync = "always", inFlight = 1, width = 1, workload }) => {
  const redis = await startRedis(directory, appendfsync);
  const connection = { host: "127.0.0.1", port: redis.port };
  const queue = new Queue<StepJob>("steps", { connection, defaultJobOptions: { removeOnComplete: true } });
  const runs = new JobRuns();

  async function process({ data }: Job<StepJob>): Promise<null> {
    const { index, last } = data;
    runs.stepBegins(data);
    if (index < last && index >= 0) await queue.add("step", { ...data, index: index + 1 });
    return null;
  }
  const concurrency = workload === "w2" ? width : workload === "w4" ? 1_000 : inFlight;
  const worker = new Worker<StepJob>("steps", process, { connection, concurrency });
  worker.on("completed", ({ data }) => runs.stepEnded(data));
  await worker.waitUntilReady();

  return {
    async chain(length, onStep) {
      const { id, ended } = runs.begin(0, onStep);
      await queue.add("step", { run: id, index: 0, last: length - 1 });
      await ended;
    },
    async fanOut(count) {
      const leaves = runs.begin(count, () => {});
      await queue.addBulk(Array.from({ length: count }, () => ({ name: "leaf", data: { run: leaves.id, index: -1, last: 0 } })));
      await leaves.ended;
      const joined = runs.begin(0, () => {});
      await queue.add("join", { run: joined.id, index: 0, last: 0 });
      await joined.ended;
    },
    park(count, dueAt) {
      const all = runs.begin(count, () => {});
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
