/** A statechart whose parts have their places. Distances are in units of the drawing. */
import type { ChartAnswer, ChartState } from "../../src/contract/chart.ts";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface CardRow {
  /** More than one where many events leave the actor where it is. */
  readonly answers: readonly ChartAnswer[];
  readonly label: string;
  /** Centre of the row. */
  readonly y: number;
  readonly textX: number;
}

export interface Card extends Box {
  readonly state: ChartState;
  readonly depth: number;
  readonly column: number;
  /** The card of the top-level state that holds it; its own path if it is one. */
  readonly top: string;
  /** Where lines meet its heading. */
  readonly portY: number;
  readonly rows: readonly CardRow[];
}

export interface Edge {
  /** `from event to`: the same for all guards that lead to the same state. */
  readonly key: string;
  readonly from: string;
  readonly event: string;
  readonly to: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** Outer cards before those inside them. */
  readonly cards: readonly Card[];
  readonly edges: readonly Edge[];
}
