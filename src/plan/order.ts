/** In which order steps can run: circles, waves, a topological order. Linear in steps and edges. */
import { InvariantError } from "../core/errors.ts";
import { at } from "./at.ts";
import type { CompiledStep } from "./workflow.ts";

export interface Order {
  /** Indices of steps, every step after all that it needs; by wave, within a wave in the order of the file. */
  readonly order: readonly number[];
  /** `waves[0]` holds the steps of wave 1: those that need nothing. */
  readonly waves: readonly (readonly number[])[];
  /** By step index: 1 + the highest wave among the steps it needs. */
  readonly waveOf: Int32Array;
}

/** @throws InvariantError `INV_PLAN_CYCLE` on a circle, which compiling refuses. */
export function computeOrder(steps: readonly CompiledStep[]): Order {
  const missing = Int32Array.from(steps, (step) => step.needs.length);
  const waveOf = new Int32Array(steps.length);
  const waves: number[][] = [];
  const order: number[] = [];
  let wave = steps.filter((step) => step.needs.length === 0).map((step) => step.index);
  while (wave.length > 0) {
    waves.push(wave);
    const next: number[] = [];
    for (const index of wave) {
      order.push(index);
      waveOf[index] = waves.length;
      for (const dependent of at(steps, index).dependents) {
        missing[dependent] = at(missing, dependent) - 1;
        if (missing[dependent] === 0) next.push(dependent);
      }
    }
    wave = next.sort((left, right) => left - right);
  }
  if (order.length < steps.length) throw new InvariantError("INV_PLAN_CYCLE", { count: steps.length - order.length });
  return { order, waves, waveOf };
}

/**
 * A circle among `count` steps, as indices each of which needs the next; the first stands again at the end. It is the shortest
 * one through a step of the first circle met, and starts with its lowest index. Null when there is none.
 */
export function findCycle(count: number, needsOf: (index: number) => readonly number[]): number[] | null {
  const member = findMember(count, needsOf);
  if (member === null) return null;
  const cycle = shortestWayBack(member, needsOf);
  const start = cycle.indexOf(Math.min(...cycle));
  const turned = [...cycle.slice(start), ...cycle.slice(0, start)];
  return [...turned, at(turned, 0)];
}

/** Depth-first search without recursion, since a chain may be 10,000 steps long. Answers a step that lies on a circle. */
function findMember(count: number, needsOf: (index: number) => readonly number[]): number | null {
  const unseen = 0;
  const open = 1;
  const done = 2;
  const marks = new Uint8Array(count);
  for (let root = 0; root < count; root++) {
    if (marks[root] !== unseen) continue;
    marks[root] = open;
    const path = [{ index: root, needs: needsOf(root), next: 0 }];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const need = top.needs[top.next++];
      if (need === undefined) {
        marks[top.index] = done;
        path.pop();
      } else if (marks[need] === open) {
        return need;
      } else if (marks[need] === unseen) {
        marks[need] = open;
        path.push({ index: need, needs: needsOf(need), next: 0 });
      }
    }
  }
  return null;
}

/** Breadth-first from a step that lies on a circle; the way back to it without the repeated end. */
function shortestWayBack(member: number, needsOf: (index: number) => readonly number[]): number[] {
  const cameFrom = new Map<number, number>();
  const queue = [member];
  for (const index of queue) {
    for (const need of needsOf(index)) {
      if (cameFrom.has(need)) continue;
      cameFrom.set(need, index);
      queue.push(need);
    }
  }
  const path: number[] = [];
  let index = member;
  do {
    // The member lies on a circle, so it was reached as well, and so was every step on the way to it.
    index = cameFrom.get(index) as number;
    path.push(index);
  } while (index !== member);
  return path.reverse();
}
