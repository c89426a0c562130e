/** pg-boss: a step is a job; a loop fetches what is there, completes it and sends the next jobs. Its own poller waits half a second. */
import { PgBoss } from "pg-boss";
import { drivePeer } from "../drive.ts";
import { startPostgres } from "../servers.ts";

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

await drivePeer(async ({ directory, inFlight = 1, width = 1, workload }) => {
  const postgres = await startPostgres(directory);
  const boss = new PgBoss({ connectionString: postgres.url, max: 20, supervise: false, schedule: false });
  boss.on("error", (error: Error) => process.stderr.write(`error: ${error.message}\n`));
  await boss.start();
  await boss.createQueue("steps");
  const runs = new Map<number, Run>();
  let next = 0;
  let isClosed = false;
  const batchSize = workload === "w2" ? width : workload === "w4" ? 1_000 : Math.max(1, Math.ceil(inFlight / 4));

  async function take(): Promise<boolean> {
    const jobs = await boss.fetch<Step>("steps", { batchSize });
    if (jobs.length === 0) return false;
    const onward: { readonly data: Step }[] = [];
    for (const { data } of jobs) {
      runs.get(data.run)?.onStep();
      if (data.index >= 0 && data.index < data.last) onward.push({ data: { ...data, index: data.index + 1 } });
    }
    await boss.complete("steps", jobs.map(({ id }) => id));
    if (onward.length > 0) await boss.insert("steps", onward);
    for (const { data } of jobs) finish(data);
    return true;
  }

  function finish({ run: id, index, last }: Step): void {
    const run = runs.get(id);
    if (run === undefined || (index >= 0 ? index < last : --run.left > 0)) return;
    runs.delete(id);
    run.end();
  }

  async function loop(): Promise<void> {
    while (!isClosed) if (!(await take())) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const loops = Array.from({ length: workload === "w1" ? 4 : 1 }, loop);

  function begin(left: number, onStep: () => void): { readonly id: number; readonly ended: Promise<void> } {
    const id = next++;
    const { promise, resolve } = Promise.withResolvers<void>();
    runs.set(id, { onStep, end: resolve, left });
    return { id, ended: promise };
  }

  return {
    async chain(length, onStep) {
      const { id, ended } = begin(0, onStep);
      await boss.send("steps", { run: id, index: 0, last: length - 1 });
      await ended;
    },
    async fanOut(count) {
      const leaves = begin(count, () => {});
      await boss.insert("steps", Array.from({ length: count }, () => ({ data: { run: leaves.id, index: -1, last: 0 } })));
      await leaves.ended;
      const joined = begin(0, () => {});
      await boss.send("steps", { run: joined.id, index: 0, last: 0 });
      await joined.ended;
    },
    park(count, dueAt) {
      const all = begin(count, () => {});
      const job = () => ({ data: { run: all.id, index: -1, last: 0 }, startAfter: new Date(dueAt) });
      const add = async (): Promise<void> => {
        for (let done = 0; done < count; done += 500) await boss.insert("steps", Array.from({ length: Math.min(500, count - done) }, job));
      };
      return { parked: add(), woken: all.ended };
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await Promise.all(loops);
      await boss.stop({ graceful: false });
      await postgres[Symbol.asyncDispose]();
    },
  };
});
