/** PagerDuty, by its Events API v2. */
import { createHash } from "node:crypto";
import { shorten } from "../../core/plain-text.ts";
import type { NotificationMessage, Notifier } from "../../ports/notifier.ts";
import { type PostMeans, post } from "./post.ts";

const SUMMARY_MAX_CHARS = 1_024;
const KEY_MAX_CHARS = 255;
const DETAILS_MAX_CHARS = 4_000;

export interface PagerDutyOptions {
  readonly url: string;
  readonly routingKey: () => string;
  /** Part of every key, so that two rules open two incidents. */
  readonly rule: string;
}

export function createPagerDutyNotifier(means: PostMeans, { url, routingKey, rule }: PagerDutyOptions): Notifier {
  return {
    channel: "pagerduty",
    escape: (value) => value,
    send: async (message, signal) => post(means, { url, body: JSON.stringify(toEvent(message, routingKey(), rule)) }, signal),
  };
}

function toEvent({ action, thread, severity, title, text, at, link, type, facts }: NotificationMessage, routingKey: string, rule: string) {
  const event = { routing_key: routingKey, event_action: action, dedup_key: keyOf(`troupe:${rule}:${thread}`) };
  if (action !== "trigger") return event;
  const fact = (name: string): string | undefined => facts.find((one) => one.name === name)?.value;
  return {
    ...event,
    client: "Troupe",
    ...(link !== null && { client_url: link, links: [{ href: link, text: "Open in Troupe" }] }),
    payload: {
      summary: shorten(title, SUMMARY_MAX_CHARS),
      source: fact("Workflow") ?? fact("Target") ?? "troupe",
      severity,
      timestamp: new Date(at).toISOString(),
      component: fact("Step"),
      group: fact("Workflow"),
      class: type,
      custom_details: { text: shorten(text, DETAILS_MAX_CHARS), ...Object.fromEntries(facts.map(({ name, value }) => [name, value])) },
    },
  };
}

function keyOf(text: string): string {
  if (text.length <= KEY_MAX_CHARS) return text;
  return `troupe:${createHash("sha256").update(text).digest("hex")}`;
}
