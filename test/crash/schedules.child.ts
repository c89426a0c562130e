/** The scheduler of an engine in a process of its own, shortly before a slot on its own clock; killed where the test says. Prints each slot that is final. */
import { createWallClock } from "../../src/adapters/clock-system/wall-clock.ts";
import { openProject } from "../../src/main/project.ts";
import { openScheduling } from "../../src/main/triggers/scheduling.ts";

export const DEATHS = ["before-decision", "after-decision", "after-start", "after-settling", "never"] as const;
export type Death = (typeof DEATHS)[number];

/** What the test passes as the one argument. */
export interface ScheduleOrder {
  readonly state: string;
  /** What its clock shows at the beginning; epoch milliseconds. */
  readonly now: number;
  readonly death: Death;
}

const { state, now, death } = JSON.parse(process.argv[2] ?? "") as ScheduleOrder; // Written by the test.
const ahead = now - Date.now();
const wall = createWallClock();
const clock = { now: () => wall.now() + ahead, wakeAt: (at: number, wake: () => void) => wall.wakeAt(at - ahead, wake) };
const die = (at: Death): void => {
  if (at === death) process.kill(process.pid, "SIGKILL");
};

const project = await openProject({ state });
const driver = await project.drive({ adopt: "all" });
const { store } = project;
const watched: typeof store = Object.assign(Object.create(store), {
  ...store,
  async decideSlots(...order: Parameters<typeof store.decideSlots>) {
    if (order[1].slots.length > 0) die("before-decision");
    const fresh = await store.decideSlots(...order);
    if (fresh.length > 0) die("after-decision");
    return fresh;
  },
  async settleSlots(...order: Parameters<typeof store.settleSlots>) {
    await store.settleSlots(...order);
    die("after-settling");
  },
});
const starting: typeof driver = Object.assign(Object.create(driver), {
  async start(...order: Parameters<typeof driver.start>) {
    const run = await driver.start(...order);
    die("after-start");
    return run;
  },
});
// A getter of a class does not come along by itself.
Object.defineProperties(starting, { epoch: { get: () => driver.epoch }, safeMode: { get: () => driver.safeMode } });
openScheduling({ ...project, store: watched }, starting, {
  clock,
  warn: (message) => void process.stderr.write(`${message}\n`),
  settled: (outcome) => void process.stdout.write(`${outcome}\n`),
});
process.stdout.write("ready\n");
