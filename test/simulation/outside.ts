/** The outside world of a simulation: processes that attempts start, some of which outlive their engine, and the ledger they write. */
import type { TaskFailure } from "../../src/core/failure.ts";
import type { RunId } from "../../src/core/ids.ts";
import type { AttemptOutcome } from "../../src/kernel/cause.ts";
import type { AttemptRequest } from "../../src/ports/attempt.ts";
import type { AttemptReport, AttemptRunner } from "../../src/ports/attempt-runner.ts";
import type { LedgerLine } from "../support/checker.ts";
import type { Disk, Protections } from "./disk.ts";
import { Chance, type Engine, type World } from "./world.ts";

const FAILURES: readonly TaskFailure[] = [
  { class: "transient", code: "ECONNRESET", title: "The connection broke" },
  { class: "permanent", code: "EXIT_CODE", title: "It exited with 1", exitCode: 1 },
  { class: "validation", code: "OUTPUT_SCHEMA", title: "The output does not fit" },
];
const LATE: TaskFailure = { class: "timeout", code: "TIMEOUT", title: "It took too long" };
const LOST: TaskFailure = { class: "lost", code: "LOST", title: "Its engine died" };
/** Without a time limit of its own, nothing runs longer. */
const LONGEST_MS = 8_000;

type End = Exclude<AttemptOutcome, { kind: "not_started" }>;

/** One execution of one attempt. */
class Process {
  end: End | null = null;
  #watchers: ((end: End) => void)[] = [];

  watch(told: (end: End) => void): void {
    if (this.end === null) this.#watchers.push(told);
    else told(this.end);
  }

  finish(end: End): void {
    if (this.end !== null) return;
    this.end = end;
    for (const tell of this.#watchers.splice(0)) tell(end);
  }
}

export class Outside {
  readonly ledgers = new Map<RunId, LedgerLine[]>();
  /** What went wrong out here. */
  readonly problems: string[] = [];
  readonly #world: World;
  readonly #disk: Disk;
  readonly #seed: number;
  readonly #protections: Protections;
  readonly #processes = new Map<string, Process>();
  readonly #revoked = new Set<string>();
  #runs = 0;

  constructor(world: World, disk: Disk, seed: number, protections: Protections) {
    this.#world = world;
    this.#disk = disk;
    this.#seed = seed;
    this.#protections = protections;
  }

  /** The runner that one engine uses. What a dead engine hears is nothing. */
  runnerFor(engine: Engine): AttemptRunner {
    return {
      run: (request, _scope, signal, progress) => {
        if (request.step.index % 2 === 0) this.#world.after(1, engine, () => progress({ at: this.#world.now }));
        return this.#answer(engine, (tell) => this.#begin(engine, request, signal, tell));
      },
      reattach: (request, _scope, signal, mode) => this.#answer(engine, (tell) => this.#judge(engine, request, signal, mode, tell)),
      makeOutput: (workflow) => {
        const ok = workflow.timeoutMs === null || this.#seed % 5 !== 0;
        const failure: TaskFailure = { class: "validation", code: "OUTPUT_SCHEMA", title: "The output does not fit" };
        return { result: ok ? { ok, output: { made: true } } : { ok, failure }, blobs: [] };
      },
    };
  }

  #answer(engine: Engine, begin: (tell: (outcome: AttemptOutcome) => void) => void): Promise<AttemptReport> {
    const { promise, resolve } = Promise.withResolvers<AttemptReport>();
    const startedAt = this.#world.now;
    if (engine.isDead) return promise;
    begin((outcome) => {
      this.#world.after(0, engine, () => resolve({ outcome, usage: { startedAt, endedAt: this.#world.now }, blobs: [] }));
    });
    return promise;
  }

  #begin(engine: Engine, request: AttemptRequest, signal: AbortSignal, tell: (outcome: AttemptOutcome) => void): void {
    const key = keyOf(request);
    const before = this.#processes.get(key);
    if (this.#protections.claim && (this.#revoked.has(key) || before !== undefined)) {
      // The directory is taken: another engine judged or started this attempt (I-10). A new dispatch gets a new one.
      if (engine.epoch < this.#disk.epoch) {
        tell({ kind: "not_started", reason: "revoked" });
        return;
      }
      this.#revoked.delete(key);
    }
    this.#record(request, before);
    const process = new Process();
    this.#processes.set(key, process);
    this.#live(engine, request, process);
    this.#obey(engine, request, process, signal);
    process.watch(tell);
  }

  #record({ runId, step, attempt }: AttemptRequest, before: Process | undefined): void {
    const ledger = this.ledgers.get(runId) ?? [];
    this.ledgers.set(runId, ledger);
    ledger.push({ step: step.id, attempt, committedSeq: this.#disk.journals.get(runId)?.length ?? 0 });
    if (before !== undefined && before.end === null) this.problems.push(`${runId}/${step.id}/${attempt} runs beside itself (I-13)`);
  }

  /** How it would end if nobody stopped it; decided by the seed and its place in the history. */
  #live(engine: Engine, { deadlineAt, step }: AttemptRequest, process: Process): void {
    this.#runs += 1;
    const chance = new Chance(this.#seed * 7_919 + this.#runs);
    const owner = survives(step.index) ? null : engine;
    const end: End = chance.happens(0.6)
      ? { kind: "succeeded", output: { n: chance.between(0, 3), chosen: `s${chance.between(0, 4)}` } }
      : chance.happens(0.8)
        ? { kind: "failed", failure: chance.one(FAILURES) }
        : { kind: "lost", reason: "its supervisor was killed", failure: LOST };
    const endsAt = this.#world.now + (chance.happens(0.2) ? LONGEST_MS : chance.between(0, 400));
    if (deadlineAt !== null && deadlineAt < endsAt) {
      this.#world.at(deadlineAt + 50, owner, () => process.finish({ kind: "timed_out", failure: LATE, fallback: "spare" }));
    } else {
      this.#world.at(endsAt, owner, () => process.finish(end));
    }
  }

  #obey(engine: Engine, { step }: AttemptRequest, process: Process, signal: AbortSignal): void {
    const stop = (): void => {
      const owner = survives(step.index) ? null : engine;
      const end: End = signal.reason === "timeout" ? { kind: "timed_out", failure: LATE, fallback: "spare" } : { kind: "stopped" };
      this.#world.after(20, owner, () => process.finish(end));
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  }

  /** The truth table of reliability §5, as far as processes here can be in its rows. */
  #judge(
    engine: Engine,
    request: AttemptRequest,
    signal: AbortSignal,
    mode: "follow" | "kill",
    tell: (outcome: AttemptOutcome) => void,
  ): void {
    const key = keyOf(request);
    const process = this.#processes.get(key);
    const lost: AttemptOutcome = { kind: "lost", reason: "its engine died", failure: LOST };
    if (!survives(request.step.index)) {
      tell(lost);
      return;
    }
    if (process === undefined || !this.#protections.claim) {
      this.#revoked.add(key);
      tell({ kind: "not_started", reason: "revoked" });
      return;
    }
    if (process.end === null && mode === "kill") process.finish({ kind: "lost", reason: "killed", failure: LOST });
    this.#obey(engine, request, process, signal);
    process.watch(tell);
  }
}

/** Every second step runs in a process that outlives its engine. */
function survives(index: number): boolean {
  return index % 2 === 0;
}

function keyOf({ runId, step, attempt }: AttemptRequest): string {
  return `${runId}/${step.id}/${attempt}`;
}
