import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import type { DeliveryState } from "../../../src/ports/outbox.ts";
import { eventually } from "../../support/eventually.ts";
import { FAILING, type Telling, useTelling } from "../../support/notify-bench.ts";
import { SIGNING_KEY, startReceiver } from "../../support/notify-receiver.ts";
import { workflowOf } from "../../support/workflow-of.ts";

const telling = useTelling();
const ROUTING_KEY = "0123456789abcdef0123456789abcdef";
const SLACK = "to: { slack: { url: { env: SLACK } } }";

const statesOf = ({ project }: Telling): DeliveryState[] => project.store.deliveries({ limit: 100 }).map(({ state }) => state);

describe("an engine with rules", () => {
  test("tells what failed, where, and what to do next", async () => {
    const receiver = await startReceiver();
    const engine = await telling({
      rules: [`name: oncall\non: [run.failed]\n${SLACK}`],
      env: { SLACK: `${receiver.url}/slack` },
      publicUrl: "https://troupe.example.org",
    });
    const runId = await engine.run(FAILING);
    await eventually(() => expect(receiver.received).toHaveLength(1));
    const text = receiver.received[0]?.raw ?? "";
    expect(text).toContain("test failed at step build");
    expect(text).toContain(`troupe why ${runId} build`);
    expect(text).toContain(`https://troupe.example.org/runs/${runId}`);
    await eventually(() => expect(statesOf(engine)).toEqual(["sent"]));
    expect(engine.warnings).toEqual([]);
  });

  test("says nothing of what happened before it had any", async () => {
    const receiver = await startReceiver();
    const env = { SLACK: `${receiver.url}/slack` };
    const before = await telling({ rules: [] });
    await before.run(FAILING);
    await before.driver.suspend(0);
    const engine = await telling({ rules: [`name: a\non: [run.failed, run.succeeded]\n${SLACK}`], env, at: before });
    await engine.run(workflowOf("- id: a", "  run: 'true'"));
    await eventually(() => expect(receiver.received).toHaveLength(1));
    expect(receiver.received[0]?.raw).toContain("has succeeded");
  });

  test("asks for a decision, and tells of a step that is stuck", async () => {
    const receiver = await startReceiver();
    const rules = [`name: a\non: [approval.requested]\nto: { webhook: { url: '${receiver.url}/webhook', secret: { env: KEY } } }`];
    const engine = await telling({ rules, env: { KEY: SIGNING_KEY } });
    const workflow = workflowOf("- id: ask", "  type: approval", "  prompt: Shall we?");
    const runId = await engine.driver.start(engine.project.compile(workflow), { workspace: engine.workspace });
    await eventually(() => expect(receiver.received).toHaveLength(1));
    expect(receiver.received[0]?.body).toMatchObject({
      type: "approval.requested",
      data: { step: "ask", next: `troupe approve ${runId} ask`, event: { data: { prompt: "Shall we?" } } },
    });
  });

  test("resolves an incident when the retried run succeeds", async () => {
    const receiver = await startReceiver();
    const rules = [`name: pager\non: [run.failed]\nto: { pagerduty: { routing_key: { env: KEY }, url: '${receiver.url}/pagerduty' } }`];
    const engine = await telling({ rules, env: { KEY: ROUTING_KEY } });
    const failed = await engine.run(workflowOf("- id: build", "  run: 'test -e ok'"));
    await eventually(() => expect(receiver.received).toHaveLength(1));
    writeFileSync(`${engine.workspace}/ok`, "");
    const retried = await engine.driver.startFrom(failed as never, { kind: "retry" });
    await engine.driver.rest(retried);
    await eventually(() => expect(receiver.received).toHaveLength(3));
    const events = receiver.received.map(({ body }) => [body.event_action, body.dedup_key]);
    const key = `troupe:pager:run:${failed}`;
    expect(events).toEqual([
      ["trigger", key],
      ["acknowledge", key],
      ["resolve", key],
    ]);
  });

  test("repeats what came to nothing under the same id, as late as the receiver asks", async () => {
    const receiver = await startReceiver();
    receiver.instead("/webhook", { status: 429, headers: { "retry-after": "3" } });
    const rules = [`name: a\non: [run.failed]\nto: { webhook: { url: '${receiver.url}/webhook', secret: { env: KEY } } }`];
    const engine = await telling({ rules, env: { KEY: SIGNING_KEY } });
    await engine.run(FAILING);
    await eventually(() => expect(receiver.received).toHaveLength(1));
    const first = performance.now();
    await eventually(() =>
      expect(engine.project.store.deliveries({ limit: 1 })).toMatchObject([{ state: "pending", attempts: 1, error: "It answered 429:" }]),
    );
    await eventually(() => expect(receiver.received).toHaveLength(2));
    expect(performance.now() - first).toBeGreaterThan(2_500);
    expect(receiver.received[1]?.headers["webhook-id"]).toBe(receiver.received[0]?.headers["webhook-id"]);
    expect(receiver.received[1]?.raw).toBe(receiver.received[0]?.raw);
    await eventually(() => expect(engine.project.store.deliveryCounts()).toContainEqual({ channel: "webhook", outcome: "sent", count: 1 }));
  });

  test("gives up where the receiver says that it never will, and a person may try again", async () => {
    const receiver = await startReceiver();
    receiver.instead("/slack", { status: 404, body: "no_service" });
    const engine = await telling({ rules: [`name: a\non: [run.failed]\n${SLACK}`], env: { SLACK: `${receiver.url}/slack` } });
    await engine.run(FAILING);
    await eventually(() =>
      expect(engine.project.store.deliveries({ limit: 1 })).toMatchObject([{ state: "failed", error: "It answered 404: no_service" }]),
    );
    expect(await engine.project.store.retryDeliveries(null, Date.now())).toBe(1);
    await eventually(() => expect(statesOf(engine)).toEqual(["sent"]));
  });

  test("names a secret that is missing, and waits for it", async () => {
    const engine = await telling({ rules: [`name: a\non: [run.failed]\n${SLACK}`] });
    await engine.run(FAILING);
    await eventually(() =>
      expect(engine.project.store.deliveries({ limit: 1 })).toMatchObject([
        { state: "pending", error: expect.stringContaining("no environment variable SLACK") },
      ]),
    );
  });

  test("drops what belongs to a rule that is gone", async () => {
    const receiver = await startReceiver();
    receiver.instead("/slack", { status: 500 });
    const first = await telling({ rules: [`name: old\non: [run.failed]\n${SLACK}`], env: { SLACK: `${receiver.url}/slack` } });
    await first.run(FAILING);
    await eventually(() => expect(first.project.store.deliveries({ limit: 1 })).toMatchObject([{ attempts: 1 }]));
    await first.driver.suspend(0);
    const second = await telling({ rules: [`name: new\non: [run.failed]\n${SLACK}`], at: first });
    expect(second.project.store.deliveries({ limit: 1 })).toMatchObject([{ rule: "old", state: "dropped", error: "its rule is gone" }]);
    expect(second.project.store.deliveryCounts()).toContainEqual({ channel: "slack", outcome: "dropped", count: 1 });
  });
});

