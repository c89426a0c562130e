import { describe, expect, test } from "vitest";
import { KernelRun, PERMANENT, told } from "../../test/support/kernel-run.ts";
import { buildWorkflow, type StepSpec } from "../../test/support/workflow-builder.ts";
import type { Json } from "../core/json.ts";
import type { FanOut } from "../plan/step-policies.ts";
import { fold } from "./fold.ts";
import { FAN_WINDOW, stepById } from "./roster.ts";
import { runScope, sourceOf } from "./scope.ts";
import { whyNot } from "./why-not.ts";

const over: FanOut["over"] = { kind: "list", items: { kind: "literal", value: [] } };
const fanOut = (parts: Partial<FanOut> = {}): FanOut => ({ over, key: null, maxParallel: null, onItemError: "fail", ...parts });
const noBlob = (): never => {
  throw new Error("nothing large is read here");
};

/** A run whose step `each` has fanned out over these keys; `after` needs it. */
function fanned(keys: readonly string[], spec: Partial<StepSpec> = {}): KernelRun {
  const each = { id: "each", fanOut: fanOut(), ...spec };
  const run = new KernelRun(buildWorkflow([each, { id: "after", needs: ["each"], join: "all_done" }])).create();
  run.grant("each");
  run.settle("each", { kind: "fanned", keys, items: keys.map((key) => ({ of: key })) });
  return run;
}

const outputOf = (run: KernelRun): Json | undefined => {
  const view = runScope(sourceOf(run.workflow, run.snapshot), noBlob).step("each");
  return view === undefined ? undefined : JSON.parse(JSON.stringify(view)).output;
};

