/**
 * Judges a finished or broken-off run from the outside, by its journal and the ledger of what was really executed. It shares no code
 * with the kernel: its rules are those of the reliability design, written down a second time.
 */

/** What the checker has to know of a step. */
export interface CheckedStep {
  readonly id: string;
  readonly needs: readonly string[];
  readonly join: "all_success" | "all_done" | "any_success" | "none_failed";
  readonly optional: boolean;
  readonly once: boolean;
  readonly maxRetries: number;
  readonly excludes: readonly string[];
}

export interface CheckedEntry {
  readonly seq: number;
  readonly actor: string;
  readonly on: string;
  readonly from: string;
  readonly to: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly causeId: string;
  readonly at: number;
}

/** One execution, written by the executor itself at the moment when it begins. */
export interface LedgerLine {
  readonly step: string;
  readonly attempt: number;
  /** Last seq of the run that a reader of the store could see then. */
  readonly committedSeq: number;
}

const RUN_MOVES: Readonly<Record<string, readonly string[]>> = {
  "": ["pending"],
  pending: ["running", "canceled"],
  running: ["running", "succeeded", "failed", "canceled", "quarantined"],
  quarantined: ["running", "failed", "canceled"],
};
const STEP_MOVES: Readonly<Record<string, readonly string[]>> = {
  "pending.blocked": ["pending.queued", "running.waiting", "skipped", "canceled"],
  "pending.queued": ["running.executing", "skipped", "canceled"],
  "running.executing": [
    "running.executing",
    "running.waiting",
    "running.stopping",
    "succeeded",
    "retrying",
    "failed",
    "skipped",
    "quarantined",
  ],
  "running.waiting": ["running.executing", "succeeded", "failed", "canceled"],
  "running.stopping": ["running.stopping", "running.waiting", "succeeded", "retrying", "failed", "skipped", "canceled", "quarantined"],
  retrying: ["running.waiting", "canceled"],
  quarantined: ["quarantined", "pending.blocked", "skipped", "succeeded", "failed", "canceled"],
};
const FINAL = new Set(["succeeded", "failed", "skipped", "canceled"]);
/** States of a run in which attempts may start. */
const STARTING = new Set(["running.executing", "running.waiting"]);
const CRASHES_MAX = 3;

const top = (state: string): string => state.split(".")[0] ?? "";

/** What is known of one step while its entries are read. */
interface StepView {
  state: string;
  attempt: number;
  /** The last number was given back, since that attempt never began. */
  isReturned: boolean;
  retries: number;
  crashes: number;
  /** Attempts since a person last released it, of those that may not be repeated. */
  starts: number;
  dueAt: number | null;
}

/** All that is wrong with a journal; nothing when it is right. */
export function checkJournal(specs: readonly CheckedStep[], entries: readonly CheckedEntry[]): readonly string[] {
  const problems: string[] = [];
  const byId = new Map(specs.map((spec) => [spec.id, spec]));
  const views = new Map<string, StepView>(specs.map(({ id }) => [id, newView()]));
  let run = { state: "", dueAt: null as number | null };
  const stopsIn = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const wrong = (what: string): void =>
      void problems.push(`entry ${entry.seq} (${entry.actor} ${entry.on} ${entry.from}>${entry.to}): ${what}`);
    if (entry.seq !== index + 1) wrong(`seq is not ${index + 1} (I-6)`);
    if (entry.actor === "run") {
      if (entry.from !== run.state) wrong(`the run is in \`${run.state}\``);
      if (!(RUN_MOVES[top(entry.from)] ?? []).includes(top(entry.to))) wrong("no legal move of a run (I-5)");
      if (top(entry.from) === "quarantined" && typeof entry.data.by !== "string") wrong("quarantine ended without a person (I-19)");
      if (entry.on.startsWith("xstate.after") && entry.at < (run.dueAt ?? Infinity)) wrong("the time limit came early (I-21)");
      if (entry.on === "run.cancel" || entry.on.startsWith("xstate.after")) stopsIn.add(entry.causeId);
      run = { state: entry.to, dueAt: dueOf(entry) ?? run.dueAt };
      continue;
    }
    const spec = byId.get(entry.actor);
    const view = views.get(entry.actor);
    if (spec === undefined || view === undefined) {
      wrong("no such step");
      continue;
    }
    if (entry.from !== view.state) wrong(`the step is in \`${view.state}\``);
    if (!(STEP_MOVES[entry.from] ?? []).includes(entry.to))
      wrong(FINAL.has(entry.from) ? "a second outcome (I-3)" : "no legal move of a step (I-5)");
    checkStep(spec, view, entry, { run: run.state, views, byId, stopsIn }, wrong);
    move(view, entry);
  }
  return [...problems, ...checkEnd(specs, entries, run.state, views)];
}

function newView(): StepView {
  return { state: "pending.blocked", attempt: 0, isReturned: false, retries: 0, crashes: 0, starts: 0, dueAt: null };
}

interface World {
  readonly run: string;
  readonly views: ReadonlyMap<string, StepView>;
  readonly byId: ReadonlyMap<string, CheckedStep>;
  readonly stopsIn: ReadonlySet<string>;
}