describe("a channel that is down (F-45)", () => {
  const refused = "http://127.0.0.1:1/";
  /** What one message may take. */
  const TIME_LIMIT_MS = 10_000;

  /** Takes connections and says nothing. */
  async function silent(): Promise<string> {
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
  }

  test.each(["refuses", "is silent", "answers 500", "answers without end"])(
    "and %s delays neither runs nor the end of the engine by 5 s",
    async (how) => {
      const receiver = await startReceiver();
      receiver.instead(
        "/slack",
        ...Array.from({ length: 50 }, () => (how === "answers 500" ? { status: 500 } : { status: 500, bytes: 50_000_000 })),
      );
      const url = how === "refuses" ? refused : how === "is silent" ? await silent() : `${receiver.url}/slack`;
      const engine = await telling({
        rules: [`name: a\non: [run.started, run.failed]\n${SLACK}`, `name: b\non: [run.failed]\nto: { slack: { url: { env: GOOD } } }`],
        env: { SLACK: url, GOOD: `${receiver.url}/slack/good` },
      });
      const began = performance.now();
      for (let index = 0; index < 5; index++) await engine.run(FAILING);
      expect(performance.now() - began).toBeLessThan(TIME_LIMIT_MS);
      // Another channel hears of all of it meanwhile.
      await eventually(() => expect(receiver.received.filter(({ path }) => path === "/slack/good")).toHaveLength(5));
      const ending = performance.now();
      await engine.driver.suspend(0);
      expect(performance.now() - ending).toBeLessThan(5_000);
      const left = engine.project.store.deliveries({ rule: "a", states: ["pending"], limit: 100 });
      expect(left).toHaveLength(10);
    },
  );

  test("is left alone after some failures, which uses up no attempt", async () => {
    const receiver = await startReceiver();
    const rules = [
      `name: a\non: [run.started, run.failed, breaker.opened]\n${SLACK}`,
      `name: b\non: [breaker.opened]\nto: { slack: { url: { env: GOOD } } }`,
    ];
    const engine = await telling({ rules, env: { SLACK: refused, GOOD: `${receiver.url}/slack` } });
    for (let index = 0; index < 4; index++) await engine.run(FAILING);
    await eventually(() => expect(engine.project.store.breakers(0)).toMatchObject([{ target: "notify:a", actor: { state: "open" } }]));
    await engine.run(FAILING);
    await eventually(() => {
      const rows = engine.project.store.deliveries({ limit: 100 });
      expect(rows.some(({ attempts, error }) => attempts === 0 && error?.includes("left alone"))).toBe(true);
    });
    // Whoever has another channel hears of it; that channel itself could not.
    await eventually(() => expect(receiver.received).toHaveLength(1));
    expect(receiver.received[0]?.raw).toContain("The breaker of notify:a is open");
    expect(engine.project.store.deliveries({ limit: 100 }).filter(({ type, rule }) => type === "breaker.opened" && rule === "a")).toEqual(
      [],
    );
  });
});
