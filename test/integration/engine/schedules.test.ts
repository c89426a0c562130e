/** What a schedule does while its run goes on, with runs as they are. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { TenantId } from "../../../src/core/ids.ts";
import { openProject } from "../../../src/main/project.ts";
import { openScheduling } from "../../../src/main/triggers/scheduling.ts";
import { deployText } from "../../support/deploy.ts";
import { eventually } from "../../support/eventually.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const MINUTE = 60_000;
const key = { tenant: "default" as TenantId, workflow: "slow", schedule: "1" };
const stacks: AsyncDisposableStack[] = [];
afterEach(async () => {
  for (const stack of stacks.splice(0)) await stack.disposeAsync();
});

async function open(overlap: string, catchup = "last") {
  const stack = new AsyncDisposableStack();
  stacks.push(stack);
  const root = mkdtempSync(join(tmpdir(), "troupe-overlap-"));
  stack.defer(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
  const project = stack.use(await openProject({ state: join(root, "state") }));
  const driver = stack.use(await project.drive({ adopt: "all" }));
  const go = join(root, "go");
  stack.defer(() => writeFileSync(go, ""));
  await deployText(
    project,
    `name: slow\non: { schedule: [{ cron: "* * * * *", overlap: ${overlap}, catchup: ${catchup} }] }\nsteps: [{ id: a, run: "until [ -e ${go} ]; do sleep 0.05; done" }]\n`,
  );
  const clock = new ManualClock(Math.floor(Date.now() / MINUTE) * MINUTE + MINUTE + 1);
  const scheduler = stack.use(openScheduling(project, driver, { clock, warn: () => {} }));
  await scheduler.caughtUp(); // The minute in which it was deployed has ended: that slot is started.
  const outcomes = (): readonly string[] =>
    project.store
      .slots(key, 10)
      .map(({ outcome }) => outcome)
      .reverse();
  const states = (): readonly string[] =>
    project
      .list({ workflow: "slow", limit: 10 })
      .map(({ state }) => state.split(".")[0] ?? "")
      .reverse();
  return {
    clock,
    scheduler,
    outcomes,
    states,
    finish: () => writeFileSync(go, ""),
    async minute() {
      clock.pass(MINUTE);
      await scheduler.caughtUp();
    },
    reasons: () =>
      project.store
        .slots(key, 10)
        .map(({ reason }) => reason)
        .reverse(),
  };
}

describe("while the run of an earlier slot goes on", () => {
  test("skip: the new one is skipped, and which run was in its way is told", async () => {
    const bench = await open("skip");
    await bench.minute();
    expect(bench.outcomes().slice(-2)).toEqual(["started", "skipped"]);
    expect(bench.reasons().at(-1)).toMatch(/^run_[0-9a-f]{32} is running/);
    bench.finish();
    await eventually(async () => expect(bench.states()).not.toContain("running"));
    await bench.minute();
    expect(bench.outcomes().at(-1)).toBe("started");
  });

  test("queue: it waits, and is started when the one before has ended, without any time passing", async () => {
    const bench = await open("queue");
    await bench.minute();
    await bench.minute();
    expect(bench.outcomes().slice(-3)).toEqual(["started", "queued", "queued"]);
    expect(bench.states().filter((state) => state === "running")).toHaveLength(1);
    bench.finish();
    await eventually(async () => expect(bench.outcomes().slice(-3)).toEqual(["started", "started", "started"]), 10_000);
  });

  test("allow: it runs beside it", async () => {
    const bench = await open("allow");
    await bench.minute();
    expect(bench.outcomes().slice(-2)).toEqual(["started", "started"]);
    await eventually(async () => expect(bench.states().slice(-2)).toEqual(["running", "running"]));
  });

  test("replace: the earlier one is canceled, and only then the new one is started", async () => {
    const bench = await open("replace");
    const before = bench.outcomes().length;
    await bench.minute();
    await eventually(async () => expect(bench.outcomes().slice(before - 1)).toEqual(["started", "started"]), 15_000);
    await eventually(async () => expect(bench.states().slice(-2)).toEqual(["canceled", "running"]));
  });

  test("slots that are all made up for come one after another, also under skip", async () => {
    const bench = await open("skip", "all");
    bench.clock.set(bench.clock.now() + 5 * MINUTE);
    await bench.scheduler.caughtUp();
    const outcomes = bench.outcomes();
    expect(outcomes.filter((one) => one === "started")).toHaveLength(1);
    expect(outcomes.filter((one) => one === "queued").length).toBeGreaterThan(2);
  });
});
