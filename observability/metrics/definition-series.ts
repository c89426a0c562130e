/** The series that the steps of a workflow count in, found once for each definition instead of once for each entry. */
import type { ObservedRun } from "../../src/ports/observer.ts";
import { createLabelCap, type LabelCap } from "./label-cap.ts";
import type { CounterCell, HistogramCell } from "./series.ts";
import type { Tallies } from "./tallies.ts";

const SECONDS_PER_MINUTE = 60;

type Definition = ObservedRun["definition"];

/** Names that keep series of their own, in the order in which they turn up; the rest share `other`. */
export const WORKFLOWS_MAX = 50;
/** Step types are few: the built-in ones and plug-ins. */
export const TYPES_MAX = 30;

export interface StepSeries {
  readonly index: number;
  /** What a person would need for it; 0 where nobody has said. */
  readonly manualSeconds: number;
  /** Label of its type. */
  readonly type: string;
  /** What happens to most steps; other ends look their series up. */
  readonly succeeded: CounterCell;
  readonly attemptSucceeded: CounterCell;
  readonly duration: HistogramCell;
}

type TypeSeries = Omit<StepSeries, "index" | "manualSeconds">;

export interface DefinitionSeries {
  /** Label of the workflow. */
  readonly workflow: string;
  readonly steps: ReadonlyMap<string, StepSeries>;
}

export class DefinitionBook {
  readonly #tallies: Tallies;
  readonly #workflowLabel: LabelCap = createLabelCap(WORKFLOWS_MAX);
  readonly #typeLabel: LabelCap = createLabelCap(TYPES_MAX);
  readonly #known = new WeakMap<Definition, DefinitionSeries>();

  constructor(tallies: Tallies) {
    this.#tallies = tallies;
  }

  of({ workflow, definition }: ObservedRun): DefinitionSeries {
    const known = this.#known.get(definition);
    if (known !== undefined) return known;
    const made = this.#make(this.#workflowLabel(workflow), definition);
    this.#known.set(definition, made);
    return made;
  }

  #make(workflow: string, { steps }: Definition): DefinitionSeries {
    const byType = new Map<string, TypeSeries>();
    const byStep = new Map<string, StepSeries>();
    for (const [index, step] of steps.entries()) {
      const type = this.#typeLabel(step.type);
      const shared = byType.get(type) ?? this.#seriesOf(workflow, type);
      byType.set(type, shared);
      byStep.set(step.id, { index, manualSeconds: (step.cost.manualMinutes ?? 0) * SECONDS_PER_MINUTE, ...shared });
    }
    return { workflow, steps: byStep };
  }

  #seriesOf(workflow: string, type: string): TypeSeries {
    const { counters, histograms } = this.#tallies;
    return {
      type,
      succeeded: counters.steps.at(workflow, type, "succeeded"),
      attemptSucceeded: counters.attempts.at(type, "succeeded", "none"),
      duration: histograms.stepDuration.at(type),
    };
  }
}
