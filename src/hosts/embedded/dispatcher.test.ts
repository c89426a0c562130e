import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RunId, StepId, TenantId } from "../../core/ids.ts";
import type { Priority } from "../../plan/workflow.ts";
import { Dispatcher, type PermitRequest } from "./dispatcher.ts";

/** Any text is an id here. */
function asked(name: string, parts: Partial<PermitRequest> = {}): PermitRequest {
  const [runId = "run", step = name] = name.split("/");
  return {
    runId: runId as RunId,
    step: step as StepId,
    attempt: 1,
    tenant: "default" as TenantId,
    priority: 3,
    runLimit: null,
    askedAt: 0,
    ...parts,
  };
}

const of = (tenant: string, parts: Partial<PermitRequest> = {}): Partial<PermitRequest> => ({ tenant: tenant as TenantId, ...parts });

function dispatcher(limit: number, agingMs = 1_000_000): Dispatcher {
  return new Dispatcher({ limit, agingMs });
}

/** Grants until nobody may run, in order. */
function grantAll(from: Dispatcher, now = 0): string[] {
  const names: string[] = [];
  for (let request = from.grant(now); request !== null; request = from.grant(now)) names.push(`${request.runId}/${request.step}`);
  return names;
}

function giveBack(to: Dispatcher, name: string): void {
  const { runId, step } = asked(name);
  to.release(runId, step);
}

/** The order in which everything gets its turn on one place. */
function order(from: Dispatcher, now = 0): string[] {
  const names: string[] = [];
  for (let [name] = grantAll(from, now); name !== undefined; [name] = grantAll(from, now)) {
    names.push(name);
    giveBack(from, name);
  }
  return names;
}

describe("the dispatcher", () => {
  test("grants no more places than there are (P1)", () => {
    const places = dispatcher(2);
    for (const name of ["r/a", "r/b", "r/c"]) places.request(asked(name));
    expect(grantAll(places)).toEqual(["r/a", "r/b"]);
    expect(places.load()).toEqual({ running: 2, limit: 2, waiting: 1 });
    giveBack(places, "r/a");
    expect(grantAll(places)).toEqual(["r/c"]);
  });

  test("tells how many wait at each priority, also of those that stand aside", () => {
    const places = dispatcher(1);
    places.request(asked("r/a", { priority: 1, runLimit: 1 }));
    places.request(asked("r/b", { priority: 2, runLimit: 1 }));
    places.request(asked("s/c", { priority: 2 }));
    expect(places.waitingByPriority()).toEqual([1, 2, 0, 0, 0]);
    expect(grantAll(places)).toEqual(["r/a"]);
    expect(places.waitingByPriority()).toEqual([0, 2, 0, 0, 0]);
    giveBack(places, "s/c");
    expect(places.waitingByPriority()).toEqual([0, 1, 0, 0, 0]);
  });

  test("serves the more urgent first, and inside a priority who came first", () => {
    const places = dispatcher(1);
    for (const [name, priority] of [
      ["r/e", 5],
      ["r/c", 3],
      ["r/a", 1],
      ["r/d", 3],
      ["r/b", 2],
    ] as const)
      places.request(asked(name, { priority }));
    expect(order(places)).toEqual(["r/a", "r/b", "r/c", "r/d", "r/e"]);
  });

  test("refuses a priority that does not exist", () => {
    expect(() => dispatcher(1).request(asked("r/a", { priority: 6 as Priority }))).toThrow(RangeError);
  });

  test("lets a request that waits gain a priority for every aging time, so that nothing starves (P2)", () => {
    const places = dispatcher(1, 1_000);
    places.request(asked("r/old", { priority: 5, askedAt: 0 }));
    places.request(asked("r/new", { priority: 2, askedAt: 3_999 }));
    expect(grantAll(places, 3_999)).toEqual(["r/new"]);
    giveBack(places, "r/new");
    places.request(asked("r/newer", { priority: 2, askedAt: 4_000 }));
    expect(order(places, 4_000)).toEqual(["r/old", "r/newer"]);
  });

  test("counts asking twice once, and forgets what is given back twice (P3)", () => {
    const places = dispatcher(2);
    places.request(asked("r/a"));
    places.request(asked("r/a"));
    expect(grantAll(places)).toEqual(["r/a"]);
    places.request(asked("r/a"));
    expect(grantAll(places)).toEqual([]);
    giveBack(places, "r/a");
    giveBack(places, "r/a");
    giveBack(places, "r/ghost");
    expect(places.load()).toEqual({ running: 0, limit: 2, waiting: 0 });
  });

  test("passes over a request that was withdrawn, also when it was made anew", () => {
    const places = dispatcher(1);
    for (const name of ["r/a", "r/b"]) places.request(asked(name));
    giveBack(places, "r/a");
    expect(places.load().waiting).toBe(1);
    places.request(asked("r/a"));
    expect(order(places)).toEqual(["r/b", "r/a"]);
  });
});

