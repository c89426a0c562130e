// Runs a workflow from a program. In a project of yours, the import reads: import { createTroupe } from "troupe";
import { createTroupe, type FunctionContext } from "../../src/main/index.ts";

interface Item {
  readonly article: string;
  readonly quantity: number;
}

const LIST = new Map([
  ["bolt", 0.2],
  ["beam", 85],
]);

/** Fails the first time, as a service that is just starting would. */
async function lookUpPrices({ articles }: { articles: readonly string[] }, { attempt }: FunctionContext): Promise<Record<string, number>> {
  if (attempt === 1) throw Object.assign(new Error("The price service is starting."), { class: "transient" });
  return Object.fromEntries(articles.map((article) => [article, LIST.get(article) ?? 0]));
}

function addUp({ items, prices }: { items: readonly Item[]; prices: Record<string, number> }, context: FunctionContext): object {
  context.progress({ percent: 50 });
  const net = items.reduce((sum, { article, quantity }) => sum + quantity * (prices[article] ?? 0), 0);
  return { net, currency: "EUR" };
}

await using troupe = await createTroupe({
  memory: true,
  functions: { look_up_prices: lookUpPrices, add_up: addUp },
});

const run = await troupe.run("quote.troupe.yaml", {
  input: {
    items: [
      { article: "beam", quantity: 4 },
      { article: "bolt", quantity: 120 },
    ],
  },
});

console.log("--- events");
for await (const { seq, type, stepId = "", from = "", to } of run.events()) {
  console.log(`${String(seq).padStart(2)} ${type.padEnd(16)} ${stepId.padEnd(7)} ${from} -> ${to}`);
}

const { state, output, steps } = await run.result();
// The workflow's own schema was checked before the run counted as succeeded, so the cast holds.
const quote = output as { readonly total: number; readonly currency: string };
console.log("--- result");
console.log(`${state}: ${quote.total} ${quote.currency}, prices after ${steps[0]?.attempts} attempts`);

console.log("--- fork from `total`: prices are taken over, the rest is computed again");
const fork = await run.fork("total");
const forked = await fork.result();
console.log(`${forked.state}, parent ${forked.parent?.runId === run.id ? "is the first run" : "is unknown"}`);
for (const { id, cached } of forked.steps) console.log(`${id.padEnd(7)} ${cached ? "taken over" : "ran"}`);

console.log("--- an input that does not fit");
try {
  await troupe.run("quote.troupe.yaml", { input: { items: [{ article: "beam", quantity: 0 }] } });
} catch (error) {
  console.log(error instanceof Error ? error.message : error);
}
