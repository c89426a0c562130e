/** DBOS Transact on PostgreSQL: a workflow function whose steps are recorded one by one. */
import { DBOS } from "@dbos-inc/dbos-sdk";
import { drivePeer } from "../drive.ts";
import { startPostgres } from "../servers.ts";

await drivePeer(async ({ directory }) => {
  const postgres = await startPostgres(directory);
  const onSteps = new Map<number, () => void>();
  let next = 0;

  const chain = DBOS.registerWorkflow(
    async (id: number, length: number) => {
      for (let index = 0; index < length; index++) {
        await DBOS.runStep(
          async () => {
            onSteps.get(id)?.();
            return null;
          },
          { name: `s${index}` },
        );
      }
    },
    { name: "chain" },
  );
  const fanOut = DBOS.registerWorkflow(
    async (width: number) => {
      await Promise.all(Array.from({ length: width }, (_, index) => DBOS.runStep(async () => null, { name: `w${index}` })));
      await DBOS.runStep(async () => null, { name: "join" });
    },
    { name: "fanOut" },
  );
  let asleep = 0;
  const parked = DBOS.registerWorkflow(
    async (dueAt: number) => {
      asleep += 1;
      await DBOS.sleep(Math.max(1, dueAt - Date.now()));
      await DBOS.runStep(async () => null, { name: "after" });
    },
    { name: "parked" },
  );
  DBOS.setConfig({ name: "bench", systemDatabaseUrl: postgres.url, systemDatabasePoolSize: 20, logLevel: "error", runAdminServer: false });
  await DBOS.launch();

  return {
    async chain(length, onStep) {
      const id = next++;
      onSteps.set(id, onStep);
      await (await DBOS.startWorkflow(chain)(id, length)).getResult();
      onSteps.delete(id);
    },
    async fanOut(width) {
      await (await DBOS.startWorkflow(fanOut)(width)).getResult();
    },
    park(count, dueAt) {
      const start = async (): Promise<void> => {
        await (await DBOS.startWorkflow(parked)(dueAt)).getResult();
      };
      const all = Array.from({ length: count }, start);
      const resting = (async () => {
        while (asleep < count) await new Promise((resolve) => setTimeout(resolve, 20));
      })();
      return { parked: resting, woken: Promise.all(all).then(() => undefined) };
    },
    async [Symbol.asyncDispose]() {
      await DBOS.shutdown();
      await postgres[Symbol.asyncDispose]();
    },
  };
});
