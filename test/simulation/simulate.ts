/** One simulated history: the real kernel and the real host over a simulated disk, processes, people and time. */
import type { CauseId, RunId, StepId } from "../../src/core/ids.ts";
import { canonicalJson } from "../../src/core/json.ts";
import { createEmbeddedHost } from "../../src/hosts/embedded/host.ts";
import type { EmbeddedHost } from "../../src/hosts/embedded/host-shape.ts";
import { createReadRun } from "../../src/hosts/embedded/read-run.ts";
import type { CauseEvent } from "../../src/kernel/cause.ts";
import { jitterOf } from "../../src/kernel/verdict.ts";
import { type CheckedEntry, checkJournal, checkLedger } from "../support/checker.ts";
import { checkedSteps } from "../support/explore.ts";
import { ALL_PROTECTIONS, Disk, openSimulatedStore, type Protections } from "./disk.ts";
import { Outside } from "./outside.ts";
import { createScenario, type PlannedRun, type Scenario, type Wish } from "./scenario.ts";
import { Chance, type Engine, World } from "./world.ts";

const FINAL = ["succeeded", "failed", "canceled"];
/** People look after what stands still this often before they give a run up. */
const ROUNDS_MAX = 6;
/** Everything a simulation may take: one that needs more goes in circles. */
const HAPPENINGS_MAX = 4_000;

export interface Verdict {
  readonly seed: number;
  readonly problems: readonly string[];
  /** Of all journals and ledgers; null unless asked for. */
  readonly fingerprint: number | null;
  readonly crashes: number;
  readonly takeovers: number;
  readonly entries: number;
  readonly executions: number;
  readonly states: readonly string[];
}

class Simulation {
  readonly #seed: number;
  readonly #chance: Chance;
  readonly #scenario: Scenario;
  readonly #protections: Protections;
  readonly #world = new World();
  readonly #disk = new Disk();
  readonly #outside: Outside;
  readonly #problems: string[] = [];
  readonly #acknowledged = new Set<RunId>();
  #engine: Engine = { epoch: 0, isDead: true, frozenUntil: 0 };
  #host: EmbeddedHost | null = null;
  #handedOut = new Set<number>();
  #crashes = 0;
  #takeovers = 0;
  #happenings = 0;
  #rounds = 0;
  #asked = 0;

