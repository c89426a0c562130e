/** What a breaker adds to a call, among a thousand breakers (mission O7): closed, and open. The work itself is nothing. */
import { performance } from "node:perf_hooks";
import { createBreakers } from "../../src/adapters/breaker-opossum/breakers.ts";
import type { TenantId } from "../../src/core/ids.ts";
import type { BreakerKey, CallVerdict } from "../../src/ports/breaker.ts";
import { answer, readParameters } from "../meter.ts";
import { quantileOf } from "../tally.ts";

const { calls, breakers: count } = readParameters<{ calls: number; breakers: number }>();

using breakers = createBreakers();
const keyOf = (index: number): BreakerKey => ({ tenant: "default" as TenantId, target: `tool:${index}` });
const nothing = (): Promise<number> => Promise.resolve(1);
const judge = (): CallVerdict => "answered";
const call = (key: BreakerKey): Promise<unknown> => breakers.call(key, nothing, judge);

async function timesOf(work: () => Promise<unknown>): Promise<readonly number[]> {
  for (let index = 0; index < calls / 5; index++) await work();
  const times: number[] = [];
  for (let index = 0; index < calls; index++) {
    const begin = performance.now();
    await work();
    times.push((performance.now() - begin) * 1_000);
  }
  return times;
}

for (let index = 0; index < count; index++) await call(keyOf(index));
const bare = await timesOf(nothing);
const closed = await timesOf(() => call(keyOf(count - 1)));
const broken = keyOf(count - 2);
for (let index = 0; index < 10; index++) await breakers.call(broken, nothing, () => "failed");
if (breakers.state(broken) !== "open") throw new Error("it should be open");
const open = await timesOf(() => call(broken));
answer({
  closedP50Us: quantileOf(closed, 0.5),
  closedP99Us: quantileOf(closed, 0.99),
  openP50Us: quantileOf(open, 0.5),
  openP99Us: quantileOf(open, 0.99),
  barePromiseP50Us: quantileOf(bare, 0.5),
});
