/** What tells people, as an engine knows it. */
import type { Epoch } from "../../core/ids.ts";
import type { NotifyRule } from "../../plan/notify-rule.ts";
import type { Breakers } from "../../ports/breaker.ts";
import type { ReachCrashPoint } from "../../ports/crash-points.ts";
import type { EngineMeter } from "../../ports/engine-meter.ts";
import type { HttpNetwork } from "../../ports/http.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { Store } from "../../ports/store.ts";

export interface NotifyOptions {
  readonly rules: readonly NotifyRule[];
  /** Where people reach the dashboard; null where nobody said. */
  readonly publicUrl: string | null;
  readonly network: HttpNetwork;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface NotifyMeans {
  readonly store: Store & Outbox;
  readonly epoch: Epoch;
  readonly breakers: Pick<Breakers, "call">;
  readonly meters: readonly EngineMeter[];
  readonly reach: ReachCrashPoint;
  readonly warn: (message: string) => void;
}

export interface Notifications {
  /** Decides on all that has been committed, and sends what is due until the time is up. What is left goes on with the next engine. */
  leave(graceMs: number): Promise<void>;
}
