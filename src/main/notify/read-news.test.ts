import { describe, expect, test } from "vitest";
import { rulesOf } from "../../../test/support/notify-rules.ts";
import type { CauseId, RunId, TenantId } from "../../core/ids.ts";
import type { JsonObject } from "../../core/json.ts";
import type { JournalEntry } from "../../kernel/entry.ts";
import { NOTIFY_EVENTS } from "../../plan/notify-rule.ts";
import type { RunRow, StoredEntry, StoreReader } from "../../ports/store.ts";
import { createNewsReader, entryTypesOf } from "./read-news.ts";

const RUN = "run_1" as RunId;
const ALL = Object.keys(NOTIFY_EVENTS).join(", ");
const slack = (on: string) => rulesOf(`name: a\non: [${on}]\nto: { slack: { url: { env: U } } }`);
const pager = (on: string) => rulesOf(`name: p\non: [${on}]\nto: { pagerduty: { routing_key: { env: U } } }`);

const rowOf = (id: string, parent: string | null): RunRow =>
  ({
    id,
    tenant: "default",
    workflow: "nightly",
    state: "running.executing",
    labels: {},
    priority: 3,
    createdAt: 1,
    startedAt: 2,
    costUsd: 0,
    parent,
  }) as unknown as RunRow; // What the reader looks at.

/** Runs by id, with the run that each was made from, and how. */
function storeOf(runs: Readonly<Record<string, readonly [parent: string, relation: string] | null>>): StoreReader {
  return {
    run: (id: RunId) => (id in runs ? rowOf(id, runs[id]?.[0] ?? null) : null),
    entries: (id: RunId) => [{ seq: 1, actor: "run", type: "run.created", data: { start: { parent: { relation: runs[id]?.[1] } } } }],
    samples: () => [],
  } as unknown as StoreReader; // As above.
}

function stored(type: string, data: JsonObject, actor = "run", runId = RUN): StoredEntry {
  const entry = { seq: 7, actor, type, on: "x", from: "a", to: "b", data, causeId: "c" as CauseId, at: 1_000 } as JournalEntry;
  return { position: 1, runId, tenant: "default" as TenantId, entry, hash: "" };
}

const failure = { class: "permanent", code: "EXIT_CODE", title: "Exit code 3", hint: "Look at its log" };

describe("news", () => {
  const read = createNewsReader(storeOf({ [RUN]: null }), slack(ALL));

  test("of a run that failed name the step, the error, and the fix", () => {
    const [news] = read.ofEntry(stored("run.failed", { error: { step: "build", failure } }));
    expect(news).toMatchObject({
      key: "run_1:7",
      step: null,
      facts: {
        what: "nightly failed at step build",
        step: "build",
        error: { code: "EXIT_CODE", fix: "Look at its log" },
        next: "troupe why run_1 build",
      },
    });
  });

  test.each<[string, string, JsonObject, string]>([
    ["step.failed", "step.failed", { outcome: { kind: "failed", failure } }, "Step build of nightly has failed"],
    ["step.quarantined", "step.quarantined", {}, "Step build of nightly is stuck and needs a person"],
    ["gate.failed", "step.failed", { usage: { gate: { ok: false } } }, "Step build of nightly did not pass its tests"],
    ["merge.conflict", "step.retrying", { usage: { merge: { merged: false, conflicts: 2 } } }, "Step build of nightly could not be merged"],
    [
      "approval.requested",
      "step.waiting",
      { until: { parking: { kind: "approval", digest: "d", request: { title: "the release" } } } },
      "nightly waits for a decision about the release",
    ],
  ])("tell of %s from %s", (event, type, data, what) => {
    const found = read.ofEntry(stored(type, data, "build"));
    expect(found.find((one) => one.type === event)?.facts.what).toBe(what);
    // A rule that does not ask for it does not hear of it.
    expect(createNewsReader(storeOf({ [RUN]: null }), slack("run.canceled")).ofEntry(stored(type, data, "build"))).toEqual([]);
  });

  test("do not come from a step that waits for something else", () => {
    expect(read.ofEntry(stored("step.waiting", { until: { parking: { kind: "timer" } } }, "build"))).toEqual([]);
  });

  test("of an end are told also where its journal cannot be read for anomalies (S-48)", () => {
    const broken = { ...storeOf({ [RUN]: null }), samples: () => expect.fail("a row cannot be read") } as StoreReader;
    expect(
      createNewsReader(broken, slack(ALL))
        .ofEntry(stored("run.failed", {}))
        .map(({ type }) => type),
    ).toEqual(["run.failed"]);
  });

  test("of a run that retention has taken are none", () => {
    expect(createNewsReader(storeOf({}), slack(ALL)).ofEntry(stored("run.failed", {}))).toEqual([]);
  });

  test("are read only where a rule asks for them", () => {
    expect(entryTypesOf(slack("run.failed, approval.requested, breaker.opened"))).toEqual(["run.failed", "step.waiting"]);
    expect(entryTypesOf(pager("run.failed"))).toContain("run.succeeded");
  });

  test("hold nothing that acts on who reads them", () => {
    const hostile = "x\u001b]8;;http://evil\u0007\u202e\nnext";
    const [news] = read.ofEntry(stored("run.failed", { error: { step: "build", failure: { ...failure, title: hostile } } }));
    expect(news?.facts.error).toMatchObject({ title: "x]8;;http://evil next" });
  });

  test("of a breaker come from the audit log", () => {
    const note = {
      id: 4,
      at: 9,
      actor: "engine 1",
      hash: "",
      data: { tenant: "default", target: "tool:codex", to: "open", context: { failures: 5 } },
    };
    expect(read.ofNote({ ...note, what: "breaker.opened" })).toMatchObject({
      key: "audit:4",
      thread: "breaker:default:tool:codex",
      closes: [],
      facts: { what: "The breaker of tool:codex is open" },
    });
    expect(read.ofNote({ ...note, what: "breaker.closed" })?.closes).toEqual(["breaker:default:tool:codex"]);
    expect(read.ofNote({ ...note, what: "engine.takeover" })).toBeNull();
  });
});

describe("an incident", () => {
  const runs = { run_1: null, run_2: ["run_1", "retry"], run_3: ["run_2", "fork"], run_4: ["run_3", "child"] } as const;
  const read = createNewsReader(storeOf(runs), pager("run.failed, step.failed, approval.requested"));
  const of = (run: string, type: string, actor = "run") => read.ofEntry(stored(type, {}, actor, run as RunId))[0];

  test("is of the run that was retried or forked, however often; a child's is its own", () => {
    expect([of("run_1", "run.failed")?.thread, of("run_3", "run.failed")?.thread, of("run_4", "run.failed")?.thread]).toEqual([
      "run:run_1",
      "run:run_1",
      "run:run_4",
    ]);
    expect(of("run_3", "run.created")?.acknowledges).toEqual(["run:run_1"]);
    expect(of("run_1", "run.created")?.acknowledges).toEqual([]);
  });

  test("ends with what it was about", () => {
    expect(of("run_2", "run.succeeded")?.closes).toEqual(["run:run_1"]);
    expect(of("run_2", "step.succeeded", "build")?.closes).toEqual(["approval:run_2:build", "step:run_1:build"]);
    expect(of("run_2", "step.failed", "build")?.closes).toEqual(["approval:run_2:build"]);
  });
});
