/**
 * Where measurements add up between two scrapes. prom-client's own counters look a series up by a text made of all its labels, which costs
 * a microsecond; here it is one step of a map for each label, and the registry reads the sums when somebody asks (see `exposition.ts`).
 */
import type { RunId } from "../../src/core/ids.ts";
import type { TraceParent } from "../../src/core/trace.ts";

export type Labels = Readonly<Record<string, string>>;

/** What an observation was about. The trace's ids are computed only when they are shown. */
export interface Exemplar {
  /** It was observed after the last text was written, and is kept until the next one is. */
  isNew: boolean;
  runId: RunId;
  trace: TraceParent | null;
  /** Null for the run itself. */
  step: string | null;
  value: number;
  atMs: number;
}

type Branch<TCell> = Map<string, Branch<TCell> | TCell>;

/** The series of one metric, one for each combination of label values that occurred. */
export class Series<TCell> {
  readonly #names: readonly string[];
  readonly #create: (labels: Labels) => TCell;
  readonly #root: Branch<TCell> = new Map();
  readonly #cells: TCell[] = [];

  constructor(labels: Labels, create: (labels: Labels) => TCell) {
    this.#names = Object.keys(labels);
    this.#create = create;
    // What has no labels is there from the start: a counter at zero can be seen to grow.
    if (this.#names.length === 0) this.at();
  }

  /** The series of these values, in the order in which the labels are declared. */
  at(first = "", second = "", third = ""): TCell {
    const depth = this.#names.length;
    if (depth <= 1) return this.#leaf(this.#root, first, first, second, third);
    const branch = branchOf(this.#root, first);
    if (depth === 2) return this.#leaf(branch, second, first, second, third);
    return this.#leaf(branchOf(branch, second), third, first, second, third);
  }

  cells(): readonly TCell[] {
    return this.#cells;
  }

  #leaf(branch: Branch<TCell>, key: string, ...values: [string, string, string]): TCell {
    const known = branch.get(key);
    if (known !== undefined) return known as TCell; // At the depth of the labels there are only cells.
    const cell = this.#create(Object.fromEntries(this.#names.map((name, index) => [name, values[index] ?? ""])));
    branch.set(key, cell);
    this.#cells.push(cell);
    return cell;
  }
}

function branchOf<TCell>(parent: Branch<TCell>, key: string): Branch<TCell> {
  const known = parent.get(key);
  if (known !== undefined) return known as Branch<TCell>; // Above the depth of the labels there are only branches.
  const branch: Branch<TCell> = new Map();
  parent.set(key, branch);
  return branch;
}

export class CounterCell {
  readonly labels: Labels;
  value = 0;

  constructor(labels: Labels) {
    this.labels = labels;
  }
}

export class HistogramCell {
  readonly labels: Labels;
  readonly bounds: readonly number[];
  /** Observations by bucket, not cumulative; the last one is above all bounds. */
  readonly counts: number[];
  readonly exemplars: (Exemplar | null)[];
  sum = 0;
  count = 0;

  constructor(labels: Labels, bounds: readonly number[]) {
    this.labels = labels;
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
    this.exemplars = new Array<Exemplar | null>(bounds.length + 1).fill(null);
  }

  observe(value: number): number {
    const { bounds } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
    this.count += 1;
    return bucket;
  }

  /** Observes, and remembers for whom: of each bucket the first observation after each reading, which costs the others nothing. */
  observeFor(run: { readonly runId: RunId; readonly trace: TraceParent | null }, step: string | null, value: number, atMs: number): void {
    const bucket = this.observe(value);
    const kept = this.exemplars[bucket];
    if (kept?.isNew) return;
    this.exemplars[bucket] = { isNew: true, runId: run.runId, trace: run.trace, step, value, atMs };
  }

  /** What a bucket shows. The next observation takes its place. */
  readExemplar(bucket: number): Exemplar | null {
    const kept = this.exemplars[bucket] ?? null;
    if (kept !== null) kept.isNew = false;
    return kept;
  }
}
