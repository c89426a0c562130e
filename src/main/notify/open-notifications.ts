/**
 * Tells people what the journal says: reads it behind the engine, decides, and sends. It belongs to the engine that owns the store, and
 * can neither delay nor fail a run (I-38): nothing waits for it but the end of its process, and that only for a moment.
 */
import { FencedError, toError } from "../../core/errors.ts";
import type { NotifyRule } from "../../plan/notify-rule.ts";
import type { NotifyCursor } from "../../ports/outbox.ts";
import { decideNews } from "../../runtime/notify/decide.ts";
import type { News } from "../../runtime/notify/news.ts";
import { createNotifiers } from "./notifiers.ts";
import { createNewsReader, entryTypesOf, readsBreakers } from "./read-news.ts";
import { notifyTarget, Sender } from "./sender.ts";
import type { Notifications, NotifyMeans, NotifyOptions } from "./shape.ts";

const LOOK_EVERY_MS = 250;
/** Entries looked at in one go: about 2 ms, between which the engine has its turns. */
const POSITIONS_AT_ONCE = 2_000;
const NEWS_AT_ONCE = 200;
/** Pending messages of one rule. */
const OUTBOX_BOUND = 1_000;
/** After a failure of the store. */
const PAUSE_MS = 1_000;
const TIMER_MAX_MS = 60_000;

export async function openNotifications(means: NotifyMeans, options: NotifyOptions): Promise<Notifications> {
  const notifications = new OpenNotifications(means, options);
  await notifications.open();
  return notifications;
}

class OpenNotifications implements Notifications {
  readonly #means: NotifyMeans;
  readonly #rules: readonly NotifyRule[];
  readonly #reader: ReturnType<typeof createNewsReader>;
  readonly #types: readonly string[];
  readonly #readsBreakers: boolean;
  readonly #sender: Sender;
  #cursor: NotifyCursor = { position: 0, audit: 0 };
  /** As it is on disk. */
  #kept: NotifyCursor = this.#cursor;
  #watch: Disposable | null = null;
  #timer: NodeJS.Timeout | null = null;
  #working: Promise<void> | null = null;
  #isWanted = false;
  #hasEnded = false;
  #wake: () => void = () => {};

