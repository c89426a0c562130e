import { describe, expect, test } from "vitest";
import { createHttpClient } from "../../../src/adapters/http-undici/client.ts";
import { createPagerDutyNotifier } from "../../../src/adapters/notify-http/pagerduty.ts";
import { createSlackNotifier } from "../../../src/adapters/notify-http/slack.ts";
import { createTeamsNotifier } from "../../../src/adapters/notify-http/teams.ts";
import { createWebhookNotifier } from "../../../src/adapters/notify-http/webhook.ts";
import type { HttpNetwork } from "../../../src/ports/http.ts";
import type { NotificationMessage, Notifier } from "../../../src/ports/notifier.ts";
import { signatureHeaders } from "../../../src/steps/webhook/sign.ts";
import { type Receiver, SIGNING_KEY, startReceiver } from "../../support/notify-receiver.ts";

const ROUTING_KEY = "0123456789abcdef0123456789abcdef";

const message: NotificationMessage = {
  id: "msg_0123456789abcdef0123456789abcdef",
  action: "trigger",
  thread: "run:run_1",
  severity: "error",
  title: "nightly failed at step build",
  text: "nightly failed.\nError: it broke",
  facts: [
    { name: "Workflow", value: "nightly" },
    { name: "Step", value: "build" },
  ],
  link: "https://troupe.example.org/runs/run_1",
  at: Date.UTC(2026, 0, 2),
  type: "run.failed",
  data: { rule: "oncall", count: 1 },
};

const CHANNELS = ["slack", "teams", "pagerduty", "webhook"] as const;

function notifierOf(channel: (typeof CHANNELS)[number], { url }: Pick<Receiver, "url">, network: HttpNetwork = "private"): Notifier {
  const means = { http: createHttpClient(), network, now: Date.now };
  const to = `${url}/${channel}`;
  switch (channel) {
    case "slack":
      return createSlackNotifier(means, () => to);
    case "teams":
      return createTeamsNotifier(means, () => to);
    case "pagerduty":
      return createPagerDutyNotifier(means, { url: to, routingKey: () => ROUTING_KEY, rule: "oncall" });
    case "webhook":
      return createWebhookNotifier(means, { url: () => to, secret: () => SIGNING_KEY, sign: signatureHeaders });
  }
}

const never = new AbortController().signal;

describe.each(CHANNELS)("%s", (channel) => {
  test("takes a message as its documentation describes it", async () => {
    const receiver = await startReceiver();
    expect(await notifierOf(channel, receiver).send(message, never)).toEqual({ kind: "sent" });
    expect(receiver.received).toHaveLength(1);
  });

  test("takes hostile and endless values too, and shows them as text", async () => {
    const receiver = await startReceiver();
    const hostile = `<!channel> <https://evil.example|click> [x](https://evil.example) *b* _i_ {{DATE(2020-01-01,SHORT)}} &amp; "\\ ${"\ud83d\ude00<&*".repeat(20_000)}`;
    const notifier = notifierOf(channel, receiver);
    const facts = Array.from({ length: 40 }, (_, index) => ({ name: `Fact ${index}`, value: hostile }));
    const sent = await notifier.send({ ...message, title: hostile, text: notifier.escape(hostile), facts, thread: hostile }, never);
    expect(sent).toEqual({ kind: "sent" });
    const { raw, body } = receiver.received[0] ?? { raw: "", body: null };
    if (channel === "slack") {
      const marked = JSON.stringify((body as { blocks: { type: string }[] }).blocks.filter(({ type }) => type === "section"));
      expect(marked).not.toMatch(/<!channel>|<https/);
      // No half of an entity.
      expect(marked).not.toMatch(/&(?!amp;|lt;|gt;)/);
    }
    if (channel === "teams") expect(raw).not.toMatch(/\{\{DATE|[^\\]\]\(https/);
  });

  test.each([
    [
      { status: 429, headers: { "retry-after": "7" } },
      { kind: "again", retryAfterMs: 7_000 },
    ],
    [
      { status: 503, body: "later" },
      { kind: "again", problem: "It answered 503: later" },
    ],
    [{ status: 500, body: "rollup_error" }, { kind: "again" }],
    [
      { status: 400, body: "invalid_payload" },
      { kind: "refused", problem: "It answered 400: invalid_payload" },
    ],
    [{ status: 404, body: "no_service" }, { kind: "refused" }],
    [{ status: 410, body: "channel_is_archived" }, { kind: "refused" }],
    [
      { status: 307, headers: { location: "https://evil.example/" } },
      { kind: "refused", problem: expect.stringContaining("307") },
    ],
    ["reset", { kind: "again" }],
    [{ status: 200, bytes: 3_000_000 }, { kind: "sent" }],
  ] as const)("that answers %j is understood", async (behaviour, expected) => {
    const receiver = await startReceiver();
    receiver.instead(`/${channel}`, behaviour);
    expect(await notifierOf(channel, receiver).send(message, never)).toMatchObject(expected);
    expect(receiver.received).toHaveLength(1); // A redirect is not followed (S-20).
  });

  test("is not called at an address of a private network, unless that is admitted (S-19)", async () => {
    const receiver = await startReceiver();
    expect(await notifierOf(channel, receiver, "public").send(message, never)).toMatchObject({
      kind: "refused",
      problem: expect.stringContaining("private network"),
    });
    const metadata = { url: "http://169.254.169.254" };
    expect(await notifierOf(channel, metadata, "private").send(message, never)).toMatchObject({ kind: "refused" });
    expect(receiver.received).toEqual([]);
  });

  test("that never answers is left when somebody says so", async () => {
    const receiver = await startReceiver();
    receiver.instead(`/${channel}`, "hang");
    const stop = new AbortController();
    const sending = notifierOf(channel, receiver).send(message, stop.signal);
    setTimeout(() => stop.abort(), 50);
    expect(await sending).toEqual({ kind: "stopped" });
  });
});

describe("what only one channel knows", () => {
  test("PagerDuty hears of one incident under one key, from its trigger to its end", async () => {
    const receiver = await startReceiver();
    const notifier = notifierOf("pagerduty", receiver);
    for (const action of ["trigger", "acknowledge", "resolve"] as const)
      expect(await notifier.send({ ...message, action }, never)).toEqual({ kind: "sent" });
    const events = receiver.received.map(({ body }) => body as { event_action: string; dedup_key: string });
    expect(events.map(({ event_action }) => event_action)).toEqual(["trigger", "acknowledge", "resolve"]);
    expect(new Set(events.map(({ dedup_key }) => dedup_key))).toEqual(new Set(["troupe:oncall:run:run_1"]));
  });

  test("a signed message has one id for all its attempts, and none without a key", async () => {
    const receiver = await startReceiver();
    receiver.instead("/webhook", { status: 500 });
    const notifier = notifierOf("webhook", receiver);
    await notifier.send(message, never);
    await notifier.send(message, never);
    for (const { headers } of receiver.received)
      expect([headers["webhook-id"], headers["idempotency-key"]]).toEqual([message.id, message.id]);
    expect(receiver.received[1]?.body).toMatchObject({
      type: "run.failed",
      timestamp: "2026-01-02T00:00:00.000Z",
      data: { rule: "oncall" },
    });
  });

  test("Teams says 200 also when it refused", async () => {
    const receiver = await startReceiver();
    receiver.instead("/teams", {
      status: 200,
      body: "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x",
    });
    expect(await notifierOf("teams", receiver).send(message, never)).toMatchObject({ kind: "again" });
  });
});
