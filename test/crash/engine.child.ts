/**
 * A whole engine in a process of its own, to be killed. Drives every run of a state directory to its end; starts one first when there is
 * none. Prints the end as JSON. `TROUPE_CRASH_AT` says where it dies.
 */

import type { Json } from "../../src/main/index.ts";
import { createTroupe } from "../../src/main/index.ts";

const [state = "", file = "", input = "{}", workspace = ""] = process.argv.slice(2);
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
const troupe = await createTroupe({ state, maxWorkers: 4, functions });
const [earlier] = troupe.list({ limit: 1 });
const given = JSON.parse(input) as Json; // Written by the test.
const run = earlier === undefined ? await troupe.run(file, { input: given, workspace }) : troupe.get(earlier.id);
const view = await run.result();
await troupe.stop({ graceMs: 0 });
process.stdout.write(`${JSON.stringify(view)}\n`);
