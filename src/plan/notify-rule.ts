/** Who is told of what: a rule of the configuration, checked and parsed. */
import type { Expression, Template } from "../../grammar/ast.ts";
import type { SecretSource } from "./step-policies.ts";

/** Events that rules may name, by the journal entries (or notes of the audit log) from which each is read. */
export const NOTIFY_EVENTS = {
  "run.started": ["run.started"],
  "run.succeeded": ["run.succeeded"],
  "run.failed": ["run.failed"],
  "run.canceled": ["run.canceled"],
  "run.quarantined": ["run.quarantined"],
  "run.released": ["run.released"],
  "run.paused": ["run.paused"],
  "run.timed_out": ["run.timed_out"],
  "step.succeeded": ["step.succeeded"],
  "step.failed": ["step.failed"],
  "step.retrying": ["step.retrying"],
  "step.skipped": ["step.skipped"],
  "step.timed_out": ["step.timed_out"],
  "step.quarantined": ["step.quarantined"],
  "attempt.lost": ["attempt.lost"],
  "approval.requested": ["step.waiting"],
  "gate.failed": ["step.succeeded", "step.failed", "step.retrying", "step.quarantined"],
  "merge.conflict": ["step.failed", "step.retrying", "step.quarantined"],
  /** Found when the run ends, in its whole journal. */
  "anomaly.detected": ["run.succeeded", "run.failed", "run.canceled"],
  "breaker.opened": [],
  "breaker.half_open": [],
  "breaker.closed": [],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type NotifyEvent = keyof typeof NOTIFY_EVENTS;

export function isNotifyEvent(name: string): name is NotifyEvent {
  return Object.hasOwn(NOTIFY_EVENTS, name);
}

export const CHANNELS = ["slack", "teams", "pagerduty", "webhook", "email"] as const;
export type Channel = (typeof CHANNELS)[number];

/** Where a rule leads. What is secret is named, never held (S-38). */
export type NotifyTarget =
  | { readonly channel: "slack"; readonly url: SecretSource }
  | { readonly channel: "teams"; readonly url: SecretSource }
  | { readonly channel: "pagerduty"; readonly routingKey: SecretSource; readonly url: string }
  | { readonly channel: "webhook"; readonly url: string | SecretSource; readonly secret: SecretSource }
  | {
      readonly channel: "email";
      readonly host: string;
      readonly port: number;
      /** `starttls`: refused where the server offers none. `none`: nothing is encrypted. */
      readonly tls: "starttls" | "implicit" | "none";
      readonly login: { readonly user: string; readonly password: SecretSource } | null;
      readonly from: string;
      readonly to: readonly string[];
    };

export interface NotifyRule {
  /** Part of every delivery's id: a rule that is renamed is another one. */
  readonly name: string;
  readonly on: readonly NotifyEvent[];
  /** Null for all. */
  readonly when: Expression | null;
  readonly target: NotifyTarget;
  /** Null for the text that Troupe writes. */
  readonly title: Template | null;
  readonly text: Template | null;
  /** Tells once of each run, or of each step of a run. */
  readonly oncePer: "run" | "step" | null;
  /** At most one message in this time for each workflow; what comes in between is told in one message. Null for the bound of every rule. */
  readonly throttleMs: number | null;
  /** File that it stands in, from which paths of secrets count. */
  readonly file: string;
}

/** Secrets of a rule by the member that names them. */
export function secretsOf({ target }: NotifyRule): Readonly<Record<string, SecretSource>> {
  switch (target.channel) {
    case "slack":
    case "teams":
      return { url: target.url };
    case "pagerduty":
      return { routing_key: target.routingKey };
    case "webhook":
      return { secret: target.secret, ...(typeof target.url !== "string" && { url: target.url }) };
    case "email":
      return target.login === null ? {} : { password: target.login.password };
  }
}
