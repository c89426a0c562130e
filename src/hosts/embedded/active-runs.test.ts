import { expect, test } from "vitest";
import { eventually } from "../../../test/support/eventually.ts";
import { openHost } from "../../../test/support/host-bench.ts";
import { buildWorkflow } from "../../../test/support/workflow-builder.ts";
import type { CauseId, StepId } from "../../core/ids.ts";
import type { Store } from "../../ports/store.ts";

const ITEMS = 100;
const FANNED = buildWorkflow([
  {
    id: "each",
    fanOut: { over: { kind: "list", items: { kind: "literal", value: [] } }, key: null, maxParallel: null, onItemError: "fail" },
  },
]);

test("a run that waits for an answer sleeps after its engine was replaced, and its answer wakes it", async () => {
  const workflow = buildWorkflow([{ id: "a" }]);
  const first = await openHost({ workflow });
  const runId = await first.start(1);
  const parked = { kind: "parked", until: { parking: { kind: "timer" }, dueAt: null, onDue: { kind: "again" } } } as const;
  await eventually(() => first.attempts.get("a/1")?.(parked));
  await eventually(() => expect(first.state(1)).toBe("running.waiting"));
  await first.host.close();
  await first.store.disown();
  const ownership = await first.store.own("if-dead");
  const second = await openHost({ workflow, through: () => first.store, ownership });
  expect(second.host.load().activeRuns).toBe(0);
  const answer = { kind: "succeeded", output: 1 } as const;
  const event = { type: "step.answer", step: "a" as StepId, attempt: 1, answer, by: null, digest: null } as const;
  await second.host.post(runId, "answer:1" as CauseId, event);
  expect(second.state(1)).toBe("succeeded");
});

test("a run with a long journal that rests between answers is not read again for each of them, and is not awake", async () => {
  let read = 0;
  const through = (store: Store): Store =>
    new Proxy(store, {
      get(target, name) {
        if (name === "entries") read += 1;
        const member: unknown = Reflect.get(target, name);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
  const { host, start, attempts, state } = await openHost({ workflow: FANNED, through, limit: ITEMS });
  const runId = await start(1);
  const keys = Array.from({ length: ITEMS }, (_, index) => String(index));
  await eventually(() => attempts.get("each/1")?.({ kind: "fanned", keys, items: keys }));
  await eventually(() => expect(attempts.size).toBe(ITEMS));
  for (const end of attempts.values())
    end({ kind: "parked", until: { parking: { kind: "timer" }, dueAt: null, onDue: { kind: "again" } } });
  await eventually(() => expect(state(1)).toBe("running.waiting"));
  await eventually(() => expect(host.load().activeRuns).toBe(0));
  for (const key of keys) {
    const step = `each[${key}]` as StepId;
    const answer = { kind: "succeeded", output: key } as const;
    await host.post(runId, `answer:${key}` as CauseId, { type: "step.answer", step, attempt: 1, answer, by: null, digest: null });
  }
  await eventually(() => expect(state(1)).toBe("succeeded"));
  expect(read).toBe(0);
  expect(host.snapshot(runId).snapshot.run.value).toBe("succeeded");
});
