/** Followers over a store in memory whose reads are counted. */
import { afterEach, describe, expect, test } from "vitest";
import { definitionRow, runId, Script } from "../../test/conformance/store.entries.ts";
import { eventually } from "../../test/support/eventually.ts";
import { openStore, type SqliteStore } from "../adapters/store-sqlite/store.ts";
import type { PlacedEvent } from "../contract/placed-event.ts";
import type { Epoch, TenantId } from "../core/ids.ts";
import type { CommittedEntry, ObservedRun } from "../ports/observer.ts";
import { readPages, readTenant } from "./events.ts";
import { createRunWatch } from "./run-watch.ts";

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
});

async function openWatched() {
  const store = await openStore({ directory: "", memory: true, durability: "relaxed" });
  open.push(store);
  const { epoch } = await store.own("if-dead");
  await store.putDefinition(definitionRow());
  const counts = { moves: 0, placed: 0, tail: 0 };
  const counted: Pick<SqliteStore, "watch" | "moves" | "lastPosition" | "placedEntries" | "tail" | "entries"> = {
    watch: store.watch,
    lastPosition: store.lastPosition,
    entries: store.entries,
    moves(after) {
      counts.moves += 1;
      return store.moves(after);
    },
    placedEntries(id, after, limit) {
      counts.placed += 1;
      return store.placedEntries(id, after, limit);
    },
    tail(after, limit) {
      counts.tail += 1;
      return store.tail(after, limit);
    },
  };
  const watch = createRunWatch(counted);
  const closing = new AbortController();
  const stop = new AbortController();
  open.push({
    async [Symbol.asyncDispose]() {
      stop.abort();
      await nextTurn();
      watch[Symbol.dispose]();
    },
  });
  return { store, epoch, counts, source: { store, watch, closing: closing.signal }, closing, stop };
}

type Watched = Awaited<ReturnType<typeof openWatched>>;

/** Collects what comes until it ends. */
function collect(pages: AsyncIterable<readonly PlacedEvent[]>) {
  const got = { events: [] as PlacedEvent[], pages: [] as (readonly PlacedEvent[])[] };
  const ended = (async () => {
    for await (const page of pages) {
      got.events.push(...page);
      got.pages.push(page);
    }
  })();
  return Object.assign(got, { ended });
}

const commit = ({ store, epoch }: Watched, ...appended: readonly ReturnType<Script["take"]>[]): Promise<void> =>
  store.commit(epoch as Epoch, { appended, takenLetters: [], blobs: [] });
const seqs = (events: readonly PlacedEvent[]): readonly number[] => events.map(({ event }) => event.seq);
const whole = (number: number, tenant: string): ReturnType<Script["take"]> =>
  new Script(number)
    .create({ tenant: tenant as TenantId })
    .begin()
    .end()
    .take();
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

describe("a thousand followers of a run", () => {
  test("cost one look and one read a change, and share what was read (RW1, RW2)", async () => {
    const watched = await openWatched();
    const { source, stop, counts } = watched;
    const script = new Script(1);
    await commit(watched, script.create().take());
    const all = Array.from({ length: 1_000 }, () => collect(readPages(source, runId(1), { follow: true, signal: stop.signal })));
    await eventually(() => expect(all.every(({ events }) => events.length === 1)).toBe(true));
    const before = { ...counts };
    await commit(watched, script.begin().take());
    await eventually(() => expect(all.every(({ events }) => events.length > 1)).toBe(true));
    expect([counts.placed - before.placed, counts.moves - before.moves]).toEqual([1, 1]);
    expect(new Set(all.map(({ pages }) => pages.at(-1))).size).toBe(1);
  });

  test("that nobody moves cost nothing", async () => {
    const watched = await openWatched();
    const { source, stop, counts } = watched;
    await commit(watched, new Script(1).create().take(), new Script(2).create().take());
    const idle = Array.from({ length: 1_000 }, () => collect(readPages(source, runId(1), { follow: true, signal: stop.signal })));
    const busy = collect(readPages(source, runId(2), { follow: true, signal: stop.signal }));
    await eventually(() => expect([...idle, busy].every(({ events }) => events.length === 1)).toBe(true));
    const before = counts.placed;
    const script = new Script(2);
    script.create().take();
    await commit(watched, script.begin().take());
    await eventually(() => expect(busy.events.length).toBeGreaterThan(1));
    expect(counts.placed - before).toBe(1);
  });
});

describe("an engine that tells what it has committed", () => {
  const batchOf = ({ entries }: ReturnType<Script["take"]>): readonly CommittedEntry[] =>
    entries.map((entry) => ({ entry, run: { runId: runId(1), tenant: "default" as TenantId } as ObservedRun }));
  async function openTold() {
    const watched = await openWatched();
    const { source, stop } = watched;
    const script = new Script(1);
    await commit(watched, script.create().take());
    const followers = [
      collect(readPages(source, runId(1), { follow: true, signal: stop.signal })),
      collect(readTenant(source, "default" as TenantId, { afterPosition: 0, signal: stop.signal })),
    ];
    const expectAll = (count: number) => eventually(() => expect(followers.map(({ events }) => events.length)).toEqual([count, count]));
    await expectAll(1);
    return { ...watched, watched, script: script.begin(), expectAll };
  }

  test("spares the store the question who has moved (RW1)", async () => {
    const { watched, source, counts, script, expectAll } = await openTold();
    const began = performance.now();
    for (let count = 2; count < 12; count++) {
      const appended = script.take();
      await commit(watched, appended);
      source.watch.observer.committed(batchOf(appended));
      await expectAll(count);
      script.move("run", "run.progress", "step.progress", "running.executing");
    }
    expect(counts.moves).toBeLessThan(4 + (performance.now() - began) / 1_000);
  });

  test("and does not tell of everything leaves nobody behind (I-6)", async () => {
    const { watched, source, script, expectAll } = await openTold();
    for (let count = 2; count < 5; count++) {
      const appended = script.take();
      await commit(watched, appended);
      if (count === 2) source.watch.observer.committed(batchOf(appended));
      await expectAll(count);
      script.move("run", "run.progress", "step.progress", "running.executing");
    }
  });
});

