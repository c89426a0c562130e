/**
 * Which messages news lead to. Writes nothing: what it answers is kept in one transaction together with how far was read.
 *
 * N1 The id of a delivery is made from rule and event, so that the same news twice are one delivery.
 * N2 A condition that cannot be evaluated tells rather than stays silent, and says why.
 * N3 However much happens, a rule sends a bounded number of messages: what is beyond its burst is gathered into one for each window.
 */
import { toError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { sha256 } from "../../core/sha256.ts";
import { evaluateCondition } from "../../expression/evaluate.ts";
import type { NotifyRule } from "../../plan/notify-rule.ts";
import type { DropCount, Fold, NewDelivery, OutboxReader, WindowState } from "../../ports/outbox.ts";
import { type News, scopeOfFacts } from "./news.ts";

/** Of a rule that does not throttle. */
export const WINDOW_MS_DEFAULT = 60_000;
export const BURST_DEFAULT = 20;
/** What is older helps nobody any more. */
export const AGE_MAX_MS = 24 * 3_600_000;

/** A condition looks at one event; more work is a mistake. */
const CONDITION_LIMITS = { fuel: 50_000, textChars: 65_536 };
/** What a delivery keeps of its event's data. */
const DATA_MAX_CHARS = 8_192;

export interface Decisions {
  readonly added: readonly NewDelivery[];
  readonly folds: readonly Fold[];
  readonly drops: readonly DropCount[];
}

type Known = Pick<OutboxReader, "delivery" | "notifyWindow" | "latestOfThread">;

export function decideNews(rules: readonly NotifyRule[], news: readonly News[], known: Known, now: number): Decisions {
  const batch = new Batch(known, now);
  for (const one of news) for (const rule of rules) batch.tell(rule, one);
  return batch.decisions();
}

interface Gathering {
  events: number;
  facts: JsonObject;
}

class Batch {
  readonly #known: Known;
  readonly #now: number;
  readonly #added = new Map<string, NewDelivery>();
  readonly #folds = new Map<string, Gathering>();
  readonly #drops = new Map<string, number>();
  readonly #windows = new Map<string, { at: number; messages: number }>();

  constructor(known: Known, now: number) {
    this.#known = known;
    this.#now = now;
  }

  tell(rule: NotifyRule, news: News): void {
    if (rule.target.channel === "pagerduty") this.#signal(rule, news);
    if (!rule.on.some((type) => type === news.type)) return;
    const note = whyTold(rule, news);
    if (note === "no") return;
    if (this.#now - news.at > AGE_MAX_MS) {
      const { channel } = rule.target;
      this.#drops.set(channel, (this.#drops.get(channel) ?? 0) + 1);
      return;
    }
    const facts = keptFacts(news.facts, note);
    const id = idOf(rule, onceKey(rule, news));
    if (this.#isKnown(id)) return;
    const windowMs = rule.throttleMs ?? WINDOW_MS_DEFAULT;
    const scope = rule.throttleMs === null ? "" : `${news.tenant}/${news.subject}`;
    const gatherer = (at: number): string => idOf(rule, `more\n${scope}\n${at}`);
    const window = this.#window(rule, scope, windowMs, gatherer);
    const base = { rule: rule.name, channel: rule.target.channel, tenant: news.tenant, type: news.type, action: "trigger", scope } as const;
    if (window.messages < (rule.throttleMs === null ? BURST_DEFAULT : 1)) {
      window.messages += 1;
      const own = { id, run: news.run, thread: news.thread, windowAt: window.at, at: news.at, dueAt: this.#now };
      this.#added.set(id, { ...base, ...own, state: "pending", gathers: false, facts });
      return;
    }
    const more = gatherer(window.at);
    const thread = `more:${scope}:${window.at}`;
    if (this.#isKnown(more)) this.#fold(more, facts);
    else {
      const dueAt = window.at + windowMs;
      const own = { id: more, run: news.run, thread, windowAt: window.at, at: news.at, dueAt };
      this.#added.set(more, { ...base, ...own, state: "pending", gathers: true, facts });
    }
    // Otherwise what was told once, among others, would be told again by itself.
    if (rule.oncePer !== null) {
      const own = { id, run: news.run, thread, windowAt: window.at, at: news.at, dueAt: this.#now };
      this.#added.set(id, { ...base, ...own, state: "grouped", gathers: false, facts: {} });
    }
  }

  decisions(): Decisions {
    return {
      added: [...this.#added.values()],
      folds: [...this.#folds].map(([id, { events, facts }]) => ({ id, events, facts })),
      drops: [...this.#drops].map(([channel, count]) => ({ channel, count })),
    };
  }

  #isKnown(id: string): boolean {
    return this.#added.has(id) || this.#known.delivery(id) !== null;
  }

  #fold(id: string, facts: JsonObject): void {
    const folded = this.#folds.get(id);
    if (folded === undefined) this.#folds.set(id, { events: 1, facts });
    else {
      folded.events += 1;
      folded.facts = facts;
    }
  }

  /** The one that is open; a new one where that is over, or its gathering message has gone out already. */
  #window(rule: NotifyRule, scope: string, windowMs: number, gatherer: (at: number) => string): { at: number; messages: number } {
    const key = `${rule.name}\n${scope}`;
    let window = this.#windows.get(key);
    if (window !== undefined) return window;
    const last: WindowState | null = this.#known.notifyWindow(rule.name, scope);
    const isOpen = last !== null && this.#now < last.at + windowMs && !this.#hasGone(gatherer(last.at));
    window = isOpen ? { ...last } : { at: Math.max(this.#now, (last?.at ?? 0) + 1), messages: 0 };
    this.#windows.set(key, window);
    return window;
  }

  #hasGone(id: string): boolean {
    const row = this.#known.delivery(id);
    return row !== null && (row.state !== "pending" || row.attempts > 0);
  }

  /** An incident that was opened by this rule is acknowledged when somebody retries, and resolved when that goes well. */
  #signal(rule: NotifyRule, { key, tenant, run, type, at, facts, closes, acknowledges }: News): void {
    for (const [action, threads] of [["acknowledge", acknowledges] as const, ["resolve", closes] as const]) {
      for (const thread of threads) {
        const last = this.#latest(rule, thread);
        if (last === null || last === "resolve" || last === action) continue;
        const id = idOf(rule, `${action}\n${thread}\n${key}`);
        const base = { id, rule: rule.name, channel: rule.target.channel, tenant, run, type, action, thread };
        const rest = {
          scope: "signal",
          windowAt: 0,
          state: "pending",
          gathers: false,
          facts: keptFacts(facts, null),
          at,
          dueAt: this.#now,
        } as const;
        if (!this.#isKnown(id)) this.#added.set(id, { ...base, ...rest });
      }
    }
  }

  #latest(rule: NotifyRule, thread: string): NewDelivery["action"] | null {
    let latest: NewDelivery["action"] | null = null;
    for (const one of this.#added.values()) if (one.rule === rule.name && one.thread === thread) latest = one.action;
    return latest ?? this.#known.latestOfThread(rule.name, thread)?.action ?? null;
  }
}

/** `no`, null for yes, or what was wrong with the condition (N2). */
function whyTold({ when }: NotifyRule, { facts }: News): string | null {
  if (when === null) return null;
  try {
    return evaluateCondition(when, scopeOfFacts(facts), CONDITION_LIMITS) ? null : "no";
  } catch (thrown) {
    return `The condition of this rule could not be evaluated: ${toError(thrown).message}`;
  }
}

function onceKey({ oncePer }: NotifyRule, { key, run, step }: News): string {
  if (oncePer === null || run === null) return `event\n${key}`;
  return oncePer === "run" ? `run\n${run}` : `step\n${run}\n${step ?? ""}`;
}

function idOf({ name }: NotifyRule, key: string): string {
  return `msg_${sha256(`${name}\n${key}`).slice(0, 32)}`;
}

function keptFacts(facts: JsonObject, note: string | null): JsonObject {
  const { event } = facts;
  const kept = JSON.stringify(facts).length <= DATA_MAX_CHARS ? facts : { ...facts, event: withoutData(event) };
  return note === null ? kept : { ...kept, note };
}

function withoutData(event: unknown): JsonObject {
  const { data: _, ...rest } = event as JsonObject; // Made by us, as an object.
  return { ...rest, data: { truncated: true } };
}
