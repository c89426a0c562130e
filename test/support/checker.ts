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
  /** Its items are steps of their own: `each[0]`, `each[1]` … */
  readonly fansOut: boolean;
  /** `handler`: for a failure of the step `of`. `compensation`: for a success of it. */
  readonly phase: { readonly kind: "main" | "finally" } | { readonly kind: "handler" | "compensation"; readonly of: string };
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
    "running.parked",
    "running.fanned",
    "succeeded",
    "retrying",
    "failed",
    "skipped",
    "quarantined",
  ],
  "running.parked": ["running.waiting", "succeeded", "failed", "skipped", "canceled"],
  "running.fanned": ["succeeded", "failed", "skipped", "canceled"],
  "running.waiting": ["running.executing", "succeeded", "failed", "canceled"],
  "running.stopping": [
    "running.stopping",
    "running.waiting",
    "running.parked",
    "running.fanned",
    "succeeded",
    "retrying",
    "failed",
    "skipped",
    "canceled",
    "quarantined",
  ],
  retrying: ["running.waiting", "canceled"],
  quarantined: ["quarantined", "pending.blocked", "skipped", "succeeded", "failed", "canceled"],
};
const FINAL = new Set(["succeeded", "failed", "skipped", "canceled"]);
/** States of a run in which attempts may start. */
const STARTING = new Set(["running.executing", "running.waiting"]);
/** The state of a run in which the steps of a later phase may start. */
const CLOSING: Readonly<Record<string, string>> = { compensation: "running.compensating", finally: "running.concluding" };
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
  /** A `catch` of the author settled its failure. */
  isCaught: boolean;
  /** Seq of its success; 0 for none. */
  succeededAt: number;
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
    if (!byId.has(entry.actor)) admitItem(byId, views, entry.actor);
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
  return [...problems, ...checkEnd([...byId.values()], entries, run.state, views)];
}

/** Items become known when their step fans out; nobody names them before. Those that wait for their turn may end with their step. */
function admitItem(byId: Map<string, CheckedStep>, views: Map<string, StepView>, actor: string): void {
  const step = byId.get(actor.split("[")[0] ?? "");
  const state = step === undefined ? undefined : views.get(step.id)?.state;
  if (!step?.fansOut || (state !== "running.fanned" && state !== "canceled")) return;
  byId.set(actor, itemOf(step, actor));
  views.set(actor, newView());
}

function newView(): StepView {
  return {
    state: "pending.blocked",
    attempt: 0,
    isReturned: false,
    retries: 0,
    crashes: 0,
    isCaught: false,
    succeededAt: 0,
    starts: 0,
    dueAt: null,
  };
}

/** An item is its step without what its step has met before. */
function itemOf(step: CheckedStep, id: string): CheckedStep {
  return { ...step, id, needs: [], join: "all_success", optional: false, excludes: [], fansOut: false };
}

interface World {
  readonly run: string;
  readonly views: ReadonlyMap<string, StepView>;
  readonly byId: ReadonlyMap<string, CheckedStep>;
  readonly stopsIn: ReadonlySet<string>;
}

function checkStep(spec: CheckedStep, view: StepView, entry: CheckedEntry, world: World, wrong: (what: string) => void): void {
  const { on, to, from, at, data } = entry;
  if (on === "step.ready") checkPhase(spec, world, wrong);
  if (on === "step.joined" && itemsOf(spec.id, world).some(({ state }) => !FINAL.has(state))) wrong("its items have not all ended");
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

function itemsOf(id: string, { views }: World): readonly StepView[] {
  return [...views].filter(([name]) => name.startsWith(`${id}[`)).map(([, view]) => view);
}

/** Later phases wait for their turn; the newest success is compensated first (I-26). */
function checkPhase({ id, phase }: CheckedStep, world: World, wrong: (what: string) => void): void {
  const turn = CLOSING[phase.kind];
  if (turn !== undefined && world.run !== turn) wrong(`it has its turn while the run is \`${world.run}\` (I-26)`);
  if (phase.kind === "handler" && world.views.get(phase.of)?.isCaught !== true) wrong("it handles what did not fail");
  if (phase.kind !== "compensation") return;
  const own = world.views.get(phase.of)?.succeededAt ?? 0;
  if (own === 0) wrong("it compensates what did not succeed (I-26)");
  const later = [...world.byId.values()].filter(
    (other) => other.phase.kind === "compensation" && other.id !== id && (world.views.get(other.phase.of)?.succeededAt ?? 0) > own,
  );
  if (later.some((other) => !FINAL.has(world.views.get(other.id)?.state ?? ""))) wrong("a newer success is not compensated yet (I-26)");
}

function checkStart(spec: CheckedStep, view: StepView, { data }: CheckedEntry, world: World, wrong: (what: string) => void): void {
  if (!(STARTING.has(world.run) || world.run === CLOSING[spec.phase.kind]))
    wrong(`an attempt starts while the run is \`${world.run}\` (I-25, I-27)`);
  if (!isJoined(spec, world)) wrong("an attempt starts before its needs allow it");
  const next = view.isReturned ? view.attempt : view.attempt + 1;
  if (data.attempt !== next) wrong(`attempt ${String(data.attempt)} is not ${next}`);
  const beside = spec.excludes.filter((other) => /^running\.(executing|stopping)$/.test(world.views.get(other)?.state ?? ""));
  if (beside.length > 0) wrong(`runs together with ${beside.join(", ")}, which it excludes`);
  if (spec.once && view.starts > 0 && !view.isReturned) wrong("repeated although its effect may happen only once (I-17)");
}

function move(view: StepView, { seq, on, to, from, data }: CheckedEntry): void {
  if (to === "succeeded") view.succeededAt = seq;
  if (to === "skipped" && data.caught !== undefined) view.isCaught = true;
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

/** A handler that nobody needed, and what a handler handles, say nothing. */
function saysNothing({ phase }: CheckedStep, need: string, { views, byId }: World): boolean {
  if (phase.kind === "handler" && phase.of === need) return true;
  const handler = byId.get(need)?.phase;
  return handler?.kind === "handler" && views.get(need)?.state === "skipped" && views.get(handler.of)?.isCaught !== true;
}

function isJoined(spec: CheckedStep, world: World): boolean {
  const { join } = spec;
  const { views, byId } = world;
  const needs = spec.needs.filter((need) => !saysNothing(spec, need, world));
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
  const failed = specs.some(({ id, optional }) => !optional && !id.includes("[") && views.get(id)?.state === "failed");
  // What one failed item stops is part of that failure.
  const canceled = specs.some(({ id }) => views.get(id)?.state === "canceled" && !id.includes("["));
  const asked = entries.some(({ actor, on, data }) => actor === "run" && (on === "run.cancel" || data.canceledBy !== undefined));
  const timedOut = entries.some(({ actor, on }) => actor === "run" && on.startsWith("xstate.after"));
  if (run === "succeeded" && (failed || canceled)) problems.push("the run succeeded, but not its steps");
  const outputFailed = entries.some(({ actor, from, data }) => actor === "run" && from === "running.finishing" && data.error !== undefined);
  if (run === "failed" && !failed && !timedOut && !outputFailed) problems.push("the run failed, but none of its steps");
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