  constructor(means: NotifyMeans, { rules, publicUrl, network, env }: NotifyOptions) {
    this.#means = means;
    this.#rules = rules;
    this.#reader = createNewsReader(means.store, rules);
    this.#types = entryTypesOf(rules);
    this.#readsBreakers = readsBreakers(rules);
    this.#sender = new Sender({
      ...means,
      rules,
      notifiers: createNotifiers(rules, { env, network }),
      publicUrl,
      now: Date.now,
      freed: () => this.#look(),
      lost: () => this.#end(),
    });
  }

  /** What happened before the first engine with rules is nobody's news. */
  async open(): Promise<void> {
    const { store, epoch } = this.#means;
    const known = store.notifyCursor();
    this.#cursor = known ?? { position: store.lastPosition(), audit: lastAudit(store) };
    this.#kept = this.#cursor;
    const nothing = { added: [], folds: [], drops: [] };
    if (known === null) await store.keepDecisions({ epoch, cursor: this.#cursor, ...nothing, at: Date.now(), bound: OUTBOX_BOUND });
    await this.#dropOrphans();
    this.#watch = store.watch(() => this.#look(), LOOK_EVERY_MS);
    this.#look();
  }

  async leave(graceMs: number): Promise<void> {
    this.#watch?.[Symbol.dispose]();
    const until = performance.now() + graceMs;
    this.#look();
    while (!this.#hasEnded && performance.now() < until && !this.#isAtRest()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, Math.max(1, until - performance.now()));
      });
    }
    this.#end();
    await this.#working;
    await this.#sender.stop();
  }

  #isAtRest(): boolean {
    return this.#working === null && this.#sender.isIdle;
  }

  #end(): void {
    this.#hasEnded = true;
    this.#watch?.[Symbol.dispose]();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#wake();
  }

  #look(): void {
    this.#isWanted = true;
    if (this.#hasEnded) return;
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
      if (this.#isWanted && !this.#hasEnded) this.#look();
      this.#wake();
    });
  }

  async #work(): Promise<void> {
    this.#isWanted = false;
    try {
      while (!this.#hasEnded && (await this.#readSome())) await new Promise(setImmediate);
      this.#sender.start();
      this.#wakeAt(this.#means.store.nextDeliveryAt(Date.now()));
    } catch (thrown) {
      if (thrown instanceof FencedError) return this.#end(); // The engine hears of it too, and says so.
      this.#means.warn(`Notifications wait: ${toError(thrown).message}`);
      this.#wakeAt(Date.now() + PAUSE_MS);
    }
  }

  #wakeAt(at: number | null): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (at === null || this.#hasEnded) return;
    this.#timer = setTimeout(() => this.#look(), Math.min(TIMER_MAX_MS, Math.max(1, at - Date.now())));
    this.#timer.unref(); // An engine keeps its process alive by itself.
  }

  /** Answers whether there may be more. */
  async #readSome(): Promise<boolean> {
    const { store, epoch, reach } = this.#means;
    const last = store.lastPosition();
    const until = Math.min(last, this.#cursor.position + POSITIONS_AT_ONCE);
    const { entries, position } = store.news(this.#cursor.position, until, this.#types, NEWS_AT_ONCE);
    const notes = this.#readsBreakers ? store.audits(this.#cursor.audit, NEWS_AT_ONCE) : [];
    const cursor = { position, audit: notes.at(-1)?.id ?? this.#cursor.audit };
    const news = [
      ...entries.flatMap((stored) => this.#readOne(() => this.#reader.ofEntry(stored))),
      ...notes.flatMap((note) => this.#reader.ofNote(note) ?? []),
    ];
    const at = Date.now();
    const decided = this.#decide(news, at);
    const isNews = decided.added.length + decided.folds.length + decided.drops.length > 0;
    // Entries that led to nothing are read again after a crash, at no harm.
    if (isNews || position - this.#kept.position >= POSITIONS_AT_ONCE || cursor.audit - this.#kept.audit >= NEWS_AT_ONCE) {
      reach("before-notify");
      await store.keepDecisions({ epoch, cursor, ...decided, at, bound: OUTBOX_BOUND });
      this.#kept = cursor;
      this.#count(decided);
    }
    this.#cursor = cursor;
    return position < last || notes.length === NEWS_AT_ONCE;
  }

  /** A rule is not told that its own channel is left alone: it could not hear it. */
  #decide(news: readonly News[], at: number) {
    const own = new Map(this.#rules.map((rule) => [notifyTarget(rule), rule.name]));
    const isOwn = ({ run, subject }: News): boolean => run === null && own.has(subject);
    if (!news.some(isOwn)) return decideNews(this.#rules, news, this.#means.store, at);
    const parts = this.#rules.map((rule) =>
      decideNews(
        [rule],
        news.filter((one) => !isOwn(one) || own.get(one.subject) !== rule.name),
        this.#means.store,
        at,
      ),
    );
    return {
      added: parts.flatMap(({ added }) => added),
      folds: parts.flatMap(({ folds }) => folds),
      drops: parts.flatMap(({ drops }) => drops),
    };
  }

  /** A run that cannot be read is its own trouble (S-48). */
  #readOne(read: () => readonly News[]): readonly News[] {
    try {
      return read();
    } catch (thrown) {
      if (thrown instanceof FencedError) throw thrown;
      this.#means.warn(`An event could not be told: ${toError(thrown).message}`);
      return [];
    }
  }

  #count({ added, drops }: ReturnType<typeof decideNews>): void {
    for (const meter of this.#means.meters) {
      for (const { channel, count } of drops) meter.notified(channel, "dropped", count);
      for (const { channel, state } of added) if (state === "grouped") meter.notified(channel, "grouped", 1);
    }
  }

  /** Messages of rules that are no longer there lead nowhere. */
  async #dropOrphans(): Promise<void> {
    const { store, epoch } = this.#means;
    const gone = store.pendingRules().filter((name) => !this.#rules.some((rule) => rule.name === name));
    for (const rule of gone) {
      const rows = store.deliveries({ rule, states: ["pending"], limit: OUTBOX_BOUND });
      const at = Date.now();
      const settled = rows.map(
        ({ id, attempts, dueAt }) => ({ id, attempts, dueAt, at, state: "dropped", error: "its rule is gone" }) as const,
      );
      await store.settleDeliveries(epoch, settled);
    }
  }
}

function lastAudit(store: NotifyMeans["store"]): number {
  let last = 0;
  for (;;) {
    const notes = store.audits(last, 1_000);
    last = notes.at(-1)?.id ?? last;
    if (notes.length < 1_000) return last;
  }
}
