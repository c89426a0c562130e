/**
 * What the inspector's server and its page say to each other, as JSON texts over one WebSocket.
 *
 * A client begins with `hello`. It is told the statecharts and the runs, opens those that it wants to see, and gets of each the
 * present state of every actor first and then its history, oldest entry first; what is committed meanwhile follows in order. Entries
 * travel without their payloads, which are asked for one by one.
 */
import type { Chart } from "../../src/core/chart.ts";
import type { ActorKind } from "./chart.ts";

/** Subprotocols of the WebSocket: ours, and the inspection events that Stately's tools read. */
export const PROTOCOL = "troupe.inspect.v1";
export const PROTOCOL_STATELY = "xstate.inspect.v1";

/** Why the server closes a connection: codes of the range that is free for applications. */
export const CLOSE = { refused: 4401, badMessage: 4400, tooSlow: 4408, tooMany: 4429, ended: 4410, noStately: 4424 } as const;

export interface WireEntry {
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** `run`, or the id of a step. */
  readonly actor: string;
  readonly type: string;
  readonly on: string;
  readonly from: string;
  readonly to: string;
}

export interface RunLine {
  readonly id: string;
  readonly workflow: string;
  /** Dotted statechart state. */
  readonly state: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly endedAt: number | null;
}

/** How often an actor took a transition before the oldest entry that is sent. */
export interface EarlierCount {
  readonly actor: string;
  readonly on: string;
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

export interface RunPresent {
  readonly line: RunLine;
  /** In the order of the definition; a step that has not moved yet is in its initial state. */
  readonly steps: readonly { readonly id: string; readonly type: string }[];
  readonly present: { readonly seq: number; readonly states: Readonly<Record<string, string>> };
}

export interface RunDetail extends RunPresent {
  /** Where the history that follows begins: states after this entry, 0 for the very beginning. */
  readonly base: { readonly seq: number; readonly states: Readonly<Record<string, string>>; readonly counts: readonly EarlierCount[] };
}

export type ServerMessage =
  | {
      readonly kind: "welcome";
      /** Opens later connections of the same page: a reload, a network that was away. */
      readonly token: string;
      readonly charts: Readonly<Record<ActorKind, Chart>>;
      readonly runs: readonly RunLine[];
      /** Whether Stately's inspection events can be had. */
      readonly hasStately: boolean;
    }
  /** A run that is new, or whose state has changed. */
  | { readonly kind: "line"; readonly line: RunLine }
  | { readonly kind: "run"; readonly run: RunDetail }
  | { readonly kind: "entries"; readonly runId: string; readonly entries: readonly WireEntry[] }
  /** `text` is the payload as indented JSON; texts and lists that were too long end with a note. */
  | { readonly kind: "payload"; readonly runId: string; readonly seq: number; readonly text: string }
  /** A link that another window can use once. */
  | { readonly kind: "link"; readonly url: string };

export type ClientMessage =
  /** `secret` is the ticket of a link, or the token of an earlier welcome. */
  | { readonly kind: "hello"; readonly secret: string }
  | { readonly kind: "open"; readonly runId: string }
  | { readonly kind: "payload"; readonly runId: string; readonly seq: number }
  /** For one more window that is to show the same run. */
  | { readonly kind: "link"; readonly runId: string };
