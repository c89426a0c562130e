import { describe, expect, test } from "vitest";
import { rulesOf } from "../../../test/support/notify-rules.ts";
import type { RunId, TenantId } from "../../core/ids.ts";
import type { NotifyRule } from "../../plan/notify-rule.ts";
import type { DeliveryRow, NewDelivery, WindowState } from "../../ports/outbox.ts";
import { AGE_MAX_MS, BURST_DEFAULT, decideNews, WINDOW_MS_DEFAULT } from "./decide.ts";
import { messageOf } from "./message.ts";
import type { News } from "./news.ts";

const NOW = 1_000_000_000;
const SLACK = "to: { slack: { url: { env: U } } }";
const PAGER = "to: { pagerduty: { routing_key: { env: K } } }";

function news(index: number, more: Partial<News> = {}): News {
  const run = `run_${index}` as RunId;
  const facts = { event: { type: "run.failed", data: {} }, run: { id: run, workflow: "nightly" }, what: `run ${index} failed`, next: null };
  return {
    key: `${run}:9`,
    type: "run.failed",
    at: NOW,
    tenant: "default" as TenantId,
    run,
    subject: "nightly",
    step: null,
    thread: `run:${run}`,
    closes: [],
    acknowledges: [],
    facts,
    ...more,
  };
}

/** An outbox that keeps what it is given. */
class Kept {
  readonly rows = new Map<string, DeliveryRow>();

  decide(rules: readonly NotifyRule[], all: readonly News[], now = NOW) {
    const decided = decideNews(rules, all, this, now);
    for (const one of decided.added)
      this.rows.set(one.id, { ...one, number: this.rows.size + 1, events: 1, attempts: 0, endedAt: null, error: null });
    for (const { id, events, facts } of decided.folds) {
      const row = this.rows.get(id);
      if (row !== undefined) this.rows.set(id, { ...row, events: row.events + events, facts });
    }
    return decided;
  }

  delivery(id: string): DeliveryRow | null {
    return this.rows.get(id) ?? null;
  }

  notifyWindow(rule: string, scope: string): WindowState | null {
    const own = [...this.rows.values()].filter((row) => row.rule === rule && row.scope === scope);
    if (own.length === 0) return null;
    const at = Math.max(...own.map(({ windowAt }) => windowAt));
    return { at, messages: own.filter((row) => row.windowAt === at && !row.gathers && row.state !== "grouped").length };
  }

  latestOfThread(rule: string, thread: string): DeliveryRow | null {
    return [...this.rows.values()].findLast((row) => row.rule === rule && row.thread === thread) ?? null;
  }

  set(id: string, change: Partial<DeliveryRow>): void {
    const row = this.rows.get(id);
    if (row !== undefined) this.rows.set(id, { ...row, ...change });
  }
}

const sent = ({ added }: { readonly added: readonly NewDelivery[] }) => added.filter(({ state }) => state === "pending");

describe("a rule", () => {
  test("tells of its events once, however often they are read (N1)", () => {
    const kept = new Kept();
    const rules = rulesOf(`name: a\non: [run.failed]\n${SLACK}`);
    const first = kept.decide(rules, [news(1), news(2, { type: "run.succeeded" })]);
    expect(sent(first)).toHaveLength(1);
    expect(kept.decide(rules, [news(1)]).added).toEqual([]);
    // The id is of the rule and the event, and of nothing else.
    expect(new Kept().decide(rules, [news(1)], NOW + 5_000).added[0]?.id).toBe(first.added[0]?.id);
    expect(new Kept().decide(rulesOf(`name: b\non: [run.failed]\n${SLACK}`), [news(1)]).added[0]?.id).not.toBe(first.added[0]?.id);
  });

  test("tells of what its condition admits", () => {
    const rules = rulesOf(`name: a\non: [run.failed]\n${SLACK}\nwhen: run.id == 'run_2'`);
    expect(new Kept().decide(rules, [news(1), news(2)]).added.map(({ run }) => run)).toEqual(["run_2"]);
  });

  test.each(["event.data.nothing == 1", "run.workflow"])("whose condition `%s` fails tells, and says so (N2)", (when) => {
    const [rule] = rulesOf(`name: a\non: [run.failed]\n${SLACK}\nwhen: ${when}`) as [NotifyRule];
    const [one] = new Kept().decide([rule], [news(1)]).added as [NewDelivery];
    const { text } = messageOf({ ...one, events: 1 }, { rule, quote: (value) => value, publicUrl: null });
    expect(text).toContain("The condition of this rule could not be evaluated");
  });

  test("leaves out what is old, and counts it", () => {
    const rules = rulesOf(`name: a\non: [run.failed]\n${SLACK}`);
    expect(new Kept().decide(rules, [news(1, { at: NOW - AGE_MAX_MS - 1 })])).toEqual({
      added: [],
      folds: [],
      drops: [{ channel: "slack", count: 1 }],
    });
  });
});

