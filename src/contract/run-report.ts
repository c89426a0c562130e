/** The figures of a run: what `metrics show -o json` and the API's statistics return. All of it is computed from the run's journal. */
/** Where a step's time went, from the start of its run to its end. The five add up. Milliseconds. */
export interface TimeSplit {
  /** Waited for the steps it needs, or for a lock. */
  readonly blockedMs: number;
  /** Could have run, and waited for a place. */
  readonly queueMs: number;
  /** Attempts ran, or were being stopped; of a fan-out, from its first item to its last. */
  readonly runMs: number;
  /** Waited between a failed attempt and the next. */
  readonly retryMs: number;
  /** Waited for a person. */
  readonly heldMs: number;
}

export interface AttemptReport {
  readonly attempt: number;
  readonly startedAt: number;
  /** Null while it runs. */
  readonly endedAt: number | null;
  /** `succeeded failed timed_out stopped lost`; null while it runs. */
  readonly outcome: string | null;
  readonly costUsd: number;
  readonly tool: string | null;
}

/** The items of a fan-out, taken together. Their work, attempts and cost are part of their step's. */
export interface ItemsReport {
  readonly total: number;
  /** How many are in each state: `succeeded`, `failed` and so on. */
  readonly states: Readonly<Record<string, number>>;
  readonly attempts: number;
  readonly retries: number;
  /** Own time of the one that worked longest. */
  readonly longestMs: number;
}

export interface StepReport extends TimeSplit {
  readonly id: string;
  readonly type: string;
  readonly state: string;
  /** Its result was taken over from an earlier run, or from the step cache. */
  readonly isReused: boolean;
  readonly skippedBecause: string | null;
  /** When its first attempt started, and when it ended; epoch milliseconds. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** Between these two; null before. */
  readonly tookMs: number | null;
  /** Own time of all its attempts and those of its items, as their executors reported it; of lost ones nothing is known. */
  readonly workMs: number;
  /** Null for a step that has not fanned out. */
  readonly items: ItemsReport | null;
  /** Own time of the attempt that succeeded. */
  readonly resultMs: number | null;
  readonly attempts: readonly AttemptReport[];
  readonly costUsd: number;
  readonly outputBytes: number | null;
  /** Minutes of a person's work that its author declared for it. */
  readonly manualMinutes: number | null;
}

/** One step of the chain that made the run as long as it was. */
export interface PathStep extends Pick<TimeSplit, "runMs" | "retryMs" | "heldMs"> {
  readonly id: string;
  /** What it waited for last before it could go on: the step named by `after`, by a need or a lock; or the run's start. */
  readonly because: "start" | "need" | "lock";
  readonly after: string | null;
  /** From the end of that to the start of its first attempt. */
  readonly waitMs: number;
  /** From the end of that to its own end. */
  readonly totalMs: number;
}

/** A figure of a step that was far from usual: the data of `anomaly.detected`. Values have the unit that `unit` names. */
export interface AnomalyView {
  readonly kind: "duration" | "cost" | "retries" | "output_size";
  readonly unit: "ms" | "usd" | "retries" | "bytes";
  readonly step: string;
  readonly attempt: number;
  /** The entry of the journal that it is about, and when that was. */
  readonly seq: number;
  readonly at: number;
  readonly observed: number;
  readonly direction: "above" | "below";
  /** Robust standard deviations from the median. */
  readonly score: number;
  readonly baseline: { readonly median: number; readonly low: number; readonly high: number; readonly samples: number };
  /** An ordinary run. */
  readonly compareWith: string;
}

