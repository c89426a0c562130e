import { describe, expect, test } from "vitest";
import { createTroupe } from "../../../src/main/create-troupe.ts";
import { useEngines } from "../../support/engine-bench.ts";
import { eventually } from "../../support/eventually.ts";

const engines = useEngines();

async function asking(text: string) {
  const opened = await engines.open();
  const run = await opened.troupe.run(opened.write(text), { workspace: opened.workspace, context: { startedBy: "bob" } });
  await eventually(() => expect(run.approvals().length).toBeGreaterThan(0), 10_000);
  return { ...opened, run };
}

const ONE = `
name: one
steps:
  - { id: ask, type: approval, prompt: "Go?", who: [leads], four_eyes: true }
  - { id: end, run: 'true', needs: [ask] }
`;

describe("a decision by the library (I-24)", () => {
  test("counts once: of many in one moment the first wins, and the others are told", async () => {
    const { run } = await asking(ONE);
    const approve = (name: string) => run.decide({ decision: "approved", by: name, groups: ["leads"] });
    const reject = (name: string) => run.decide({ decision: "rejected", by: name, groups: ["leads"] });
    const answers = await Promise.allSettled([approve("ann"), reject("eve"), approve("carl"), reject("dora")]);
    expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected", "rejected"]);
    for (const answer of answers)
      if (answer.status === "rejected") expect(["STEP_NOT_WAITING", "APPROVAL_NONE"]).toContain(answer.reason.code);
    const view = await run.result();
    expect(view.steps[0]?.state === "succeeded" || view.steps[0]?.error?.code === "APPROVAL_REJECTED").toBe(true);
    expect(await run.decide({ decision: "approved", by: "late", groups: ["leads"] }).catch(({ code }) => code)).toBe("APPROVAL_NONE");
  });

  test("is of somebody who is asked, and not of whoever started the run", async () => {
    const { run } = await asking(ONE);
    const decide = (by: string, groups: readonly string[] = []) =>
      run.decide({ decision: "approved", by, groups }).catch(({ code }) => code);
    expect([await decide("eve"), await decide("bob", ["leads"])]).toEqual(["APPROVAL_NOT_YOURS", "APPROVAL_OWN_RUN"]);
    expect(await decide("ann", ["leads"])).toBeUndefined();
    expect((await run.result()).state).toBe("succeeded");
  });

  test("comes too late after a cancel", async () => {
    const { run } = await asking(ONE);
    await run.cancel();
    await expect(run.decide({ decision: "approved", by: "ann", groups: ["leads"] })).rejects.toMatchObject({ code: "APPROVAL_NONE" });
    expect((await run.result()).state).toBe("canceled");
  });

  test("keeps its digest over a restart, and what was shown before is decided about after it", async () => {
    const { troupe, run, state } = await asking(ONE);
    const [before] = run.approvals();
    await troupe.stop();
    await using next = await createTroupe({ state });
    expect(next.approvals()).toEqual([before]);
    const again = next.get(run.id);
    await again.decide({ decision: "approved", by: "ann", groups: ["leads"], digest: before?.digest ?? "" });
    expect((await again.result()).state).toBe("succeeded");
  });

  test("names its step where there are several, items of a fan-out among them", async () => {
    const { run } = await asking(`
name: several
steps:
  - { id: ask, type: approval, prompt: "{{ item.value }}?", for_each: [eu, us], key: "{{ item.value }}" }
`);
    await eventually(() => expect(run.approvals()).toHaveLength(2), 10_000);
    await expect(run.decide({ decision: "approved", by: "ann" })).rejects.toMatchObject({ code: "APPROVAL_WHICH" });
    expect(run.approvals().map(({ step, request }) => `${step} ${request.prompt}`)).toEqual(["ask[eu] eu?", "ask[us] us?"]);
    for (const { step } of run.approvals()) await run.decide({ decision: "approved", by: "ann", step });
    expect((await run.result()).state).toBe("succeeded");
  });

  test("against it may be caught, and the run goes another way", async () => {
    const { run } = await asking(`
name: caught
steps:
  - id: ask
    type: approval
    prompt: "Go?"
    catch: [{ match: { code: APPROVAL_REJECTED }, do: fallback, value: { decision: refused } }]
output: { decision: "{{ steps.ask.output.decision }}" }
`);
    await run.decide({ decision: "rejected", by: "ann" });
    expect(await run.result()).toMatchObject({ state: "succeeded", output: { decision: "refused" } });
  });
});

test("a wait ends at its time, and one for an event when that comes, whatever holds a place", async () => {
  const { troupe, write, workspace } = await engines.open({ maxWorkers: 1 });
  const file = write(`
name: waits
steps:
  - { id: rest, type: wait, for: 300ms }
  - { id: never, type: wait, event: never, timeout: { after: 400ms, then: fallback, value: { late: true } } }
  - { id: heard, type: wait, event: go }
  - { id: busy, run: 'true' }
output: { waited: "{{ steps.rest.output.waitedMs }}", late: "{{ steps.never.output.late }}", data: "{{ steps.heard.output.data }}" }
`);
  const run = await troupe.run(file, { workspace });
  await eventually(() => expect(run.view().steps[2]?.detail).toBe("running.parked"), 10_000);
  await troupe.sendEvent("go", { data: [1], id: "e1" });
  const { state, output, steps } = await run.result();
  expect([state, output]).toEqual(["succeeded", { waited: 300, late: true, data: [1] }]);
  expect(steps[0]?.durationMs).toBeGreaterThanOrEqual(300);
  await expect(troupe.sendEvent("go", { run: run.id })).rejects.toMatchObject({ code: "EVENT_UNHEARD" });
});
