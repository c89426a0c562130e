/**
 * One client that looks on. It has a place of its own in the journal and reads from there as fast as its connection takes it, like a
 * reader of a log: nothing is queued for it beyond one page, and it can neither delay the others nor the run.
 *
 * IV1 A client that takes nothing for a while is dropped with a word; whatever it missed is in the journal when it comes back.
 */
import type { RunId } from "../../src/core/ids.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { StoredEntry } from "../../src/ports/store.ts";
import { type InspectedStore, readBase, readEntries, readPresent, sampled, toLine, toWire } from "./journal.ts";
import type { ServerMessage } from "./message.ts";
import type { StatelyFeed } from "./stately.ts";

/** Bytes on their way to a client above which it gets no more for now. */
const BUFFERED_MAX_BYTES = 1 << 20;
/** A client that takes nothing for so long is dropped. */
export const STALLED_MAX_MS = 10_000;
/** Runs that one client may have open. */
const OPEN_MAX = 20;
const TAIL_PAGE = 1_000;

/** The connection, as far as a viewer knows it. */
export interface Line {
  readonly bufferedBytes: number;
  send(text: string): void;
  /** Ends the connection and says why. */
  drop(reason: "tooSlow"): void;
}

export interface Viewer {
  /** Sends what there is, as far as the connection takes it. True when there is more to come at once. */
  pump(now: number): boolean;
  open(runId: RunId): Promise<void>;
  /** What an entry holds; null for one that is not there. */
  payload(runId: RunId, seq: number): JsonObject | null;
}

/** Reads the store's log for one client and says which runs have moved. */
function createTail(store: InspectedStore): () => { readonly entries: readonly StoredEntry[]; readonly isWhole: boolean } {
  let position = store.lastPosition();
  return () => {
    const page = store.tail(position, TAIL_PAGE);
    position = page.at(-1)?.position ?? position;
    return { entries: page.filter((entry) => store.shows(entry)), isWhole: page.length < TAIL_PAGE };
  };
}

function createPatience(line: Line): (now: number) => boolean {
  let stalledSince: number | null = null;
  return (now) => {
    if (line.bufferedBytes <= BUFFERED_MAX_BYTES) {
      stalledSince = null;
      return true;
    }
    stalledSince ??= now;
    if (now - stalledSince > STALLED_MAX_MS) line.drop("tooSlow");
    return false;
  };
}

/** A viewer with our own page. */
export function createViewer(store: InspectedStore, line: Line): Viewer {
  const readTail = createTail(store);
  const isTaking = createPatience(line);
  /** The last entry sent of each run that is open, and those of them that have more. */
  const sent = new Map<RunId, number>();
  const behind = new Set<RunId>();
  const say = (message: ServerMessage): void => line.send(JSON.stringify(message));

  function lookAround(): boolean {
    const { entries, isWhole } = readTail();
    const moved = new Set<RunId>();
    for (const { runId, entry } of entries) {
      if (sent.has(runId)) behind.add(runId);
      if (entry.actor === "run") moved.add(runId);
    }
    for (const runId of moved) {
      const row = store.run(runId);
      if (row !== null) say({ kind: "line", line: toLine(row) });
    }
    return isWhole;
  }

  return {
    pump(now) {
      if (!isTaking(now)) return false;
      let isWhole = lookAround();
      for (const runId of behind) {
        if (line.bufferedBytes > BUFFERED_MAX_BYTES) return false;
        const page = readEntries(store, runId, sent.get(runId) ?? 0);
        if (page.isWhole) behind.delete(runId);
        else isWhole = false;
        const last = page.entries.at(-1);
        if (last === undefined) continue;
        sent.set(runId, last.seq);
        say({ kind: "entries", runId, entries: sampled(page.entries).map(toWire) });
      }
      return !isWhole;
    },
    async open(runId) {
      const present = readPresent(store, runId);
      if (present === null) return;
      const base = await readBase(store, runId, present);
      say({ kind: "run", run: { ...present, base } });
      sent.delete(runId);
      const [eldest] = sent.keys();
      if (sent.size >= OPEN_MAX && eldest !== undefined) sent.delete(eldest);
      sent.set(runId, base.seq);
      behind.add(runId);
    },
    payload: (runId, seq) => readPayload(store, runId, seq),
  };
}

/** A viewer with a tool that reads Stately's inspection events: it is shown the unfinished runs, and every one that begins later. */
export function createStatelyViewer(store: InspectedStore, line: Line, feed: StatelyFeed): Viewer {
  const readTail = createTail(store);
  const isTaking = createPatience(line);
  /** Entries up to this one are part of the present that was sent. */
  const shown = new Map<RunId, number>();

  return {
    pump(now) {
      if (!isTaking(now)) return false;
      const { entries, isWhole } = readTail();
      for (const { runId, entry } of entries) {
        if (entry.on === "run.create" && !shown.has(runId)) shown.set(runId, 0);
        if (entry.seq > (shown.get(runId) ?? Number.POSITIVE_INFINITY)) feed.entry(runId, entry);
      }
      return !isWhole;
    },
    async open(runId) {
      const run = readPresent(store, runId);
      if (run === null) return;
      feed.present(run);
      shown.set(runId, run.present.seq);
    },
    payload: (runId, seq) => readPayload(store, runId, seq),
  };
}

function readPayload(store: InspectedStore, runId: RunId, seq: number): JsonObject | null {
  return store.entries(runId, seq - 1, 1)[0]?.data ?? null;
}