function checkStep(spec: CheckedStep, view: StepView, entry: CheckedEntry, world: World, wrong: (what: string) => void): void {
  const { on, to, from, at, data } = entry;
  if (on === "step.ready" && !isJoined(spec, world)) wrong("its needs do not let it go on");
  if (on === "attempt.start") checkStart(spec, view, entry, world, wrong);
  if (on.startsWith("xstate.after") && at < (view.dueAt ?? Infinity)) wrong("a timer came early (I-21)");
  if (to === "retrying" && view.retries >= spec.maxRetries) wrong("more retries than its policy has");
  if (to === "retrying" && spec.once) wrong("repeated although its effect may happen only once (I-17)");
  if (on === "attempt.orphaned" && from === "running.executing" && view.crashes + 1 >= CRASHES_MAX && to !== "quarantined")
    wrong("poison goes on (I-18)");
  if (on === "attempt.lost" && data.counted === true && view.crashes + 1 >= CRASHES_MAX && to === "running.waiting")
    wrong("what keeps being lost goes on (I-18)");
  if (from === "quarantined" && to !== from) {
    const names = data.by ?? (data.reason as { readonly by?: string } | undefined)?.by;
    if (typeof names !== "string" && !world.stopsIn.has(entry.causeId)) wrong("quarantine ended without a person (I-19)");
  }
}

function checkStart(spec: CheckedStep, view: StepView, { data }: CheckedEntry, world: World, wrong: (what: string) => void): void {
  if (!STARTING.has(world.run)) wrong(`an attempt starts while the run is \`${world.run}\` (I-25, I-27)`);
  if (!isJoined(spec, world)) wrong("an attempt starts before its needs allow it");
  const next = view.isReturned ? view.attempt : view.attempt + 1;
  if (data.attempt !== next) wrong(`attempt ${String(data.attempt)} is not ${next}`);
  const beside = spec.excludes.filter((other) => /^running\.(executing|stopping)$/.test(world.views.get(other)?.state ?? ""));
  if (beside.length > 0) wrong(`runs together with ${beside.join(", ")}, which it excludes`);
  if (spec.once && view.starts > 0 && !view.isReturned) wrong("repeated although its effect may happen only once (I-17)");
}

function move(view: StepView, { on, to, from, data }: CheckedEntry): void {
  view.state = to;
  view.dueAt = typeof data.dueAt === "number" ? data.dueAt : from === to ? view.dueAt : null;
  if (to === "retrying") view.retries += 1;
  if (on === "attempt.orphaned" || (on === "attempt.lost" && data.counted === true)) view.crashes += 1;
  if (on === "attempt.requeued") view.isReturned = true;
  if (on === "step.carry") view.attempt = Number(data.attempt);
  if (on === "step.release") Object.assign(view, { retries: 0, crashes: 0, starts: 0 });
  if (on !== "attempt.start") return;
  view.attempt = Number(data.attempt);
  view.isReturned = false;
  view.starts += 1;
}

function dueOf({ data }: CheckedEntry): number | null {
  return typeof data.dueAt === "number" ? data.dueAt : null;
}

function isJoined({ needs, join }: CheckedStep, { views, byId }: World): boolean {
  const states = needs.map((id) => ({ state: views.get(id)?.state ?? "", optional: byId.get(id)?.optional ?? false }));
  const all = (test: (need: (typeof states)[number]) => boolean): boolean => states.every(test);
  switch (join) {
    case "all_success":
      return all(({ state }) => state === "succeeded");
    case "all_done":
      return all(({ state }) => FINAL.has(state));
    case "any_success":
      return needs.length === 0 || states.some(({ state }) => state === "succeeded");
    case "none_failed":
      return all(({ state, optional }) => state === "succeeded" || state === "skipped" || (state === "failed" && optional));
  }
}

/** What the run says of itself must be what its steps say. */
function checkEnd(
  specs: readonly CheckedStep[],
  entries: readonly CheckedEntry[],
  run: string,
  views: ReadonlyMap<string, StepView>,
): string[] {
  if (!FINAL.has(run)) return [];
  const problems: string[] = [];
  const open = specs.filter(({ id }) => !FINAL.has(views.get(id)?.state ?? ""));
  if (open.length > 0) problems.push(`the run has ${run}, but ${open.map(({ id }) => id).join(", ")} has not ended (I-2)`);
  const failed = specs.some(({ id, optional }) => !optional && views.get(id)?.state === "failed");
  const canceled = specs.some(({ id }) => views.get(id)?.state === "canceled");
  const asked = entries.some(({ actor, on }) => actor === "run" && on === "run.cancel");
  const timedOut = entries.some(({ actor, on }) => actor === "run" && on.startsWith("xstate.after"));
  if (run === "succeeded" && (failed || canceled)) problems.push("the run succeeded, but not its steps");
  if (run === "failed" && !failed && !timedOut && entries.at(-1)?.from !== "running.finishing")
    problems.push("the run failed, but none of its steps");
  if (run === "canceled" && !asked) problems.push("the run was canceled, but nobody asked for it");
  if (canceled && !asked && !timedOut) problems.push("a step was canceled, but nobody asked for it");
  return problems;
}

/**
 * Compares what was executed with what was recorded: nothing runs that was not on disk before (I-1), and no attempt runs more often
 * than its recorded starts and the engine's deaths allow (F-1).
 */
export function checkLedger(entries: readonly CheckedEntry[], ledger: readonly LedgerLine[], crashes: number): readonly string[] {
  const problems: string[] = [];
  const starts = entries.filter(({ on }) => on === "attempt.start");
  const executions = new Map<string, number>();
  for (const { step, attempt, committedSeq } of ledger) {
    const key = `${step}/${attempt}`;
    executions.set(key, (executions.get(key) ?? 0) + 1);
    const isRecorded = starts.some((entry) => entry.actor === step && entry.data.attempt === attempt && entry.seq <= committedSeq);
    if (!isRecorded) problems.push(`${key} ran before its start was on disk (I-1)`);
  }
  for (const [key, count] of executions) {
    const recorded = starts.filter((entry) => `${entry.actor}/${String(entry.data.attempt)}` === key).length;
    if (count > recorded + crashes) problems.push(`${key} ran ${count} times, with ${recorded} recorded starts and ${crashes} crashes`);
  }
  return problems;
}
