/** The channel of each rule, with its secrets read when something is sent: one that is renewed counts at once. */

import { createHttpClient } from "../../adapters/http-undici/client.ts";
import { findAddress } from "../../adapters/http-undici/find-address.ts";
import { createPagerDutyNotifier } from "../../adapters/notify-http/pagerduty.ts";
import type { PostMeans } from "../../adapters/notify-http/post.ts";
import { createSlackNotifier } from "../../adapters/notify-http/slack.ts";
import { createTeamsNotifier } from "../../adapters/notify-http/teams.ts";
import { createWebhookNotifier } from "../../adapters/notify-http/webhook.ts";
import { createEmailNotifier } from "../../adapters/notify-smtp/email.ts";
import { createSecrets } from "../../adapters/secrets-local/secrets.ts";
import { toError } from "../../core/errors.ts";
import { hideSecrets } from "../../core/hide-secrets.ts";
import type { JsonObject } from "../../core/json.ts";
import { type NotifyRule, secretsOf } from "../../plan/notify-rule.ts";
import type { HttpNetwork } from "../../ports/http.ts";
import type { Delivered, Notifier } from "../../ports/notifier.ts";
import type { Secrets, SecretTexts } from "../../ports/secrets.ts";
import { signatureHeaders } from "../../steps/webhook/sign.ts";

/** A shorter path says nothing, and would be found everywhere. */
const PATH_MIN_CHARS = 8;

export interface NotifierOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly network: HttpNetwork;
}

export function createNotifiers(rules: readonly NotifyRule[], { env, network }: NotifierOptions): ReadonlyMap<string, Notifier> {
  const secrets = createSecrets({ env });
  const means: PostMeans = { http: createHttpClient(), network, now: Date.now };
  return new Map(rules.map((rule) => [rule.name, guarded(create(rule, means, secrets), rule, secrets)]));
}

function create(rule: NotifyRule, means: PostMeans, secrets: Secrets): Notifier {
  const { target, name, file } = rule;
  const read = (member: string) => (): string => String(secrets.of({ secrets: secretsOf(rule), file }).values[member]);
  switch (target.channel) {
    case "slack":
      return createSlackNotifier(means, read("url"));
    case "teams":
      return createTeamsNotifier(means, read("url"));
    case "pagerduty":
      return createPagerDutyNotifier(means, { url: target.url, routingKey: read("routing_key"), rule: name });
    case "webhook": {
      const { url } = target;
      return createWebhookNotifier(means, {
        url: typeof url === "string" ? () => url : read("url"),
        secret: read("secret"),
        sign: signatureHeaders,
      });
    }
    case "email":
      return createEmailNotifier({ target, password: read("password"), findAddress: (host) => findAddress(host, means.network) });
  }
}

/** Nothing that a channel throws or repeats reaches the outbox unmasked (S-38). A secret that is missing may be there next time. */
function guarded(notifier: Notifier, rule: NotifyRule, secrets: Secrets): Notifier {
  const { file } = rule;
  return {
    ...notifier,
    async send(message, signal): Promise<Delivered> {
      const masks = masksOf(secrets.of({ secrets: secretsOf(rule), file }));
      try {
        return hideSecrets(await notifier.send(message, signal), masks);
      } catch (thrown) {
        return hideSecrets<Delivered>({ kind: "again", problem: toError(thrown).message, retryAfterMs: null }, masks);
      }
    },
  };
}

/** Of an address, what stands behind the host is the secret, and servers repeat it without the rest. */
function masksOf({ values, masks }: SecretTexts): readonly string[] {
  const paths = Object.keys(values).flatMap((name) => {
    const url = URL.parse(readable(values, name));
    return url === null || url.pathname.length < PATH_MIN_CHARS ? [] : [`${url.pathname}${url.search}`, url.pathname];
  });
  return [...masks, ...paths];
}

/** One that is not there has nothing to hide. */
function readable(values: JsonObject, name: string): string {
  try {
    return String(values[name]);
  } catch {
    return "";
  }
}
