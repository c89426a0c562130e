/** Who is told of what, and what has become of it. Where a channel leads to is a secret, and is in none of this. */
export interface NotifyRuleView {
  readonly name: string;
  readonly channel: "slack" | "teams" | "pagerduty" | "webhook" | "email";
  readonly on: readonly string[];
  /** Tells of some of these events only. */
  readonly conditional: boolean;
  readonly oncePer: "run" | "step" | null;
  readonly throttleMs: number | null;
}

export interface DeliveryView {
  /** The receiver knows it by this too. */
  readonly id: string;
  readonly rule: string;
  readonly channel: string;
  /** Of the event, such as `run.failed`. */
  readonly type: string;
  readonly action: "trigger" | "acknowledge" | "resolve";
  readonly run: string | null;
  readonly what: string;
  readonly state: "pending" | "sent" | "failed" | "dropped" | "grouped";
  /** Events that it tells of. */
  readonly events: number;
  readonly attempts: number;
  /** Epoch milliseconds, like the others. */
  readonly at: number;
  /** When it is sent, or tried again; null unless it is pending. */
  readonly dueAt: number | null;
  readonly endedAt: number | null;
  /** Why its last attempt came to nothing. */
  readonly error: string | null;
}

export interface NotificationsView {
  readonly rules: readonly NotifyRuleView[];
  /** The newest first. */
  readonly deliveries: readonly DeliveryView[];
}
