import { describe, expect, test } from "vitest";
import type { RunId } from "../../src/core/ids.ts";
import type { RunRow, StoredEntry } from "../../src/ports/store.ts";
import type { InspectedStore } from "./journal.ts";
import type { ServerMessage } from "./message.ts";
import { createViewer, STALLED_MAX_MS } from "./viewer.ts";

const RUN = "run_00000000000000000000000000000001" as RunId;
type Entry = StoredEntry["entry"];

/** A store that holds one run whose entries the test adds. */
function createJournal() {
  const entries: Entry[] = [];
  const row = () =>
    ({
      id: RUN,
      workflow: "w",
      definition: "d",
      state: "running.executing",
      createdAt: 0,
      endedAt: null,
      lastSeq: entries.length,
    }) as unknown as RunRow; // What the inspector reads of it.
  const store = {
    run: (id: RunId) => (id === RUN ? row() : null),
    steps: () => [{ step: "build", itemKey: "", state: "retrying" }],
    definition: () => ({ document: { steps: [{ id: "build", type: "shell" }, { id: "ship" }, "no step"] } }),
    entries: (_: RunId, after: number, limit: number) => entries.slice(after, after + limit),
    lastPosition: () => entries.length,
    tail: (after: number, limit: number) =>
      entries.slice(after, after + limit).map((entry) => ({ position: entry.seq, runId: RUN, entry })),
    shows: () => true,
  } as unknown as InspectedStore; // A viewer asks it nothing else.
  const add = (count: number, type = "step.ready", actor = "build"): void => {
    for (let index = 0; index < count; index++) {
      const seq = entries.length + 1;
      entries.push({
        seq,
        actor,
        type,
        on: "step.ready",
        from: "a",
        to: "b",
        data: { secret: "CANARY" },
        at: seq,
        causeId: "c",
      } as unknown as Entry); // Names of a made-up chart.
    }
  };
  return { store, add };
}

function createLine() {
  const texts: string[] = [];
  const line = {
    bufferedBytes: 0,
    dropped: "",
    send: (text: string) => void texts.push(text),
    drop(reason: string) {
      line.dropped = reason;
    },
  };
  const messages = () => texts.map((text) => JSON.parse(text) as ServerMessage);
  const seqs = () => messages().flatMap((message) => (message.kind === "entries" ? message.entries.map(({ seq }) => seq) : []));
  return { line, texts, messages, seqs };
}

describe("a viewer", () => {
  test("that comes late gets the present state of each actor first, then the history, then what follows", async () => {
    const { store, add } = createJournal();
    add(3);
    const { line, messages, seqs } = createLine();
    const viewer = createViewer(store, line);
    await viewer.open(RUN);
    expect(messages()).toMatchObject([
      {
        kind: "run",
        run: {
          steps: [
            { id: "build", type: "shell" },
            { id: "ship", type: "" },
          ],
          present: { seq: 3, states: { run: "running.executing", build: "retrying" } },
          base: { seq: 0, states: {}, counts: [] },
        },
      },
    ]);
    viewer.pump(0);
    add(2);
    viewer.pump(0);
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  test("is sent no payloads", async () => {
    const { store, add } = createJournal();
    add(5);
    const { line, texts } = createLine();
    const viewer = createViewer(store, line);
    await viewer.open(RUN);
    viewer.pump(0);
    expect(texts.join()).not.toContain("CANARY");
  });

  test("is sent nothing of runs that it has not opened but a new state", () => {
    const { store, add } = createJournal();
    const { line, messages } = createLine();
    const viewer = createViewer(store, line);
    add(2);
    add(1, "run.waiting", "run");
    viewer.pump(0);
    expect(messages()).toEqual([
      { kind: "line", line: { id: RUN, workflow: "w", state: "running.executing", createdAt: 0, endedAt: null } },
    ]);
  });

  test("gets a long history page by page, and is told that there is more", async () => {
    const { store, add } = createJournal();
    add(2_500);
    const { line, seqs } = createLine();
    const viewer = createViewer(store, line);
    await viewer.open(RUN);
    const more = [viewer.pump(0), viewer.pump(0), viewer.pump(0)];
    expect(more).toEqual([true, true, false]);
    expect(seqs()).toHaveLength(2_500);
  });

  test("gets states and counts for what lies before the entries that it is sent", async () => {
    const { store, add } = createJournal();
    add(20_003);
    const { line, messages } = createLine();
    await createViewer(store, line).open(RUN);
    const count = { actor: "build", on: "step.ready", from: "a", to: "b", count: 3 };
    expect(messages()).toMatchObject([{ run: { base: { seq: 3, states: { build: "b" }, counts: [count] } } }]);
  });

  test("gets only the last of an actor's reports about its progress that arrive together", async () => {
    const { store, add } = createJournal();
    const { line, seqs } = createLine();
    const viewer = createViewer(store, line);
    await viewer.open(RUN);
    add(4, "step.progress");
    add(1);
    add(1, "step.progress", "ship");
    viewer.pump(0);
    expect(seqs()).toEqual([4, 5, 6]);
  });

  test("that takes nothing is sent nothing, and is dropped after a while (IV1)", async () => {
    const { store, add } = createJournal();
    const { line, seqs } = createLine();
    const viewer = createViewer(store, line);
    await viewer.open(RUN);
    line.bufferedBytes = 2 << 20;
    add(10);
    expect(viewer.pump(1_000)).toBe(false);
    expect(viewer.pump(1_000 + STALLED_MAX_MS)).toBe(false);
    expect([line.dropped, seqs()]).toEqual(["", []]);
    viewer.pump(1_001 + STALLED_MAX_MS);
    expect(line.dropped).toBe("tooSlow");
  });

  test("that takes again in time has lost nothing (IV1)", async () => {
    const { store, add } = createJournal();
    const { line, seqs } = createLine();
    const viewer = createViewer(store, line);
    await viewer.open(RUN);
    line.bufferedBytes = 2 << 20;
    add(3);
    viewer.pump(0);
    line.bufferedBytes = 0;
    viewer.pump(5_000);
    line.bufferedBytes = 2 << 20;
    viewer.pump(6_000 + STALLED_MAX_MS);
    expect([line.dropped, seqs()]).toEqual(["", [1, 2, 3]]);
  });

  test("that opens a run that is not there is told nothing", async () => {
    const { line, texts } = createLine();
    await createViewer(createJournal().store, line).open("run_00000000000000000000000000000002" as RunId);
    expect(texts).toEqual([]);
  });
});
