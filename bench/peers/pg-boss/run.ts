/** pg-boss: a step is a job; a loop fetches what is there, completes it and sends the next jobs. Its own poller waits half a second. */
import { PgBoss } from "pg-boss";
import { drivePeer, JobRuns, type StepJob } from "../drive.ts";
import { startPostgres } from "../servers.ts";

await drivePeer(async ({ directory, inFlight = 1, width = 1, workload }) => {
  const postgres = await startPostgres(directory);
  const boss = new PgBoss({ connectionString: postgres.url, max: 20, supervise: false, schedule: false });
  boss.on("error", (error: Error) => process.stderr.write(`error: ${error.message}\n`));
  await boss.start();
  await boss.createQueue("steps");
  const runs = new JobRuns();
  let isClosed = false;
  const batchSize = workload === "w2" ? width : workload === "w4" ? 1_000 : Math.max(1, Math.ceil(inFlight / 4));

  async function take(): Promise<boolean> {
    const jobs = await boss.fetch<StepJob>("steps", { batchSize });
    if (jobs.length === 0) return false;
    const onward: { readonly data: StepJob }[] = [];
    for (const { data } of jobs) {
      runs.stepBegins(data);
      if (data.index >= 0 && data.index < data.last) onward.push({ data: { ...data, index: data.index + 1 } });
    }
    await boss.complete("steps", jobs.map(({ id }) => id));
    if (onward.length > 0) await boss.insert("steps", onward);
    for (const { data } of jobs) runs.stepEnded(data);
    return true;
  }

  async function loop(): Promise<void> {
    while (!isClosed) if (!(await take())) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const loops = Array.from({ length: workload === "w1" ? 4 : 1 }, loop);

  return {
    async chain(length, onStep) {
      const { id, ended } = runs.begin(0, onStep);
      await boss.send("steps", { run: id, index: 0, last: length - 1 });
      await ended;
    },
    async fanOut(count) {
      const leaves = runs.begin(count, () => {});
      await boss.insert("steps", Array.from({ length: count }, () => ({ data: { run: leaves.id, index: -1, last: 0 } })));
      await leaves.ended;
      const joined = runs.begin(0, () => {});
      await boss.send("steps", { run: joined.id, index: 0, last: 0 });
      await joined.ended;
    },
    park(count, dueAt) {
      const all = runs.begin(count, () => {});
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
