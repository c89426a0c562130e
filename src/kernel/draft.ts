/**
 * One decision in the making. Every change of state goes through `moveStep` or `moveRun`, which send one event to one actor and
 * keep seq, counts and unmet needs in step with it. Folding uses the same two, so state is the fold of the log by construction (I-4).
 *
 * D1 An event that the actor's state does not handle is an error, never a silent no-op.
 * D2 `unmet` of a step is the number of needed steps that are not final.
 * D3 A fan-out's counts follow from the moves of its items, so they are folded like everything else.
 */
import type { RunEvent } from "../../actors/run/run.events.ts";
import type { StepEvent } from "../../actors/step/step.events.ts";
import type { LoadBlob } from "../core/blob.ts";
import { InvariantError } from "../core/errors.ts";
import type { CauseId } from "../core/ids.ts";
import type { JsonObject } from "../core/json.ts";
import type { CompiledStep, CompiledWorkflow, FanItem } from "../plan/workflow.ts";
import type { Effect, FinalRunState } from "./effect.ts";
import type { ActorId, EntryType, JournalEntry } from "./entry.ts";
import { runEntryType, stepEntryType } from "./entry-type.ts";
import { type CollectedAction, dottedState, type RunActor, runReducer, stepReducer } from "./machine.ts";
import { PagedDraft } from "./paged.ts";
import { type Fan, type Roster, stepAt } from "./roster.ts";
import {
  isFinalStep,
  type Progress,
  RECENT_CAUSES,
  type RunSnapshot,
  STEP_STATES,
  type StepSlot,
  type StepState,
  stepState,
} from "./snapshot.ts";
import { timerId } from "./timer-id.ts";

export interface Ripe {
  readonly index: number;
  /** Its last need has ended, or a lock was freed for which it may have waited: its condition has held before then. */
  readonly because: "needs" | "lock";
}

export class Draft implements Roster {
  readonly workflow: CompiledWorkflow;
  readonly causeId: CauseId;
  readonly at: number;
  readonly journal: JournalEntry[] = [];
  readonly effects: Effect[] = [];
  /** Steps to be looked at in this decision. */
  readonly ripe: Ripe[] = [];
  /** Steps that are fanned out and have to be looked at: items may be let go, or all have ended. */
  readonly fanned = new Set<number>();
  readonly load: LoadBlob;
  #base: RunSnapshot;
  #run: RunActor;
  #steps: PagedDraft<StepSlot>;
  #counts: number[];
  #fans: readonly Fan[];
  #seq: number;
  #firstFailed: number;
  #progress: Progress;

  constructor(workflow: CompiledWorkflow, base: RunSnapshot, causeId: CauseId, at: number, load: LoadBlob = noBlob) {
    this.workflow = workflow;
    this.causeId = causeId;
    this.at = at;
    this.#base = base;
    this.#run = base.run;
    this.#steps = new PagedDraft(base.steps);
    this.load = load;
    this.#fans = base.fans;
    this.#counts = base.counts.slice();
    this.#seq = base.seq;
    this.#firstFailed = base.firstFailed;
    this.#progress = base.progress;
  }

  get start(): RunSnapshot["start"] {
    return this.#base.start;
  }

  get run(): RunActor {
    return this.#run;
  }

