/** Sends one message by a rule, at once and beside the outbox: whether its channel works is best known before it matters. */
import { randomUUID } from "node:crypto";
import type { NotifyRule } from "../../plan/notify-rule.ts";
import type { Delivered } from "../../ports/notifier.ts";
import { messageOf } from "../../runtime/notify/message.ts";
import { createNotifiers } from "./notifiers.ts";
import type { NotifyOptions } from "./shape.ts";

export async function sendTest(rule: NotifyRule, { network, env, publicUrl }: NotifyOptions, signal: AbortSignal): Promise<Delivered> {
  const notifier = createNotifiers([rule], { env, network }).get(rule.name);
  if (notifier === undefined) return { kind: "refused", problem: "It has no channel." };
  const at = Date.now();
  const type = rule.on[0] ?? "run.failed";
  const id = `msg_test_${randomUUID().replaceAll("-", "")}`;
  const facts = {
    event: { id, type, seq: 0, at: new Date(at).toISOString(), step: null, data: {} },
    run: {
      id: "run_test",
      workflow: "test",
      tenant: "default",
      state: "failed",
      labels: {},
      priority: 3,
      createdAt: null,
      startedAt: null,
      durationMs: 0,
      costUsd: 0,
      parent: null,
    },
    step: "test",
    error: { code: "TEST", class: "permanent", title: "This is only a test", fix: "Nothing is to be done" },
    breaker: { target: "test", tenant: "default", state: "open", failures: 0, calls: 0 },
    what: `A test of the rule ${rule.name}`,
    next: "troupe notify log",
  };
  const row = { id, action: "trigger", thread: `test:${id}`, type, at, events: 1, run: null, gathers: false, facts } as const;
  const sent = await notifier.send(messageOf(row, { rule, quote: notifier.escape, publicUrl }), signal);
  // Nobody should be woken by a test for longer than it takes.
  if (sent.kind === "sent" && rule.target.channel === "pagerduty")
    await notifier.send(messageOf({ ...row, action: "resolve" }, { rule, quote: notifier.escape, publicUrl }), signal);
  return sent;
}
