/** What survives an engine: journals, letters, values. And a store over it whose commits are late, fail, or end in doubt, by seed. */
import { FencedError, InvariantError } from "../../src/core/errors.ts";
import type { CauseId, RunId } from "../../src/core/ids.ts";
import type { Json } from "../../src/core/json.ts";
import type { CauseEvent } from "../../src/kernel/cause.ts";
import type { JournalEntry } from "../../src/kernel/entry.ts";
import type { CommitBatch, DueTimer, Letter, RunRow, Store } from "../../src/ports/store.ts";
import type { Chance, Engine, World } from "./world.ts";

/** Protections that a test may switch off, to see that the checker notices. */
export interface Protections {
  /** A commit is answered when it is on disk, not before (I-1). */
  readonly writeAhead: boolean;
  /** A commit of an engine that was replaced is refused (I-10). */
  readonly fence: boolean;
  /** A letter is handed out until the cause in it is decided, and under one id (K2). */
  readonly dedupe: boolean;
  /** A living attempt is seen as such, and one that was started or revoked elsewhere does not start again (reliability §5). */
  readonly claim: boolean;
}

export const ALL_PROTECTIONS: Protections = { writeAhead: true, fence: true, dedupe: true, claim: true };

interface ActorRow {
  state: string;
  timer: string | null;
  dueAt: number | null;
}

export class Disk {
  epoch = 0;
  /** How the last engine ended. */
  previous: "none" | "clean" | "crashed" = "none";
  readonly journals = new Map<RunId, JournalEntry[]>();
  readonly actors = new Map<RunId, Map<string, ActorRow>>();
  readonly letters: Letter[] = [];
  readonly taken = new Set<number>();
  readonly blobs = new Map<string, Json>();

  post(runId: RunId, causeId: CauseId, at: number, event: CauseEvent): number {
    const known = this.letters.find((letter) => letter.causeId === causeId);
    if (known !== undefined) return known.id;
    this.letters.push({ id: this.letters.length + 1, runId, causeId, at, event });
    return this.letters.length;
  }

  /** One transaction: all of it or, by throwing, nothing. */
  apply(batch: CommitBatch, { fence, dedupe }: Protections, engine: Engine): void {
    if (fence && engine.epoch !== this.epoch) throw new FencedError("EPOCH_LOST", { current: this.epoch, epoch: engine.epoch });
    for (const { runId, entries } of batch.appended) {
      const last = this.journals.get(runId)?.length ?? 0;
      const seq = entries[0]?.seq ?? 0;
      if (fence && seq !== last + 1)
        throw new InvariantError("INV_ENTRY_REFUSED", { seq, actor: runId, problem: `the last one is ${last}` });
    }
    for (const { ref, text } of batch.blobs) this.blobs.set(ref.$blob, JSON.parse(text) as Json);
    for (const { runId, entries } of batch.appended) for (const entry of entries) this.#append(runId, entry);
    if (dedupe) for (const letter of batch.takenLetters) this.taken.add(letter);
  }

  runState(runId: RunId): string {
    return this.actors.get(runId)?.get("run")?.state ?? "";
  }

  due(until: number): readonly DueTimer[] {
    const due: DueTimer[] = [];
    for (const [runId, actors] of this.actors) {
      for (const [actor, { timer, dueAt }] of actors)
        if (timer !== null && dueAt !== null && dueAt <= until) due.push({ runId, actor, timer, dueAt });
    }
    return due.sort((one, other) => one.dueAt - other.dueAt);
  }

  #append(runId: RunId, entry: JournalEntry): void {
    const journal = this.journals.get(runId) ?? [];
    const actors = this.actors.get(runId) ?? new Map<string, ActorRow>();
    this.journals.set(runId, journal);
    this.actors.set(runId, actors);
    journal.push(entry);
    const row = actors.get(entry.actor) ?? { state: "", timer: null, dueAt: null };
    actors.set(entry.actor, row);
    const { timer, dueAt } = entry.data;
    const ends = entry.actor === "run" ? !entry.to.startsWith("running") || dueAt === null : entry.from !== entry.to;
    if (ends) Object.assign(row, { timer: null, dueAt: null });
    if (typeof timer === "string" && typeof dueAt === "number") Object.assign(row, { timer, dueAt });
    row.state = entry.to;
  }
}

export interface StoreFaults {
  /** Longest time to disk, in milliseconds. */
  readonly commitMsMax: number;
  /** Share of commits whose outcome stays unknown. */
  readonly doubt: number;
}

/** The store as one engine sees it. */
export function openSimulatedStore(
  disk: Disk,
  world: World,
  chance: Chance,
  engine: Engine,
  faults: StoreFaults,
  protections: Protections,
): Store {
  let isPoisoned = false;
  let lastAt = 0;
  const runsIn = (pattern: RegExp): RunId[] => [...disk.journals.keys()].filter((id) => pattern.test(disk.runState(id)));
  const isActive = (id: RunId): boolean =>
    ["pending", "running.finishing"].includes(disk.runState(id)) ||
    [...(disk.actors.get(id) ?? [])].some(
      ([actor, { state }]) => actor !== "run" && (state === "pending.queued" || state.startsWith("running")),
    );
  function commit(_epoch: number, batch: CommitBatch): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // One writer: commits reach the disk in the order in which they were called (ST2).
    lastAt = Math.max(world.now, lastAt) + chance.between(0, faults.commitMsMax);
    const ackMs = chance.between(0, 3);
    const isDoubtful = chance.happens(faults.doubt);
    const isKept = chance.happens(0.5);
    if (!protections.writeAhead) resolve();
    world.at(lastAt, engine, () => {
      if (isPoisoned) return reject(new FencedError("COMMIT_UNKNOWN", { problem: "an earlier one failed" }));
      isPoisoned ||= isDoubtful;
      try {
        if (!isDoubtful || isKept) disk.apply(batch, protections, engine);
      } catch (error) {
        isPoisoned = true;
        return reject(error);
      }
      // The engine may die between the commit and hearing of it.
      lastAt = Math.max(lastAt, world.now + ackMs);
      world.at(lastAt, engine, () => (isDoubtful ? reject(new FencedError("COMMIT_UNKNOWN", { problem: "fsync failed" })) : resolve()));
    });
    return promise;
  }

  const asked: Partial<Store> = {
    // The host asks only whether there is a row.
    run: (id) => (disk.journals.has(id) ? ({ id } as RunRow) : null),
    entries: (id, afterSeq, limit) => (disk.journals.get(id) ?? []).slice(afterSeq, afterSeq + limit),
    blob: (ref) => disk.blobs.get(ref.$blob) ?? null,
    letters: (limit) => disk.letters.filter(({ id }) => !disk.taken.has(id)).slice(0, limit),
    dueTimers: (until, limit) => disk.due(until).slice(0, limit),
    nextDueAt: () => disk.due(Number.POSITIVE_INFINITY)[0]?.dueAt ?? null,
    unfinishedRuns: () => runsIn(/^(pending|running)/),
    activeRuns: () => runsIn(/^(pending|running|quarantined)/).filter(isActive),
    commit,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return asked as Store; // All that a host asks of a store; the rest is for others.
}