  get runState(): string {
    return dottedState(this.#run.value);
  }

  get firstFailed(): number {
    return this.#firstFailed;
  }

  get progress(): Progress {
    return this.#progress;
  }

  get fans(): readonly Fan[] {
    return this.#fans;
  }

  /** Of its workflow, and of its fan-outs as far as they are known. */
  get stepCount(): number {
    return this.#steps.length;
  }

  slot(index: number): StepSlot {
    return this.#steps.get(index);
  }

  count(state: StepState): number {
    return this.#counts[STEP_STATES.indexOf(state)] ?? 0;
  }

  /** The first entry of a run; its actor exists from here on. */
  create(data: JsonObject): void {
    this.#record("run", "run.created", "run.create", "", this.runState, data);
  }

  moveStep(step: CompiledStep, event: StepEvent): void {
    const { index, id } = step;
    const before = this.#steps.get(index);
    const moved = stepReducer.send(before.actor, event);
    if (moved.snapshot === before.actor) throw unhandled(id, before.state, event.type);
    const state = stepState(moved.snapshot);
    const doneSeq = state === "succeeded" ? this.#seq + 1 : before.doneSeq;
    this.#steps.set(index, { actor: moved.snapshot, state, unmet: before.unmet, doneSeq });
    if (event.type === "attempt.fanned") this.#fanOut(index, event);
    if (state !== before.state) this.#recount(step, before.state, state);
    this.#record(id, stepEntryType(event.type, before.state, state), event.type, before.state, state, payload(event));
    for (const action of moved.actions) this.#stepEffect(step, action, before, moved.snapshot.context);
  }

  moveRun(event: RunEvent): void {
    const from = this.runState;
    const moved = runReducer.send(this.#run, event);
    if (moved.snapshot === this.#run) throw unhandled("run", from, event.type);
    this.#run = moved.snapshot;
    const to = this.runState;
    if (event.type === "run.progress") this.#progress = { percent: Number(event.progress.percent), at: event.at };
    this.#record("run", runEntryType(event.type, to), event.type, from, to, payload(event));
    for (const action of moved.actions) this.#runEffect(action, to);
  }

  /** Frees what a request or a place of this step holds, without moving it. */
  releasePermit(step: CompiledStep): void {
    this.effects.push({ kind: "releasePermit", id: `${step.id}/permit`, step: step.id });
  }

  requestPermit(step: CompiledStep): void {
    const attempt = this.slot(step.index).actor.context.attempt + 1;
    const priority = step.priority ?? this.start.priority;
    this.effects.push({ kind: "requestPermit", id: `${step.id}/permit`, step: step.id, attempt, priority });
  }

  finish(): RunSnapshot {
    const recent = this.#base.recentCauses;
    const kept = recent.length >= RECENT_CAUSES ? recent.slice(1) : recent;
    return {
      start: this.#base.start,
      seq: this.#seq,
      run: this.#run,
      steps: this.#steps.finish(),
      fans: this.#fans,
      counts: this.#counts,
      firstFailed: this.#firstFailed,
      recentCauses: kept.at(-1) === this.causeId ? kept : [...kept, this.causeId],
      progress: this.#progress,
    };
  }

  #record(actor: ActorId, type: EntryType, on: string, from: string, to: string, data: JsonObject): void {
    this.#seq += 1;
    this.journal.push({ seq: this.#seq, actor, type, on, from, to, data, causeId: this.causeId, at: this.at });
  }

  #recount(step: CompiledStep, from: StepState, to: StepState): void {
    this.#addTo(from, -1);
    this.#addTo(to, 1);
    if (step.item !== null) this.#recountItem(step.item, step.index, from, to);
    else {
      if (to === "failed" && !step.optional && this.#firstFailed < 0) this.#firstFailed = step.index;
      if (isFinalStep(to)) this.#settleNeeds(step, to);
    }
    if (step.conflicts.length > 0 && (isFinalStep(to) || to === "quarantined")) {
      for (const other of step.conflicts) this.#ripen(other, "lock");
    }
  }

  /** The items of a step become steps of the run. */
  #fanOut(of: number, { keys, items }: Extract<StepEvent, { type: "attempt.fanned" }>): void {
    const base = this.#steps.length;
    const slot: StepSlot = { actor: stepReducer.initial, state: "pending.blocked", unmet: 0, doneSeq: 0 };
    this.#steps.append(keys.map(() => slot));
    this.#addTo("pending.blocked", keys.length);
    const fan: Fan = { of: { of, base, keys, items }, next: 0, open: keys.length, failed: 0, firstFailed: -1 };
    this.#fans = [...this.#fans.filter((other) => other.of.of !== of), fan];
    this.fanned.add(of);
  }

  #recountItem({ of, index: position }: FanItem, index: number, from: StepState, to: StepState): void {
    const at = this.#fans.findIndex((fan) => fan.of.of === of);
    const fan = this.#fans[at];
    if (fan === undefined) return;
    const isFailure = to === "failed";
    const counted: Fan = {
      of: fan.of,
      next: fan.next + Number(from === "pending.blocked" && position === fan.next),
      open: fan.open - Number(isFinalStep(to)),
      failed: fan.failed + Number(isFailure),
      firstFailed: isFailure && fan.firstFailed < 0 ? index : fan.firstFailed,
    };
    this.#fans = this.#fans.with(at, counted);
    if (isFinalStep(to)) this.fanned.add(of);
  }

  #settleNeeds(step: CompiledStep, to: StepState): void {
    for (const index of step.dependents) {
      const slot = this.#steps.get(index);
      this.#steps.set(index, { ...slot, unmet: slot.unmet - 1 });
      if (slot.unmet === 1 || to === "succeeded") this.#ripen(index, "needs");
    }
  }

  #ripen(index: number, because: Ripe["because"]): void {
    const slot = this.#steps.get(index);
    const isAnySuccess = stepAt(this, index)?.join === "any_success";
    if (slot.state === "pending.blocked" && (slot.unmet === 0 || isAnySuccess)) this.ripe.push({ index, because });
  }