describe("a run with a limit of its own", () => {
  const limited = { runLimit: 1 };

  test("has no more places than that, and others pass it (P1)", () => {
    const places = dispatcher(3);
    for (const name of ["r/a", "r/b", "r/c"]) places.request(asked(name, limited));
    places.request(asked("other/x"));
    expect(grantAll(places)).toEqual(["r/a", "other/x"]);
    giveBack(places, "r/a");
    expect(grantAll(places)).toEqual(["r/b"]);
    expect(places.load()).toMatchObject({ running: 2, waiting: 1 });
  });

  test("keeps its turn in the line while it stands aside", () => {
    const places = dispatcher(2);
    for (const name of ["r/a", "r/b"]) places.request(asked(name, limited));
    for (const name of ["x/1", "x/2", "x/3"]) places.request(asked(name));
    expect(grantAll(places)).toEqual(["r/a", "x/1"]);
    giveBack(places, "r/a");
    expect(grantAll(places)).toEqual(["r/b"]);
  });

  test("does not cost its tenant a turn", () => {
    const places = dispatcher(4);
    for (let index = 0; index < 50; index++) places.request(asked(`r/${index}`, { ...limited, ...of("one") }));
    places.request(asked("free/x", of("one")));
    for (let index = 0; index < 5; index++) places.request(asked(`o/${index}`, of("two")));
    expect(grantAll(places)).toEqual(["r/0", "o/0", "free/x", "o/1"]);
  });

  test("is not forgotten when the one that came back from aside is withdrawn", () => {
    const places = dispatcher(5);
    for (const name of ["r/a", "r/b", "r/c"]) places.request(asked(name, limited));
    expect(grantAll(places)).toEqual(["r/a"]);
    giveBack(places, "r/a");
    giveBack(places, "r/b");
    expect(grantAll(places)).toEqual(["r/c"]);
  });

  test("those withdrawn while they stood aside stay away", () => {
    const places = dispatcher(5);
    for (const name of ["r/a", "r/b", "r/c"]) places.request(asked(name, limited));
    grantAll(places);
    giveBack(places, "r/b");
    giveBack(places, "r/a");
    expect(grantAll(places)).toEqual(["r/c"]);
    giveBack(places, "r/c");
    expect(places.load()).toEqual({ running: 0, limit: 5, waiting: 0 });
  });
});

describe("tenants", () => {
  test("take turns: nine quiet ones wait for no more than one round beside a noisy one (I-37)", () => {
    const places = dispatcher(1);
    for (let index = 0; index < 1_000; index++) places.request(asked(`noisy/${index}`, of("noisy")));
    for (let quiet = 0; quiet < 9; quiet++)
      for (let index = 0; index < 3; index++) places.request(asked(`q${quiet}/${index}`, of(`q${quiet}`)));
    const first = order(places).slice(0, 30);
    for (let quiet = 0; quiet < 9; quiet++) expect(first.filter((name) => name.startsWith(`q${quiet}/`))).toHaveLength(3);
    expect(first.filter((name) => name.startsWith("noisy/"))).toHaveLength(3);
  });

  test("a long line gives its memory back and keeps its order", () => {
    const places = dispatcher(1);
    const names = Array.from({ length: 5_000 }, (_, index) => `r/${index}`);
    for (const name of names) places.request(asked(name));
    expect(order(places)).toEqual(names);
  });

  test("with nothing left to do lose their place in the round", () => {
    const places = dispatcher(1);
    places.request(asked("one/a", of("one")));
    places.request(asked("two/a", of("two")));
    giveBack(places, "one/a");
    expect(order(places)).toEqual(["two/a"]);
  });
});

