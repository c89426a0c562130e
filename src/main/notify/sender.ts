/**
 * Sends what is due, rule by rule: a channel that is slow or dead keeps nobody but its own rule waiting.
 *
 * NS1 What was sent is noted after it was sent, so that a crash repeats it under the same id and loses nothing.
 * NS2 An open breaker, or being told to stop, uses up no attempt.
 */
import { FencedError, toError } from "../../core/errors.ts";
import { TENANT_DEFAULT } from "../../core/ids.ts";
import type { NotifyRule } from "../../plan/notify-rule.ts";
import type { BreakerOpen, CallVerdict } from "../../ports/breaker.ts";
import type { Delivered, Notifier } from "../../ports/notifier.ts";
import type { DeliveryRow, Settlement } from "../../ports/outbox.ts";
import { AGE_MAX_MS } from "../../runtime/notify/decide.ts";
import { messageOf } from "../../runtime/notify/message.ts";
import { notifyRetryMs } from "../../runtime/notify/retry.ts";
import type { NotifyMeans } from "./shape.ts";

/** Messages of one rule on their way at once. */
const LANES = 2;
const BREAKER = { failures: 5, windowMs: 60_000, recoveryMs: 30_000 } as const;

export interface SenderOptions extends NotifyMeans {
  readonly rules: readonly NotifyRule[];
  readonly notifiers: ReadonlyMap<string, Notifier>;
  readonly publicUrl: string | null;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Called when something has ended, so that there may be room for more. */
  readonly freed: () => void;
  /** The store is another's now, or cannot be trusted any more. */
  readonly lost: () => void;
}

export class Sender {
  readonly #options: SenderOptions;
  readonly #flying = new Map<string, Promise<void>>();
  readonly #lanes = new Map<string, number>();
  readonly #stopping = new AbortController();

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#flying.size === 0;
  }

  /** Starts what is due and has a lane. */
  start(): void {
    if (this.#stopping.signal.aborted) return;
    const { rules, store, now } = this.#options;
    for (const rule of rules) {
      const used = this.#lanes.get(rule.name) ?? 0;
      if (used >= LANES) continue;
      const rows = store.dueDeliveries(rule.name, now(), LANES + used).filter(({ id }) => !this.#flying.has(id));
      for (const row of rows.slice(0, LANES - used)) this.#fly(rule, row);
    }
  }

  /** Ends what is on its way; resolves when the outbox knows. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#flying.values());
  }

  #fly(rule: NotifyRule, row: DeliveryRow): void {
    this.#lanes.set(rule.name, (this.#lanes.get(rule.name) ?? 0) + 1);
    const flight = this.#deliver(rule, row)
      .catch((thrown: unknown) => {
        if (thrown instanceof FencedError) this.#options.lost();
        else this.#options.warn(`A notification of the rule ${rule.name} was not noted: ${toError(thrown).message}`);
      })
      .finally(() => {
        this.#flying.delete(row.id);
        this.#lanes.set(rule.name, (this.#lanes.get(rule.name) ?? 1) - 1);
        this.#options.freed();
      });
    this.#flying.set(row.id, flight);
  }

  async #deliver(rule: NotifyRule, row: DeliveryRow): Promise<void> {
    const { reach, now } = this.#options;
    if (now() - row.at > AGE_MAX_MS) return this.#settle(row, { state: "dropped", error: row.error ?? "it was too old" });
    reach("before-send");
    const answer = await this.#send(rule, row);
    reach("after-send");
    if ("open" in answer) {
      const error = row.error ?? "Its channel failed again and again, and is left alone for a while";
      return this.#settle(row, { state: "pending", error, dueAt: now() + Math.max(answer.retryAfterMs, 1_000) });
    }
    switch (answer.kind) {
      case "stopped":
        return; // It is pending, as it was.
      case "sent":
        return this.#settle(row, { state: "sent", attempts: row.attempts + 1, error: null });
      case "refused":
        return this.#settle(row, { state: "failed", attempts: row.attempts + 1, error: answer.problem });
      case "again": {
        const attempts = row.attempts + 1;
        const dueAt = now() + notifyRetryMs(attempts, answer.retryAfterMs, Math.random());
        return this.#settle(row, { state: "pending", attempts, error: answer.problem, dueAt });
      }
    }
  }

  async #send(rule: NotifyRule, row: DeliveryRow): Promise<Delivered | BreakerOpen> {
    const { notifiers, breakers, publicUrl } = this.#options;
    const notifier = notifiers.get(rule.name);
    if (notifier === undefined) return { kind: "refused", problem: "Its rule is gone." };
    const message = messageOf(row, { rule, quote: notifier.escape, publicUrl });
    const key = { tenant: TENANT_DEFAULT, target: notifyTarget(rule) };
    return breakers.call(key, () => notifier.send(message, this.#stopping.signal), judge, BREAKER);
  }

  async #settle(row: DeliveryRow, how: Pick<Settlement, "state" | "error"> & Partial<Settlement>): Promise<void> {
    const { store, epoch, meters, now } = this.#options;
    const settled: Settlement = { id: row.id, attempts: row.attempts, at: now(), dueAt: row.dueAt, ...how };
    await store.settleDeliveries(epoch, [settled]);
    for (const meter of meters) meter.notified(row.channel, how.state === "pending" ? "retried" : how.state, 1);
  }
}

/** The name of a rule's breaker. */
export function notifyTarget({ name }: Pick<NotifyRule, "name">): string {
  return `notify:${name}`;
}

function judge(answer: Delivered): CallVerdict {
  if (answer.kind === "stopped") return "undecided";
  return answer.kind === "again" ? "failed" : "answered";
}
