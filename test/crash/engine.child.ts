/**
 * A whole engine in a process of its own, to be killed. Drives every run of a state directory to its end; starts runs first when there
 * are none. Prints their ends as JSON lines. `TROUPE_CRASH_AT` says where it dies.
 */
import type { JsonObject, RunHandle, RunView } from "../../src/main/index.ts";

/** What the test passes as the one argument. */
export interface EngineOrder {
  /** URL of the library that plays the engine. */
  readonly library: string;
  readonly state: string;
  readonly file: string;
  readonly input: JsonObject;
  readonly workspace: string;
  readonly runs: number;
  /** A crash loop is on purpose here, so the engine must not fall into safe mode (I-20): runs are resumed one by one. */
  readonly oneByOne: boolean;
  /** Steps that three deaths of their engine have put before a person (I-18) are released, as a person would. */
  readonly releases: boolean;
}

const order = JSON.parse(process.argv[2] ?? "") as EngineOrder; // Written by the test.
const { createTroupe } = (await import(order.library)) as typeof import("../../src/main/index.ts");

/** The functions that the embedding example registers: the first attempt fails, so that a retry is among what is interrupted. */
const functions = {
  look_up_prices({ articles }: { articles: readonly string[] }, { attempt }: { attempt: number }) {
    if (attempt === 1) throw Object.assign(new Error("The price service is starting."), { class: "transient" });
    return Object.fromEntries(articles.map((article) => [article, 2]));
  },
  add_up: ({ items }: { items: readonly { quantity: number }[] }) => ({
    net: items.reduce((sum, { quantity }) => sum + 2 * quantity, 0),
    currency: "EUR",
  }),
};

const { state, file, input, workspace, runs, oneByOne, releases } = order;
const troupe = await createTroupe({ state, maxWorkers: 4, functions, adopt: oneByOne ? "asked" : "all" });
const workflow = troupe.load(file);
// A key each, so that a start which was cut off is the same run when it is asked for again (I-8).
const started = Array.from({ length: runs }, (_, index) => troupe.run(workflow, { input, workspace, key: `run ${index}` }));
const handles = await Promise.all(started);
if (oneByOne) await Promise.all(handles.filter((run) => run.view().state === "running").map(resume));
process.stdout.write("working\n");
for (const view of await Promise.all(handles.map(endOf))) process.stdout.write(`${JSON.stringify(view)}\n`);
await troupe.stop({ graceMs: 0 });

async function endOf(run: RunHandle): Promise<RunView> {
  const view = await run.result();
  const [held] = view.steps.filter((step) => step.state === "quarantined");
  if (held === undefined || !releases) return view;
  await run.release(held.id);
  return endOf(run);
}

/** It may have ended between the look and the word. */
async function resume(run: RunHandle): Promise<void> {
  await run.resume().catch((error: { readonly code?: string }) => {
    if (error.code !== "RUN_ALREADY_FINISHED") throw error;
  });
}
