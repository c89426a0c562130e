/** Any receiver of signed messages, as Standard Webhooks describes them. */
import type { NotificationMessage, Notifier } from "../../ports/notifier.ts";
import { type PostMeans, post } from "./post.ts";

export interface SignedContent {
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly body: string;
}

export interface WebhookOptions {
  readonly url: () => string;
  readonly secret: () => string;
  /** Makes `webhook-id`, `webhook-timestamp` and `webhook-signature`. */
  readonly sign: (secret: string, content: SignedContent) => Promise<Readonly<Record<string, string>>>;
}

export function createWebhookNotifier(means: PostMeans, { url, secret, sign }: WebhookOptions): Notifier {
  return {
    channel: "webhook",
    escape: (value) => value,
    async send(message, signal) {
      const body = JSON.stringify(toPayload(message));
      const signed = await sign(secret(), { id: message.id, timestamp: Math.floor(means.now() / 1_000), body });
      return post(means, { url: url(), headers: { ...signed, "idempotency-key": message.id }, body }, signal);
    },
  };
}

function toPayload({ type, at, title, text, severity, data }: NotificationMessage) {
  return { type, timestamp: new Date(at).toISOString(), data: { title, text, severity, ...data } };
}