describe("ten thousand failures in a minute", () => {
  const all = Array.from({ length: 10_000 }, (_, index) => news(index));

  test("are a burst and one message that counts the rest (N3)", () => {
    const kept = new Kept();
    const rules = rulesOf(`name: a\non: [run.failed]\n${SLACK}`);
    for (let from = 0; from < all.length; from += 200) kept.decide(rules, all.slice(from, from + 200), NOW + from);
    const rows = [...kept.rows.values()];
    expect(rows).toHaveLength(BURST_DEFAULT + 1);
    const gathering = rows.filter(({ gathers }) => gathers);
    expect(gathering).toMatchObject([
      { events: 10_000 - BURST_DEFAULT, dueAt: NOW + WINDOW_MS_DEFAULT, facts: { what: "run 9999 failed" } },
    ]);
  });

  test("are two messages under a throttle, and another workflow has its own", () => {
    const kept = new Kept();
    const rules = rulesOf(`name: a\non: [run.failed]\n${SLACK}\nthrottle: 10m`);
    kept.decide(rules, [...all, news(20_000, { subject: "weekly" })]);
    expect([...kept.rows.values()].map(({ events, scope }) => [scope, events])).toEqual([
      ["default/nightly", 1],
      ["default/nightly", 9_999],
      ["default/weekly", 1],
    ]);
  });

  test("are told once of each run where a rule says so, also of those that another message told of", () => {
    const kept = new Kept();
    const rules = rulesOf(`name: a\non: [run.failed, run.quarantined]\n${SLACK}\nonce_per: run`);
    kept.decide(rules, all);
    const again = all.map((one) => ({ ...one, key: `${one.key}0`, type: "run.quarantined" }));
    expect(kept.decide(rules, again, NOW + 2 * WINDOW_MS_DEFAULT).added).toEqual([]);
  });
});

describe("a window", () => {
  const rules = rulesOf(`name: a\non: [run.failed]\n${SLACK}\nthrottle: 1m`);

  test("ends, and the next message goes out at once", () => {
    const kept = new Kept();
    kept.decide(rules, [news(1), news(2)]);
    const [next] = kept.decide(rules, [news(3)], NOW + 60_000).added;
    expect(next).toMatchObject({ gathers: false, dueAt: NOW + 60_000 });
  });

  test("whose gathering message has gone is over, also under a clock that went back", () => {
    const kept = new Kept();
    const [, gathering] = kept.decide(rules, [news(1), news(2)]).added as [NewDelivery, NewDelivery];
    kept.set(gathering.id, { state: "sent" });
    const decided = kept.decide(rules, [news(3)], NOW - 10_000);
    expect(sent(decided)).toMatchObject([{ gathers: false, run: "run_3" }]);
    expect(kept.decide(rules, [news(4)], NOW - 10_000).added).toMatchObject([{ gathers: true }]);
  });
});

describe("an incident", () => {
  const rules = rulesOf(`name: pager\non: [run.failed]\n${PAGER}`);
  const first = news(1, { thread: "run:run_1" });
  const retried = news(2, { type: "run.created", acknowledges: ["run:run_1"], key: "run_2:1" });
  const went = news(2, { type: "run.succeeded", closes: ["run:run_1"] });
  const actions = ({ added }: { readonly added: readonly NewDelivery[] }) => added.map(({ action, thread }) => [action, thread]);

  test("is opened by a failure, acknowledged by a retry, and resolved when that succeeds", () => {
    expect(actions(new Kept().decide(rules, [first, retried, went]))).toEqual([
      ["trigger", "run:run_1"],
      ["acknowledge", "run:run_1"],
      ["resolve", "run:run_1"],
    ]);
    const kept = new Kept();
    kept.decide(rules, [first]);
    expect(actions(kept.decide(rules, [went]))).toEqual([["resolve", "run:run_1"]]);
    expect(kept.decide(rules, [{ ...went, key: "again" }]).added).toEqual([]);
  });

  test("that nobody opened is not resolved", () => {
    expect(new Kept().decide(rules, [retried, went]).added).toEqual([]);
    expect(new Kept().decide(rulesOf(`name: a\non: [run.failed]\n${SLACK}`), [first, went]).added).toHaveLength(1);
  });
});

describe("a message", () => {
  const [rule] = rulesOf(
    `name: a\non: [run.failed]\n${SLACK}\ntitle: '{{ run.workflow | upper }}'\ntemplate: '*{{ what }}*{% if count > 1 %} ({{ count }}){% endif %} {{ link }}'`,
  ) as [NotifyRule];
  const row = {
    ...(new Kept().decide([rule], [news(1, { facts: { ...news(1).facts, what: "<a>" } })]).added[0] as NewDelivery),
    events: 1,
  };
  const how = { rule, quote: (value: string) => value.replaceAll("<", "&lt;"), publicUrl: "https://t.example" };

  test("is what its author wrote, with values escaped", () => {
    expect(messageOf(row, how)).toMatchObject({
      title: "NIGHTLY",
      text: "*&lt;a>* https://t.example/runs/run_1",
      link: "https://t.example/runs/run_1",
    });
    expect(messageOf({ ...row, events: 7 }, how).text).toContain("(7)");
  });

  test("whose template fails says what happened all the same", () => {
    const [broken] = rulesOf(`name: a\non: [run.failed]\n${SLACK}\ntemplate: '{{ error.title }}'`) as [NotifyRule];
    expect(messageOf(row, { ...how, rule: broken }).text).toMatch(/^&lt;a>\.\n.*template of this rule failed/s);
  });
});
