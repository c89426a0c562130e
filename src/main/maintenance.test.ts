import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { useEngines, workflowOf } from "../../test/support/engine-bench.ts";
import { createTroupe } from "./create-troupe.ts";
import { openMaintenance } from "./maintenance.ts";

const bench = useEngines();

test("an unfinished run whose journal no engine can read is found, and only that", async () => {
  const { state, write } = bench.place();
  const troupe = await createTroupe({ state, functions: { hold: () => new Promise(() => {}), quick: () => null } });
  const hold = troupe.load(write(workflowOf("- id: hold", "  call: hold"), "hold.yaml"));
  const broken = await troupe.run(hold);
  await troupe.run(hold);
  const ended = await troupe.run(write(workflowOf("- id: quick", "  call: quick"), "quick.yaml"));
  await ended.result();
  await troupe.stop({ graceMs: 0 });
  const database = new DatabaseSync(join(state, "troupe.db"));
  database.exec("DROP TRIGGER run_events_stay");
  for (const id of [broken.id, ended.id])
    database
      .prepare("UPDATE run_events SET consumed = 'run.bogus' WHERE seq = 2 AND run = (SELECT run FROM journals WHERE id = ?)")
      .run(id);
  database.close();
  await using maintenance = await openMaintenance({ state, durability: "full" });
  expect(maintenance.unreadable()).toMatchObject([{ runId: broken.id, problem: expect.stringContaining("INV_UNHANDLED_EVENT") }]);
});