test("an end that is stored between a look for entries and a look at the state is told all the same (I-6)", async () => {
  const watched = await openWatched();
  const { source, stop, store } = watched;
  const appended = whole(1, "default");
  await commit(watched, appended);
  const last = appended.entries.length;
  let looks = 0;
  const run: typeof store.run = (id) => {
    looks += 1;
    return store.run(id);
  };
  // The first look finds out whether there is such a run.
  const placedEntries: typeof store.placedEntries = (id, after, limit) =>
    store.placedEntries(id, after, limit).filter(({ entry }) => entry.seq < last || looks > 1);
  const { watch: watchWrites, moves, lastPosition, tail, entries } = store;
  using watch = createRunWatch({ watch: watchWrites, moves, lastPosition, tail, entries, placedEntries });
  const racing = { store: { run }, watch, closing: source.closing };
  const got = collect(readPages(racing, runId(1), { afterSeq: last - 1, follow: true, signal: stop.signal }));
  await got.ended;
  expect(seqs(got.events)).toEqual([last]);
});

test("followers that come, go and lag at any moment each get every entry once, in order (I-6, RW3)", async () => {
  const watched = await openWatched();
  const { source } = watched;
  const scripts = Array.from({ length: 4 }, (_, index) => new Script(index + 1));
  await commit(watched, ...scripts.map((script) => script.create().take()));
  let draw = 7;
  const random = (below: number): number => {
    draw = (draw * 48_271) % 2_147_483_647;
    return draw % below;
  };
  /** Leaves after some pages and comes back, reads slowly, until the run has ended. */
  async function wander(index: number): Promise<readonly number[]> {
    const seen: number[] = [];
    for (let isOver = false; !isOver; ) {
      const leave = new AbortController();
      let stays = random(4);
      isOver = true;
      for await (const page of readPages(source, runId(index), { afterSeq: seen.at(-1) ?? 0, follow: true, signal: leave.signal })) {
        seen.push(...seqs(page));
        for (let turns = random(6); turns > 0; turns--) await nextTurn();
        isOver = stays > 0;
        if (stays-- === 0) leave.abort();
      }
    }
    return seen;
  }
  const wanderers = scripts.flatMap((_, index) => Array.from({ length: 12 }, () => wander(index + 1)));
  for (const script of scripts) script.begin();
  for (let round = 0; round < 40; round++) {
    const moving = scripts.filter(() => random(2) === 0);
    await commit(watched, ...moving.map((script) => script.take()).filter(({ entries }) => entries.length > 0));
    for (const script of moving) script.move("run", "run.progress", "step.progress", "running.executing");
    await nextTurn();
  }
  await commit(watched, ...scripts.map((script) => script.end().take()));
  const lasts = scripts.map((_, index) => watched.store.run(runId(index + 1))?.lastSeq ?? 0);
  const seen = await Promise.all(wanderers);
  expect(seen).toEqual(lasts.flatMap((last) => Array.from({ length: 12 }, () => upTo(last))));
});

describe("all runs of a tenant", () => {
  test("come in one order, from any place on, and nothing of another tenant does (S-31)", async () => {
    const watched = await openWatched();
    const { source, stop, store } = watched;
    const follow = (afterPosition: number, tenant = "acme") =>
      collect(readTenant(source, tenant as TenantId, { afterPosition, signal: stop.signal }));
    const first = follow(0);
    await commit(watched, whole(1, "acme"), whole(2, "other"));
    await commit(watched, whole(3, "acme"));
    await eventually(() => expect(first.events.at(-1)?.position).toBe(store.lastPosition()));
    expect(first.events.map(({ position }) => position)).toEqual(
      store
        .tail(0, 1_000)
        .filter(({ tenant }) => tenant === "acme")
        .map(({ position }) => position),
    );
    const middle = first.events.at(2)?.position ?? 0;
    const later = follow(middle);
    await eventually(() => expect(later.events).toEqual(first.events.slice(3)));
    const nothing = follow(store.lastPosition(), "other");
    await commit(watched, whole(4, "other"));
    await eventually(() => expect(nothing.events.length).toBe(3));
  });
});

test("who follows is told when the store closes, and who has left is not held on to", async () => {
  const watched = await openWatched();
  const { source, closing, counts } = watched;
  await commit(watched, new Script(1).create().take());
  const leave = new AbortController();
  const [left, told] = [
    collect(readPages(source, runId(1), { follow: true, signal: leave.signal })),
    collect(readPages(source, runId(1), { follow: true })),
  ];
  await eventually(() => expect([left, told].every(({ events }) => events.length === 1)).toBe(true));
  leave.abort();
  await left.ended;
  closing.abort();
  await expect(told.ended).rejects.toMatchObject({ code: "ENGINE_STOPPED" });
  const before = counts.moves;
  await commit(watched, new Script(2).create().take());
  for (let turns = 0; turns < 20; turns++) await nextTurn();
  expect(counts.moves).toBe(before);
});
