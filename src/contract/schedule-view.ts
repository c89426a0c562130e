/** When a deployed workflow is started by itself. */
export interface ScheduleView {
  /** `<workflow>/<number or name of the schedule>`. */
  readonly id: string;
  readonly workflow: string;
  readonly cron: string;
  readonly timezone: string;
  readonly overlap: "skip" | "queue" | "allow" | "replace";
  readonly catchup: "none" | "last" | "all";
  readonly paused: boolean;
  /** Who stopped it and why, or what it is quarantined for; null while it runs. */
  readonly stop: {
    readonly kind: "paused" | "quarantined";
    readonly by: string;
    readonly at: number;
    readonly reason: string | null;
  } | null;
  /** Epoch milliseconds; null when there is none. */
  readonly nextAt: number | null;
  readonly lastSlot: ScheduleSlot | null;
}

/** A time at which it was due, and what became of it. */
export interface ScheduleSlot {
  readonly at: number;
  /** `queued`: it is being started, or waits for the run before it. */
  readonly outcome: "queued" | "started" | "skipped" | "missed" | "failed";
  readonly run: string | null;
  readonly reason: string | null;
}