describe("a step that fans out", () => {
  test("gives every item an actor, waits for all, and has their results in the order of the items", () => {
    const run = fanned(["a", "b/c"]);
    expect([run.step("each"), run.step("each[a]"), run.step("each[b%2Fc]")]).toEqual([
      "running.fanned",
      "pending.queued",
      "pending.queued",
    ]);
    run.grant("each[b%2Fc]");
    run.succeed("each[b%2Fc]", { n: 2 });
    expect(run.step("after")).toBe("pending.blocked");
    run.grant("each[a]");
    run.succeed("each[a]", { n: 1 });
    expect([run.step("each"), run.step("after")]).toEqual(["succeeded", "pending.queued"]);
    expect(outputOf(run)).toEqual([
      { key: "a", index: 0, status: "succeeded", output: { n: 1 }, error: null },
      { key: "b/c", index: 1, status: "succeeded", output: { n: 2 }, error: null },
    ]);
  });

  test("over nothing succeeds at once with nothing", () => {
    const run = fanned([]);
    expect(run.step("each")).toBe("succeeded");
    expect(outputOf(run)).toEqual([]);
  });

  test("lends each item its value, its key and its place", () => {
    const run = fanned(["a", "b"]);
    const source = sourceOf(run.workflow, run.snapshot);
    const step = stepById(source, "each[b]");
    expect(step && runScope(source, noBlob, { step }).value("item")).toEqual({ key: "b", index: 1, value: { of: "b" } });
  });

  test("lets no more items go than may be under way, and the next one when one has ended", () => {
    const run = fanned(["0", "1", "2"], { fanOut: fanOut({ maxParallel: 1 }) });
    expect(["0", "1", "2"].map((key) => run.step(`each[${key}]`))).toEqual(["pending.queued", "pending.blocked", "pending.blocked"]);
    run.run("each[0]");
    expect(["0", "1", "2"].map((key) => run.step(`each[${key}]`))).toEqual(["succeeded", "pending.queued", "pending.blocked"]);
  });

  test("asks for a window of places at a time, however many items it has", () => {
    const run = fanned(Array.from({ length: 10_000 }, (_, index) => String(index)));
    const asked = run.effects.filter(({ kind }) => kind === "requestPermit");
    expect(asked).toHaveLength(FAN_WINDOW + 1); // The step itself asked once.
  });

  test("lets items that share a lock go one by one", () => {
    const run = fanned(["0", "1"], { locks: ["db"] });
    expect([run.step("each[0]"), run.step("each[1]")]).toEqual(["pending.queued", "pending.blocked"]);
  });

  test("fails with its first failed item, cancels the rest, and names the item", () => {
    const run = fanned(["0", "1", "2"]);
    run.grant("each[0]");
    run.grant("each[1]");
    run.fail("each[0]");
    expect([run.step("each[1]"), run.step("each[2]"), run.step("each")]).toEqual(["running.stopping", "canceled", "running.fanned"]);
    run.settle("each[1]", { kind: "stopped" });
    expect(run.step("each")).toBe("failed");
    expect(run.context("each").failure).toMatchObject({ code: "ITEM_FAILED", class: "permanent", detail: `Item 0: ${PERMANENT.title}` });
    expect(run.snapshot.firstFailed).toBe(0);
  });

  test("collects failures as data when the author says so", () => {
    const run = fanned(["0", "1"], { fanOut: fanOut({ onItemError: "collect" }) });
    run.grant("each[0]");
    run.fail("each[0]");
    run.run("each[1]");
    expect(run.step("each")).toBe("succeeded");
    expect(outputOf(run)).toMatchObject([{ status: "failed", error: { code: "EXIT_CODE" } }, { status: "succeeded" }]);
    run.run("after");
    expect(run.state).toBe("succeeded");
  });

  test("retries each item by itself, under its own timer", () => {
    const run = fanned(["x"], { retry: { max: 1, baseMs: 500, on: ["permanent"] } });
    run.grant("each[x]");
    run.fail("each[x]");
    expect([run.step("each[x]"), run.step("each")]).toEqual(["retrying", "running.fanned"]);
    run.now += 60_000;
    run.fire("each[x]/backoff/1");
    expect(run.step("each[x]")).toBe("running.waiting");
  });

  test("goes on after its run stood before a person, whatever ended meanwhile", () => {
    const run = fanned(["0", "1"], { fanOut: fanOut({ maxParallel: 1 }) });
    run.grant("each[0]");
    run.send({ type: "run.quarantine", reason: "a person asked" });
    run.succeed("each[0]");
    run.resume();
    expect([run.state, run.step("each[1]")]).toEqual(["running.executing", "pending.queued"]);
    run.grant("each[1]");
    run.send({ type: "run.quarantine", reason: "a person asked" });
    run.succeed("each[1]");
    run.resume();
    expect([run.state, run.step("each"), run.step("after")]).toEqual(["running.executing", "succeeded", "pending.queued"]);
    expect(fold(run.workflow, run.journal)).toEqual(run.snapshot);
  });

  test("is canceled with its items", () => {
    const run = fanned(["0", "1"]);
    run.grant("each[0]");
    run.cancel();
    run.settle("each[0]", { kind: "stopped" });
    expect([run.state, run.step("each"), run.step("each[0]"), run.step("each[1]")]).toEqual([
      "canceled",
      "canceled",
      "canceled",
      "canceled",
    ]);
  });

  test("is the fold of its journal (I-4)", () => {
    const run = fanned(["0", "1"]);
    run.run("each[0]", "each[1]", "after");
    expect(fold(run.workflow, run.journal)).toEqual(run.snapshot);
    expect(told(run.journal)).toContain("each step.expanded running.executing>running.fanned");
  });
});

test("an item that was canceled names the one whose failure ended it", () => {
  const run = fanned(["a", "b", "c"]);
  run.grant("each[b]");
  run.fail("each[b]");
  const [why] = whyNot(run.workflow, run.snapshot, "each[a]");
  expect(why).toMatchObject({
    state: "canceled",
    waitsFor: { kind: "nothing", reason: "`each[b]` failed, and `on_item_error: fail` ends the others" },
  });
  const stopped = fanned(["a", "b"]);
  stopped.cancel();
  expect(whyNot(stopped.workflow, stopped.snapshot, "each[a]")[0]?.waitsFor).toEqual({ kind: "nothing", reason: "it has canceled" });
});