  #addTo(state: StepState, by: number): void {
    const position = STEP_STATES.indexOf(state);
    this.#counts[position] = (this.#counts[position] ?? 0) + by;
  }

  #stepEffect(step: CompiledStep, action: CollectedAction, before: StepSlot, context: StepSlot["actor"]["context"]): void {
    const { id } = step;
    const { attempt } = context;
    switch (action.type) {
      case "requestPermit":
        this.requestPermit(step);
        return;
      case "releasePermit":
        this.releasePermit(step);
        return;
      case "startAttempt":
        this.effects.push({ kind: "startAttempt", id: `${id}/${attempt}`, step: id, attempt, deadlineAt: context.dueAt });
        return;
      case "stopAttempt":
        this.effects.push({ kind: "stopAttempt", id: `${id}/${attempt}/stop`, step: id, attempt, reason: context.stopping ?? "cancel" });
        return;
      case "park":
      case "unpark": {
        const parking = context.parked?.parking;
        if (parking !== undefined)
          this.effects.push({ kind: action.type, id: `${id}/${attempt}/${action.type}`, step: id, attempt, parking });
        return;
      }
      case "xstate.raise":
        this.#setTimer(this.journal.at(-1)?.data ?? {});
        return;
      case "xstate.cancel":
        this.#clearTimer(this.#timerOf(step, before));
        return;
      default:
        throw new InvariantError("INV_UNKNOWN_ACTION", { actor: id, action: action.type });
    }
  }

  #runEffect(action: CollectedAction, to: string): void {
    switch (action.type) {
      case "complete":
        this.effects.push({ kind: "complete", id: "complete", state: to as FinalRunState }); // Only final states and `quarantined` complete.
        return;
      case "makeOutput":
        this.effects.push({ kind: "makeOutput", id: "output" });
        return;
      case "stopSteps":
        return;
      case "xstate.raise":
        this.#setTimer(this.journal.at(-1)?.data ?? {});
        return;
      case "xstate.cancel":
        this.#clearTimer(this.#run.context.delayMs === null ? null : timerId({ actor: "run", kind: "limit", attempt: 0 }));
        return;
      default:
        throw new InvariantError("INV_UNKNOWN_ACTION", { actor: "run", action: action.type });
    }
  }

  /** A state with `after` was entered; it has a timer if the event brought one. */
  #setTimer(data: JsonObject): void {
    const { timer, dueAt } = data;
    if (typeof timer === "string" && typeof dueAt === "number") this.effects.push({ kind: "setTimer", id: timer, dueAt });
  }

  #clearTimer(timer: string | null): void {
    if (timer !== null) this.effects.push({ kind: "clearTimer", id: timer });
  }

  /** The timer of the state that is left, by the attempt for which it was set. */
  #timerOf({ id, timeout }: CompiledStep, { state, actor }: StepSlot): string | null {
    const { attempt } = actor.context;
    if (state === "retrying") return timerId({ actor: id, kind: "backoff", attempt });
    if (state === "running.parked") return actor.context.dueAt === null ? null : timerId({ actor: id, kind: "parking", attempt });
    return timeout === null ? null : timerId({ actor: id, kind: "timeout", attempt });
  }
}

const noBlob: LoadBlob = (ref) => {
  throw new InvariantError("INV_BLOB_UNAVAILABLE", { digest: ref.$blob });
};

function payload(event: StepEvent | RunEvent): JsonObject {
  const { type: _type, at: _at, ...data } = event;
  return data as unknown as JsonObject; // Event types hold nothing but JSON.
}

function unhandled(actor: string, state: string, event: string): InvariantError {
  return new InvariantError("INV_UNHANDLED_EVENT", { actor, state, event });
}
