import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Explanation } from "../../../src/cli/explain.ts";
import { eventually } from "../../support/eventually.ts";
import { useFolder } from "./in-process.ts";
import { start } from "./spawned.ts";

// Several processes each, of which the first may have to be built.
vi.setConfig({ testTimeout: 60_000 });

const folder = useFolder();

const why = async (...words: string[]): Promise<readonly Explanation[]> =>
  JSON.parse((await folder.run(["why", "@latest", ...words, "-o", "json"])).out);

describe("a run that failed", () => {
  beforeEach(async () => {
    const file = folder.workflow(`name: failing
steps:
  - id: flaky
    retry: { max: 3, base: 1ms, exit_codes: [75], on: [timeout] }
    run: |
      echo "attempt $TROUPE_ATTEMPT" >&2
      echo "password is wrong" >&2
      [ "$TROUPE_ATTEMPT" = 1 ] && exit 75
      exit 3
  - { id: after, needs: [flaky], run: "true" }
  - { id: never, when: "input.x ?? 1 > 2 AND run.id == 'no'", run: "true" }
`);
    expect((await folder.run(["run", file])).code).toBe(1);
  });

  test("a failed step tells how each attempt ended, why it was repeated or not, what it printed last, and what can be done", async () => {
    const [step] = await why("flaky");
    expect(step).toMatchObject({
      actor: "flaky",
      state: "failed",
      enabled: [],
      attempts: [
        {
          attempt: 1,
          outcome: "failed",
          durationMs: expect.any(Number),
          failure: { exitCode: 75, class: "transient" },
          repeated: true,
          because: "`retry.exit_codes` has 75; retry 1 of 3",
        },
        { attempt: 2, outcome: "failed", failure: { exitCode: 3 }, repeated: false, because: "`retry.on` has timeout, not transient" },
      ],
      lastLines: ["attempt 2", "password is wrong"],
    });
    expect(step?.commands.map(({ command }) => command.replace(/run_\w+/, "RUN"))).toEqual([
      "troupe logs RUN flaky",
      "troupe retry RUN",
      "troupe fork RUN --from flaky",
    ]);
    const { out } = await folder.run(["why", "@latest", "flaky"]);
    expect(out).toContain("attempt 2  Exit code 3 after ");
    expect(out).toContain("│ password is wrong");
  });

  test("without a step, the run names those that failed", async () => {
    const all = await why();
    expect(all.map(({ actor, state }) => [actor, state])).toEqual([
      ["run", "failed"],
      ["flaky", "failed"],
    ]);
    expect(all[0]?.commands.map(({ command }) => command.replace(/run_\w+/, "RUN"))).toEqual(["troupe why RUN flaky", "troupe retry RUN"]);
  });

  test("a skipped step tells its reason, with what its condition was made of", async () => {
    expect((await why("after"))[0]?.waitsFor).toMatchObject({ kind: "nothing", reason: "it needs `flaky`, which failed" });
    const [never] = await why("never");
    expect(never?.condition).toMatchObject({ value: false, children: expect.any(Array) });
  });

  test("a step that does not exist is no step", async () => {
    expect((await folder.run(["why", "@latest", "flakky"])).err).toContain("(STEP_NOT_FOUND)");
  });
});

test("a quarantined step names exactly what a person can do, and after one crash is not said to keep dying", async () => {
  folder.workflow(`name: crashing
steps:
  - { id: order, on_engine_crash: quarantine, run: "echo ordering; echo $$ > pid; until [ -e go ]; do sleep 0.05; done" }
`);
  const running = start(["run", "x.troupe.yaml"], { cwd: folder.path });
  await running.saw("order started");
  await eventually(() => expect(readFileSync(join(folder.path, "pid"), "utf8")).not.toBe(""), 10_000);
  running.child.kill("SIGKILL");
  await running.ended;
  expect((await folder.run(["resume"])).code).toBe(5);
  const [listed] = JSON.parse((await folder.run(["quarantine", "list", "-o", "json"])).out);
  expect(listed.reason).toContain("its engine died, and `on_engine_crash: quarantine` asks a person");
  const [step] = await why("order");
  expect(step?.waitsFor).toEqual({ kind: "person", reason: expect.stringContaining("its engine died") });
  const commands = step?.commands.map(({ command }) => command) ?? [];
  expect(commands.map((command) => command.replace(/run_\w+/, "RUN"))).toEqual([
    "troupe logs RUN order",
    "troupe quarantine release RUN order",
    "troupe quarantine skip RUN order",
    "troupe quarantine override RUN order --value '<json>'",
    "troupe quarantine discard RUN order",
  ]);
  expect(step?.transitions).toContainEqual({ event: "step.release", waitsFor: "a person: `troupe quarantine release`" });
  // They can be typed as they are.
  expect((await folder.run((commands[2] ?? "").split(" ").slice(1))).code).toBe(0);
});

test("a run under way tells attempts, timers, places and needs, and who brings each transition", async () => {
  folder.workflow(`name: waiting
concurrency: 2
steps:
  - { id: hold, timeout: 1m, run: "until [ -e go ]; do sleep 0.05; done" }
  - { id: retried, retry: { max: 1, base: 1m, jitter: none }, run: "exit 75" }
  - { id: hold_too, run: "until [ -e go ]; do sleep 0.05; done" }
  - { id: queued, run: "true" }
  - { id: blocked, needs: [hold], run: "true" }
`);
  const running = start(["run", "x.troupe.yaml"], { cwd: folder.path });
  await running.saw("hold_too started");
  const by = new Map<string, Explanation>((await why()).map((one) => [one.actor, one]));
  expect(by.get("hold")).toMatchObject({
    waitsFor: { kind: "attempt", attempt: 1, dueAt: expect.any(Number) },
    attempts: [{ attempt: 1, outcome: null }],
  });
  expect(by.get("retried")).toMatchObject({
    waitsFor: { kind: "timer", dueAt: expect.any(Number) },
    attempts: [{ repeated: true, delayMs: 60_000, because: "`retry.on` has transient; retry 1 of 1" }],
  });
  expect(by.get("queued")).toMatchObject({
    waitsFor: { kind: "place" },
    queue: { place: 1, running: 2, waiting: 1, runLimit: 2, runHolders: ["hold", "hold_too"] },
    transitions: expect.arrayContaining([{ event: "attempt.start", waitsFor: "a place among the running attempts" }]),
  });
  expect(by.get("blocked")?.waitsFor).toEqual({ kind: "steps", steps: ["hold"] });
  const { out, err } = await folder.run(["why", "@latest", "retried"]);
  expect(out).toMatch(/retrying: next attempt in .* \(\d\d:\d\d:\d\d\)/);
  expect(out).toContain("answers timer backoff  from the timer of the retry");
  expect(err).toBe("");
  expect((await folder.run(["why"])).out).not.toContain("answers");
  expect((await folder.run(["why", "-v"])).out).toContain("answers run.pause");
  running.child.kill("SIGKILL");
  await running.ended;
  expect((await folder.run(["why"])).err).toContain("No engine drives this run at the moment: troupe resume run_");
});