describe("against a naive model", () => {
  const anyRequest = fc
    .tuple(fc.nat({ max: 3 }), fc.nat({ max: 5 }), fc.constantFrom(1, 3, 5), fc.constantFrom("t0", "t1", "t2"))
    .map(([run, step, priority, tenant]) => {
      // A run belongs to one tenant, and its limit is its own.
      return asked(`r${run}${tenant}/${step}`, of(tenant, { priority, runLimit: run === 0 ? null : run }));
    });
  const anyAction = fc.oneof(
    { weight: 5, arbitrary: anyRequest.map((request) => ({ kind: "request" as const, request })) },
    { weight: 3, arbitrary: anyRequest.map((request) => ({ kind: "release" as const, request })) },
    { weight: 4, arbitrary: fc.constant({ kind: "grant" as const }) },
  );
  const keyOf = ({ runId, step }: PermitRequest): string => `${runId}/${step}`;

  test("it grants only what may run, never less than may run, and the most urgent of it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(anyAction, { maxLength: 80 }), (limit, actions) => {
        const places = dispatcher(limit);
        const waiting = new Map<string, PermitRequest>();
        const held = new Map<string, PermitRequest>();
        for (const action of actions) {
          if (action.kind === "release") {
            places.release(action.request.runId, action.request.step);
            waiting.delete(keyOf(action.request));
            held.delete(keyOf(action.request));
          } else if (action.kind === "request") {
            places.request(action.request);
            if (!waiting.has(keyOf(action.request)) && !held.has(keyOf(action.request))) waiting.set(keyOf(action.request), action.request);
          } else {
            const heldBy = (runId: string): number => [...held.values()].filter((one) => one.runId === runId).length;
            const able =
              held.size >= limit ? [] : [...waiting.values()].filter((one) => one.runLimit === null || heldBy(one.runId) < one.runLimit);
            const granted = places.grant(0);
            expect(granted === null).toBe(able.length === 0);
            if (granted === null) continue;
            expect(able).toContain(granted);
            expect(granted.priority).toBe(Math.min(...able.map(({ priority }) => priority)));
            waiting.delete(keyOf(granted));
            held.set(keyOf(granted), granted);
          }
          expect(places.load()).toEqual({ running: held.size, limit, waiting: waiting.size });
        }
      }),
      { numRuns: 500 },
    );
  });

  test("between two turns of a tenant every other that waits has one", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 1_000 })), { minLength: 1, maxLength: 60 }), (requests) => {
        const places = dispatcher(1);
        const left = new Map<string, number>();
        for (const [index, [tenant]] of requests.entries()) {
          places.request(asked(`t${tenant}/${index}`, of(`t${tenant}`)));
          left.set(`t${tenant}`, (left.get(`t${tenant}`) ?? 0) + 1);
        }
        const turns = order(places).map((name) => name.split("/")[0] ?? "");
        const since = new Map<string, Set<string>>();
        for (const tenant of turns) {
          const others = [...left].filter(([other, count]) => other !== tenant && count > 0).map(([other]) => other);
          const served = since.get(tenant);
          if (served !== undefined) expect(others.filter((other) => !served.has(other))).toEqual([]);
          left.set(tenant, (left.get(tenant) ?? 0) - 1);
          since.set(tenant, new Set());
          for (const [other, seen] of since) if (other !== tenant) seen.add(tenant);
        }
      }),
      { numRuns: 200 },
    );
  });
});
