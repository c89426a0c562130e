/**
 * Committed entries as the inspection events of `@statelyai/inspect`, an optional package: what Stately's inspector and other tools of
 * the XState world read. There are no live actors to be inspected, so they are described: a ref-shaped object that carries the machine
 * keeps its definition and its parent, where a plain id would lose both.
 */
import { findPackageJSON } from "node:module";
import type { createInspector as CreateInspector, StatelyInspectionEvent } from "@statelyai/inspect";
import type { AnyStateMachine } from "xstate";
import { isJsonObject, type JsonObject } from "../../src/core/json.ts";
import type { StoredEntry } from "../../src/ports/store.ts";
import { MACHINES } from "./chart.ts";
import { clip } from "./clip.ts";
import type { RunPresent } from "./message.ts";

type JournalEntry = StoredEntry["entry"];
type ActorLike = Parameters<ReturnType<typeof CreateInspector>["actor"]>[0];
type StateValue = string | { [name: string]: StateValue };

export interface StatelyFeed {
  /** The run and its steps, each in its present state. */
  present(run: RunPresent): void;
  entry(runId: string, entry: JournalEntry): void;
}

/** @throws Error with a message for people when the package is not installed */
export async function openStately(send: (event: StatelyInspectionEvent) => void): Promise<StatelyFeed> {
  if (!isStatelyInstalled()) throw new Error("Stately's inspection events need a package: npm install @statelyai/inspect");
  const { createInspector } = await import("@statelyai/inspect");
  let root = "";
  const inspector = createInspector(
    // Events and snapshots of described actors come without their root.
    { send: (event) => send({ ...event, rootId: root }) },
    { sanitizeContext: (context) => clipped(context ?? {}), sanitizeEvent: (event) => ({ ...clipped(event), type: event.type }) },
  );
  const known = new Set<string>();

  function refOf(runId: string, actor: string): ActorLike {
    if (actor === "run") return describe(runId, MACHINES.run);
    return describe(`${runId}/${actor}`, MACHINES.step, runId);
  }

  function introduce(runId: string, actor: string, state: string): void {
    const id = `${runId}/${actor}`;
    if (known.has(id)) return;
    known.add(id);
    inspector.actor(refOf(runId, actor), { status: statusOf(actor, state), value: toValue(state), context: {} });
  }

  return {
    present({ line, steps, present }) {
      root = line.id;
      introduce(line.id, "run", present.states.run ?? line.state);
      for (const { id } of steps) introduce(line.id, id, present.states[id] ?? "pending.blocked");
    },
    entry(runId, { actor, on, from, to, data, at, seq }) {
      root = runId;
      introduce(runId, actor, from === "" ? to : from);
      const event = { ...data, at, type: on };
      const ref = refOf(runId, actor);
      inspector.event(ref, event, actor === "run" ? {} : { source: refOf(runId, "run") });
      inspector.snapshot(ref, { status: statusOf(actor, to), value: toValue(to), context: { seq } }, { event });
    },
  };
}

export function isStatelyInstalled(): boolean {
  try {
    return findPackageJSON("@statelyai/inspect", import.meta.url) !== undefined;
  } catch {
    return false;
  }
}

function describe(sessionId: string, logic: AnyStateMachine, parent?: string): ActorLike {
  const ref = { sessionId, logic, ...(parent !== undefined && { _parent: { sessionId: parent } }), send() {} };
  return ref as unknown as ActorLike; // These four members are all that the package reads of a ref.
}

/** `running.executing` as XState writes it: `{ running: "executing" }`. */
function toValue(dotted: string): StateValue {
  const [first = "", ...rest] = dotted.split(".");
  return rest.length === 0 ? first : { [first]: toValue(rest.join(".")) };
}

function statusOf(actor: string, state: string): "active" | "done" {
  const { states } = actor === "run" ? MACHINES.run : MACHINES.step;
  const node = Object.entries(states).find(([name]) => name === state)?.[1];
  return node?.type === "final" ? "done" : "active";
}

/** What comes here was JSON in the journal. */
function clipped(value: object): JsonObject {
  const small = clip(value as JsonObject);
  return isJsonObject(small) ? small : {};
}
