/** Two runs side by side: what differs (`diff -o json`), and the figures of both (`metrics compare -o json`). */
import type { Json } from "../core/json.ts";
import type { RunComparison } from "./run-report.ts";

export interface RunDiff {
  readonly left: string;
  readonly right: string;
  readonly sameWorkflow: boolean;
  readonly sameDefinition: boolean;
  readonly sameInput: boolean;
  readonly state: readonly [string, string];
  readonly durationMs: readonly [number | null, number | null];
  readonly costUsd: readonly [number, number];
  /** Both outputs where they differ. */
  readonly output: readonly [Json, Json] | null;
  /** In the order of the right run, then those that only the left one has. */
  readonly steps: readonly StepDiff[];
}

export interface StepDiff {
  readonly id: string;
  readonly only: "left" | "right" | null;
  readonly state: readonly [string | null, string | null];
  readonly attempts: readonly [number, number];
  readonly durationMs: readonly [number | null, number | null];
  /** Both outputs where they differ. */
  readonly output: readonly [Json, Json] | null;
  /** Whether anything but the time differs. */
  readonly isChanged: boolean;
}

/** What `GET /runs/:run/diff` answers. */
export interface RunDiffView {
  readonly diff: RunDiff;
  readonly figures: RunComparison;
}
