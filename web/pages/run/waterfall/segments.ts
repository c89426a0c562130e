/** Where the time of each step went, from the events of its run: so the picture is as live as they are, and can be that of any moment. */
import type { EventView } from "../../../../src/contract/event-view.ts";
import { parentOf } from "../graph/looks.ts";

export type SegmentKind = "blocked" | "queue" | "run" | "retry" | "held";

export interface Segment {
  readonly kind: SegmentKind;
  readonly from: number;
  readonly to: number;
  /** Which attempt ran; null where none did. */
  readonly attempt: number | null;
}

export interface StepTimes {
  readonly id: string;
  /** The step whose item it is; null for a step of the plan. */
  readonly parent: string | null;
  readonly segments: readonly Segment[];
  /** Its state at the end of the picture. */
  readonly state: string;
}

const KINDS: readonly (readonly [pattern: RegExp, kind: SegmentKind])[] = [
  [/^pending\.queued$/, "queue"],
  [/^pending/, "blocked"],
  // It asks for a place again.
  [/^running\.waiting$/, "queue"],
  [/^running\.parked$/, "held"],
  [/^running/, "run"],
  [/^retrying/, "retry"],
  [/^quarantined/, "held"],
];

/** Null for an end. */
function kindOf(state: string): SegmentKind | null {
  return KINDS.find(([pattern]) => pattern.test(state))?.[1] ?? null;
}

interface Open {
  readonly segments: Segment[];
  readonly parent: string | null;
  state: string;
  since: number;
  attempt: number | null;
}

/** @param until where what goes on ends in the picture @returns in the order in which they first moved */
export function stepTimes(events: readonly EventView[], until: number): readonly StepTimes[] {
  const steps = new Map<string, Open>();
  const close = (step: Open, at: number): void => {
    const kind = kindOf(step.state);
    if (kind === null || at <= step.since) return;
    const before = step.segments.at(-1);
    const attempt = kind === "run" ? step.attempt : null;
    // What changes within a state, such as progress, is no new part.
    if (before?.kind === kind && before.attempt === attempt && before.to === step.since)
      step.segments[step.segments.length - 1] = { ...before, to: at };
    else step.segments.push({ kind, from: step.since, to: at, attempt });
  };
  for (const { stepId, at, to, from, attempt } of events) {
    if (stepId === undefined || to === undefined) continue;
    const time = Date.parse(at);
    const known = steps.get(stepId);
    const owner = parentOf(stepId);
    const parent = owner === stepId ? null : owner;
    const step: Open = known ?? { segments: [], parent, state: from ?? to, since: time, attempt: null };
    if (known === undefined) steps.set(stepId, step);
    else close(step, time);
    step.state = to;
    step.since = time;
    step.attempt = attempt ?? step.attempt;
  }
  return [...steps].map(([id, step]) => {
    close(step, until);
    return { id, parent: step.parent, segments: step.segments, state: step.state };
  });
}