  constructor(seed: number, protections: Protections = ALL_PROTECTIONS) {
    this.#seed = seed;
    this.#chance = new Chance(seed);
    this.#scenario = createScenario(this.#chance);
    this.#protections = protections;
    this.#outside = new Outside(this.#world, this.#disk, seed, protections);
    this.#boot("none");
    for (const run of this.#scenario.runs) this.#world.after(run.startsInMs, null, () => this.#start(run));
    for (const wish of this.#scenario.wishes) this.#world.after(wish.inMs, null, () => this.#wish(wish));
    for (const inMs of this.#scenario.kills) this.#world.after(inMs, null, () => this.#kill());
    for (const inMs of this.#scenario.freezes) this.#world.after(inMs, null, () => this.#takeOver());
  }

  /** Lets one thing happen. False when everything has come to its end, or has gone wrong. */
  step(): boolean {
    this.#happenings += 1;
    if (this.#happenings > HAPPENINGS_MAX) {
      this.#problems.push(`goes in circles: ${this.#states().join(", ")}`);
      return false;
    }
    return this.#world.step() || this.#lookAfter();
  }

  verdict(withFingerprint: boolean): Verdict {
    const { runs } = this.#scenario;
    for (const { start, workflow } of runs) {
      // The journal is told in the checker's own words; its entries hold nothing but JSON.
      const entries = (this.#disk.journals.get(start.runId) ?? []) as readonly CheckedEntry[];
      const ledger = this.#outside.ledgers.get(start.runId) ?? [];
      const problems = [...checkJournal(checkedSteps(workflow), entries), ...checkLedger(entries, ledger, this.#crashes + this.#takeovers)];
      if (!FINAL.includes(this.#disk.runState(start.runId))) problems.push(`is left in \`${this.#disk.runState(start.runId)}\` (I-2)`);
      if (this.#acknowledged.has(start.runId) && entries.length === 0) problems.push("was acknowledged and is gone (I-43)");
      this.#problems.push(...problems.map((problem) => `${start.runId.slice(-1)}: ${problem}`));
    }
    this.#problems.push(...this.#outside.problems, ...this.#heardTwice());
    const fingerprint = withFingerprint
      ? jitterOf(canonicalJson([...this.#disk.journals.values(), ...this.#outside.ledgers.values()]))
      : null;
    return {
      seed: this.#seed,
      problems: this.#problems,
      fingerprint,
      crashes: this.#crashes,
      takeovers: this.#takeovers,
      entries: [...this.#disk.journals.values()].reduce((sum, { length }) => sum + length, 0),
      executions: [...this.#outside.ledgers.values()].reduce((sum, { length }) => sum + length, 0),
      states: this.#states(),
    };
  }

  /** A person's word counts once, however often its letter is handed out. */
  #heardTwice(): readonly string[] {
    const names = new Map<string, Set<string>>();
    for (const { causeId } of [...this.#disk.journals.values()].flat()) {
      const [word] = /^person:\d+/.exec(causeId) ?? [];
      if (word !== undefined) names.set(word, (names.get(word) ?? new Set()).add(causeId));
    }
    return [...names].filter(([, ids]) => ids.size > 1).map(([word]) => `${word} was decided twice (K2)`);
  }

  #states(): string[] {
    return this.#scenario.runs.map(({ start }) => this.#disk.runState(start.runId));
  }

  #boot(previous: "none" | "clean" | "crashed"): void {
    this.#disk.epoch += 1;
    const engine: Engine = { epoch: this.#disk.epoch, isDead: false, frozenUntil: 0 };
    this.#engine = engine;
    this.#handedOut = new Set();
    const { runs, limit, deadly, commitMsMax, doubt } = this.#scenario;
    const store = openSimulatedStore(this.#disk, this.#world, this.#chance, engine, { commitMsMax, doubt }, this.#protections);
    this.#host = createEmbeddedHost({
      store,
      ownership: { epoch: engine.epoch, previous, recentCrashes: [] },
      runner: this.#outside.runnerFor(engine),
      clock: this.#world.clockOf(engine),
      // Only these are started.
      read: createReadRun(store, (hash) => (runs.find(({ workflow }) => workflow.hash === hash) as PlannedRun).workflow),
      limit,
      adopt: "all",
      reach: (point) => {
        // A dead engine may think on, but nothing that it does reaches the world.
        if (!engine.isDead && point !== "in-recovery" && this.#chance.happens(deadly)) this.#die(engine);
      },
      died: () => this.#world.after(0, engine, () => this.#die(engine)),
      warn: (message) => this.#problems.push(message),
    });
    this.#host.publisher.subscribe({
      name: "watcher",
      committed: (batch) => this.#watch(batch.map(({ run, entry }) => ({ runId: run.runId, entry }))),
    });
    this.#readLetters(engine);
  }

  /** Observers see what is on disk, and nothing else. */
  #watch(batch: readonly { readonly runId: RunId; readonly entry: CheckedEntry }[]): void {
    for (const { runId, entry } of batch) {
      const stored = this.#disk.journals.get(runId)?.[entry.seq - 1];
      if (stored?.causeId !== entry.causeId || stored.on !== entry.on)
        this.#problems.push(`${runId}: seq ${entry.seq} was published before it was on disk (I-1)`);
    }
  }

  #readLetters(engine: Engine): void {
    if (engine.isDead) return;
    for (const { id, runId, causeId, event } of this.#disk.letters) {
      if (this.#disk.taken.has(id) || this.#handedOut.has(id)) continue;
      if (this.#protections.dedupe) this.#handedOut.add(id);
      const name = this.#protections.dedupe ? causeId : (`${causeId}:${this.#world.now}` as CauseId);
      this.#host?.post(runId, name, event, id).catch(() => {});
    }
  }

  #die(engine: Engine): void {
    if (engine.isDead) return;
    engine.isDead = true;
    if (engine !== this.#engine) return;
    this.#crashes += 1;
    this.#host = null;
    this.#world.after(30, null, () => this.#boot("crashed"));
  }

  #kill(): void {
    if (this.#host !== null) this.#die(this.#engine);
  }

  /** The engine is frozen; another takes over by force; the first wakes later and must do no harm (I-10). */
  #takeOver(): void {
    if (this.#host === null) return;
    this.#engine.frozenUntil = this.#world.now + 400;
    this.#takeovers += 1;
    this.#boot("crashed");
  }

  #start(run: PlannedRun): void {
    const { runId } = run.start;
    if (this.#host === null) {
      this.#world.after(40, null, () => this.#start(run));
      return;
    }
    const engine = this.#engine;
    this.#host.start(run.workflow, run.start).then(
      () => {
        if (engine.isDead) return;
        this.#acknowledged.add(runId);
        if (!this.#disk.journals.has(runId)) this.#problems.push(`${runId} was acknowledged before it was on disk (I-43)`);
      },
      () => undefined,
    );
    // Whoever hears nothing asks again, some sooner than others; it is the same run (I-8).
    this.#world.after(this.#chance.one([1, 3, 200]), null, () => {
      if (!this.#acknowledged.has(runId)) this.#start(run);
    });
  }

  #wish({ run, event, byLetter }: Wish): void {
    const planned = this.#scenario.runs[run];
    if (planned === undefined || !this.#disk.journals.has(planned.start.runId)) return;
    this.#ask(planned.start.runId, event, byLetter);
  }

  #ask(runId: RunId, event: CauseEvent, byLetter: boolean): void {
    this.#asked += 1;
    const causeId = `person:${this.#asked}` as CauseId;
    if (byLetter || this.#host === null) {
      this.#disk.post(runId, causeId, this.#world.now, event);
      this.#world.after(5, this.#engine, () => this.#readLetters(this.#engine));
    } else {
      this.#tell(runId, causeId, event);
      // Some ask twice; the second answer is worth no less than the first.
      if (this.#chance.happens(0.5)) this.#world.after(1, null, () => this.#tell(runId, causeId, event));
    }
  }

  #tell(runId: RunId, causeId: CauseId, event: CauseEvent): void {
    const engine = this.#engine;
    this.#host?.post(runId, causeId, event).then(
      () => {
        if (engine.isDead || event.type !== "run.cancel") return;
        if (!/canceling|canceled/.test(this.#disk.runState(runId)))
          this.#problems.push(`${runId}: its cancel was acknowledged before it was on disk (I-25)`);
      },
      () => undefined,
    );
  }

  /** Nothing moves any more: people decide what waits for them, and give up at last. */
  #lookAfter(): boolean {
    const open = this.#scenario.runs.filter(({ start }) => !FINAL.includes(this.#disk.runState(start.runId)));
    if (open.length === 0 || this.#rounds > ROUNDS_MAX) return false;
    this.#rounds += 1;
    for (const { start } of open) {
      const state = this.#disk.runState(start.runId);
      const isStuck = !["running.paused", "quarantined"].includes(state);
      if (isStuck) this.#problems.push(`${start.runId} stands still in \`${state}\` (I-2)`);
      this.#ask(
        start.runId,
        this.#rounds === ROUNDS_MAX ? { type: "run.cancel", by: "ada", reason: "enough" } : this.#decide(start.runId),
        true,
      );
    }
    return true;
  }

  #decide(runId: RunId): CauseEvent {
    const by = "ada";
    const waiting = [...(this.#disk.actors.get(runId) ?? [])].find(([actor, { state }]) => actor !== "run" && state === "quarantined");
    if (waiting === undefined || this.#disk.runState(runId) !== "quarantined") return { type: "run.resume", by };
    const step = waiting[0] as StepId; // Actors but `run` are steps.
    return this.#chance.one<CauseEvent>([
      { type: "step.release", step, by },
      { type: "step.skip", step, by, reason: null },
      { type: "step.override", step, by, output: { n: 1 } },
      { type: "step.fail", step, by, reason: null },
    ]);
  }
}

/**
 * Runs many seeds side by side, each in its own world. What a happening leads to by promises is over before the next one in the same
 * world, since all of them share one turn of the event loop.
 */
export async function simulateAll(
  seeds: readonly number[],
  { protections = ALL_PROTECTIONS, withFingerprints = false }: { protections?: Protections; withFingerprints?: boolean } = {},
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  const waiting = [...seeds].reverse();
  const alive: Simulation[] = [];
  while (waiting.length > 0 || alive.length > 0) {
    while (alive.length < 200 && waiting.length > 0) {
      alive.push(new Simulation(waiting.pop() ?? 0, protections));
    }
    await nextTurn();
    for (let index = alive.length - 1; index >= 0; index--) {
      const simulation = alive[index] as Simulation; // In range.
      if (simulation.step()) continue;
      verdicts.push(simulation.verdict(withFingerprints));
      alive.splice(index, 1);
    }
  }
  return verdicts.sort((one, other) => one.seed - other.seed);
}

/** Every promise that can go on has gone on by then. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
