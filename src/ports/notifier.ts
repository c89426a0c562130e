/** Ways to tell people. Each channel is one adapter; none of them repeats a message, which is the outbox's decision. */
import type { JsonObject } from "../core/json.ts";
import type { Channel } from "../plan/notify-rule.ts";

export const SEVERITIES = ["info", "warning", "error", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface NotificationMessage {
  /** The same for every attempt, so that a receiver can leave out what it has had. */
  readonly id: string;
  /** `acknowledge` and `resolve` are about an earlier `trigger` of the same thread, for channels that know such things. */
  readonly action: "trigger" | "acknowledge" | "resolve";
  readonly thread: string;
  readonly severity: Severity;
  /** Plain text in one line. */
  readonly title: string;
  /** In the channel's markup: what the author wrote stands as it is, and values were put in through `escape`. */
  readonly text: string;
  /** Plain text. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** Where to look; null where nobody said under which address people reach the dashboard. */
  readonly link: string | null;
  /** Of the event, in epoch milliseconds. */
  readonly at: number;
  readonly type: string;
  /** What it is about, for programs. */
  readonly data: JsonObject;
}

export type Delivered =
  | { readonly kind: "sent" }
  /** It may go well later. */
  | { readonly kind: "again"; readonly problem: string; readonly retryAfterMs: number | null }
  /** It will never go well as it is. */
  | { readonly kind: "refused"; readonly problem: string }
  | { readonly kind: "stopped" };

export interface Notifier {
  readonly channel: Channel;
  /** A value as the text of this channel shows it: it can give no markup, mention nobody, and link nowhere. */
  escape(value: string): string;
  /** Never rejects. An aborted `signal` ends it at once. Problems hold nothing secret. */
  send(message: NotificationMessage, signal: AbortSignal): Promise<Delivered>;
}