export interface RunReport {
  readonly run: {
    readonly id: string;
    readonly workflow: string;
    readonly definitionHash: string;
    readonly tenant: string;
    readonly state: string;
    readonly createdAt: number;
    readonly startedAt: number | null;
    readonly endedAt: number | null;
    readonly parent: { readonly runId: string; readonly relation: string; readonly from: string | null } | null;
  };
  /** Time of the last entry: figures of a run that goes on are true of this moment. */
  readonly asOf: number;
  readonly progress: { readonly done: number; readonly total: number; readonly percent: number };
  readonly time: {
    /** From the start to the end, or to the last entry. */
    readonly elapsedMs: number;
    /** Sums over the steps. */
    readonly workMs: number;
    readonly queueMs: number;
    readonly runMs: number;
    readonly retryMs: number;
    readonly heldMs: number;
  };
  readonly criticalPath: { readonly steps: readonly PathStep[]; readonly totalMs: number };
  readonly parallel: {
    /** Steps that ran at the same time, at most. */
    readonly peak: number;
    /** Work done in the elapsed time: how many times faster than one after the other. */
    readonly speedup: number;
    /** What the longest chain of work would allow. */
    readonly speedupLimit: number;
    /** Speed-up for each of the places that were used at once; 1 when none of them ever idled. */
    readonly efficiency: number;
  };
  readonly cache: {
    readonly reusedSteps: number;
    /** What they usually take, by their history; null where none of them has any. */
    readonly savedMs: number | null;
  };
  readonly cost: {
    readonly usd: number;
    /** Spent on attempts that did not succeed. */
    readonly wastedUsd: number;
    readonly byTool: Readonly<Record<string, number>>;
  };
  /** What the work would have cost a person, for the steps that succeeded here and declare it. */
  readonly savings: {
    readonly declaredSteps: number;
    readonly manualMs: number;
    /** `manualMs` less the time those steps took; negative where a person would have been faster. */
    readonly savedMs: number;
    /** Null without an hourly rate. */
    readonly savedUsd: number | null;
    /** Gain for each dollar spent, `(savedUsd - cost) / cost`; null without a rate or without a cost. */
    readonly roi: number | null;
    /** What a person's hour must cost for the run to pay; null where nothing was saved. */
    readonly breakEvenUsdPerHour: number | null;
  };
  readonly quality: {
    /** Steps and items that had an attempt and have ended; a step that fanned out counts by its items. */
    readonly executedSteps: number;
    readonly succeededFirst: number;
    /** `succeededFirst / executedSteps`; null before any has ended. */
    readonly firstAttemptRate: number | null;
    readonly attempts: number;
    readonly failedAttempts: number;
    readonly timedOutAttempts: number;
    readonly lostAttempts: number;
    readonly retries: number;
    readonly failedSteps: number;
    readonly skippedSteps: number;
    /** Times that a step waited for a person. */
    readonly quarantines: number;
    /** Engines that died while attempts of it ran. */
    readonly engineDeaths: number;
  };
  /** What was far from usual, as in `anomaly.detected`. */
  readonly anomalies: readonly AnomalyView[];
  readonly steps: readonly StepReport[];
}

/** A figure of two runs side by side. */
export interface FigureChange {
  readonly left: number | null;
  readonly right: number | null;
  /** `right - left`; null where one of them is missing. */
  readonly delta: number | null;
}

/** Whether a change is more than what ordinary runs differ by. */
export type Significance =
  /** `score`: the change in robust standard deviations of the difference of two ordinary runs. */
  | { readonly kind: "significant" | "ordinary"; readonly score: number; readonly samples: number }
  | { readonly kind: "not_enough_history"; readonly samples: number; readonly needed: number }
  /** One of the runs has no value. */
  | { readonly kind: "not_comparable" };

export interface JudgedChange extends FigureChange {
  readonly significance: Significance;
}

export interface StepComparison {
  readonly id: string;
  readonly only: "left" | "right" | null;
  readonly state: readonly [string | null, string | null];
  /** Of the attempt that succeeded. */
  readonly durationMs: JudgedChange;
  readonly costUsd: JudgedChange;
  readonly retries: JudgedChange;
  readonly outputBytes: JudgedChange;
  /** Not judged: they depend on what else the machine did. */
  readonly queueMs: FigureChange;
  readonly retryMs: FigureChange;
}

export interface RunComparison {
  readonly left: string;
  readonly right: string;
  readonly workflow: readonly [string, string];
  readonly sameDefinition: boolean;
  /** Earlier runs that the changes were held against, and before which of the two they had ended; null where the workflows differ. */
  readonly history: { readonly runs: number; readonly before: "left" | "right" } | null;
  readonly elapsedMs: FigureChange;
  readonly workMs: FigureChange;
  readonly queueMs: FigureChange;
  readonly retryMs: FigureChange;
  readonly costUsd: FigureChange;
  readonly speedup: FigureChange;
  readonly efficiency: FigureChange;
  readonly savedMs: FigureChange;
  readonly firstAttemptRate: FigureChange;
  readonly steps: readonly StepComparison[];
}
