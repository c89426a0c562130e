import { describe, expect, test } from "vitest";
import type { AnyStateNode } from "xstate";
import type { ChartState } from "../../src/core/chart.ts";
import { chartOf, MACHINES } from "./chart.ts";

const flat = (states: readonly ChartState[]): readonly ChartState[] => states.flatMap((state) => [state, ...flat(state.states)]);

const nodesBelow = (node: AnyStateNode): readonly AnyStateNode[] =>
  Object.values(node.states).flatMap((child) => [child, ...nodesBelow(child)]);

describe.each(Object.entries(MACHINES))("the chart of the %s machine", (_, machine) => {
  const chart = chartOf(machine);
  const states = flat(chart.states);

  test("has the machine's id, and begins where an actor begins", () => {
    expect(chart.id).toBe(machine.id);
    const value = machine.getInitialSnapshot(undefined as never).value;
    const dotted = typeof value === "string" ? value : Object.entries(value).map((pair) => pair.join("."))[0];
    expect(chart.initial).toBe(dotted);
  });

  test("has every state of the machine, and of each every event", () => {
    const nodes = nodesBelow(machine.root);
    const events = new Map(nodes.map((node) => [node.path.join("."), [...node.transitions.keys()]]));
    expect(new Map(states.map(({ path, answers }) => [path, answers.map(({ event }) => event)]))).toEqual(events);
  });

  test("names only states that it has as targets and beginnings", () => {
    const known = new Set(states.map(({ path }) => path));
    const named = states.flatMap(({ initial, answers }) => [
      initial,
      ...answers.flatMap(({ transitions }) => transitions.map(({ target }) => target)),
    ]);
    expect(named.filter((path) => path !== null && !known.has(path))).toEqual([]);
  });
});

test("a transition tells its guard, its target and the effects it asks for, but no notes", () => {
  const executing = flat(chartOf(MACHINES.step).states).find(({ path }) => path === "running.executing");
  const answer = (event: string) => executing?.answers.find((one) => one.event === event);
  expect(answer("attempt.lost")?.transitions[0]).toEqual({
    guard: "mayRepeat",
    target: "running.waiting",
    effects: ["releasePermit", "requestPermit"],
  });
  expect(answer("attempt.progress")?.transitions).toEqual([{ guard: null, target: null, effects: [] }]);
  expect(answer("xstate.after.timeout.step-v1.running.executing")?.label).toBe("after timeout");
  expect(executing?.entry).toEqual(["startAttempt"]);
});
