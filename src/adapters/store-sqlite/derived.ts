/** Writes projected changes. Each statement compares before it sets: an entry that does not follow changes no row and is refused. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { InvariantError } from "../../core/errors.ts";
import { type AttemptChange, type Changes, type RunChange, type StepChange, toTopState } from "./projection.ts";

export interface DerivedRows {
  /** @throws InvariantError INV_ENTRY_REFUSED when a row is not in the state that its entries leave. */
  apply(changes: Changes): void;
}

interface Statements {
  readonly insertStart: StatementSync;
  readonly insertState: StatementSync;
  readonly countSteps: StatementSync;
  readonly moveWithin: StatementSync;
  readonly moveRun: StatementSync;
  readonly insertStep: StatementSync;
  readonly moveStep: StatementSync;
  readonly moveStepTimed: StatementSync;
  readonly insertAttempt: StatementSync;
  readonly endAttempt: StatementSync;
  readonly insertBlobUse: StatementSync;
}

export function createDerivedRows(db: DatabaseSync): DerivedRows {
  const statements = prepareStatements(db);
  return {
    apply(changes) {
      for (const change of changes.runs.values()) applyRun(statements, change);
      for (const change of changes.steps.values()) applyStep(statements, change);
      for (const change of changes.attempts.values()) applyAttempt(statements, change);
      for (const { run, hash } of changes.blobUses) statements.insertBlobUse.run(run, hash);
    },
  };
}

/** Given the state and what is waited for, where these entries say it. */
const PARKED_ON = "CASE ? WHEN 'running.parked' THEN coalesce(?, parked_on) END";

function prepareStatements(db: DatabaseSync): Statements {
  return {
    insertStart: db.prepare("INSERT INTO run_starts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    insertState: db.prepare("INSERT INTO run_states VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    countSteps: db.prepare(
      `UPDATE run_states SET last_seq = ?, steps_done = steps_done + ?, steps_active = steps_active + ?, cost_nanos = cost_nanos + ?
       WHERE run = ? AND last_seq = ?`,
    ),
    // Leaves the indexed top state alone, since most moves stay within it.
    moveWithin: db.prepare(
      `UPDATE run_states SET last_seq = ?, steps_done = steps_done + ?, steps_active = steps_active + ?, cost_nanos = cost_nanos + ?,
         state = ?, started_at = coalesce(started_at, ?)
       WHERE run = ? AND last_seq = ? AND state = ?`,
    ),
    moveRun: db.prepare(
      `UPDATE run_states SET last_seq = ?, steps_done = steps_done + ?, steps_active = steps_active + ?, cost_nanos = cost_nanos + ?,
         state = ?, started_at = coalesce(started_at, ?), top_state = ?, ended_at = ?, output = coalesce(?, output), error = coalesce(?, error),
         timer = CASE ?12 WHEN 1 THEN timer ELSE ?13 END, due_at = CASE ?12 WHEN 1 THEN due_at ELSE ?14 END
       WHERE run = ?11 AND last_seq = ?15 AND state = ?16`,
    ),
    insertStep: db.prepare("INSERT OR IGNORE INTO steps VALUES (?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?)"),
    moveStep: db.prepare(
      `UPDATE steps SET state = ?, attempt = coalesce(?, attempt), started_at = coalesce(started_at, ?), ended_at = ?, cost_nanos = cost_nanos + ?,
         parked_on = ${PARKED_ON}
       WHERE run = ? AND step_id = ? AND item_key = '' AND state = ?`,
    ),
    moveStepTimed: db.prepare(
      `UPDATE steps SET state = ?, attempt = coalesce(?, attempt), started_at = coalesce(started_at, ?), ended_at = ?, cost_nanos = cost_nanos + ?,
         parked_on = ${PARKED_ON}, timer = ?, due_at = ?
       WHERE run = ? AND step_id = ? AND item_key = '' AND state = ?`,
    ),
    insertAttempt: db.prepare(
      `INSERT INTO step_attempts VALUES (?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET tool = excluded.tool, started_at = excluded.started_at, ended_at = excluded.ended_at, outcome = excluded.outcome,
         error = excluded.error, cost_nanos = excluded.cost_nanos, epoch = excluded.epoch
       WHERE outcome IS NULL`,
    ),
    endAttempt: db.prepare(
      `UPDATE step_attempts SET tool = ?, started_at = coalesce(?, started_at), ended_at = ?, outcome = ?, error = ?, cost_nanos = ?
       WHERE run = ? AND step_id = ? AND item_key = '' AND attempt = ? AND outcome IS NULL`,
    ),
    insertBlobUse: db.prepare("INSERT OR IGNORE INTO blob_uses VALUES (?, ?)"),
  };
}

function applyRun(to: Statements, change: RunChange): void {
  const { run, created, state, from, lastSeq, stepsDone, stepsActive, costNanos, startedAt, endedAt, output, error } = change;
  const timer = change.timer === "keep" ? null : change.timer;
  if (created !== null) {
    const { tenant, workflow, definition, priority, input, labels, parent, stepsTotal, createdAt } = created;
    to.insertStart.run(run, tenant, workflow, definition, priority, input, labels, parent, stepsTotal, createdAt);
    const now = state ?? "pending";
    to.insertState.run(
      run,
      now,
      toTopState(now),
      lastSeq,
      stepsDone,
      stepsActive,
      costNanos,
      startedAt,
      endedAt,
      timer?.timer ?? null,
      timer?.dueAt ?? null,
      output,
      error,
    );
    return;
  }
  const before = change.firstSeq - 1;
  if (state === null || from === null) {
    demand(to.countSteps.run(lastSeq, stepsDone, stepsActive, costNanos, run, before), change.firstSeq, "run", "another entry came first");
    return;
  }
  const top = toTopState(state);
  const staysWithin = top === toTopState(from) && change.timer === "keep" && endedAt === null && output === null && error === null;
  const moved = staysWithin
    ? to.moveWithin.run(lastSeq, stepsDone, stepsActive, costNanos, state, startedAt, run, before, from)
    : to.moveRun.run(
        lastSeq,
        stepsDone,
        stepsActive,
        costNanos,
        state,
        startedAt,
        top,
        endedAt,
        output,
        error,
        run,
        Number(change.timer === "keep"),
        timer?.timer ?? null,
        timer?.dueAt ?? null,
        before,
        from,
      );
  demand(moved, change.firstSeq, "run", `it leaves \`${from}\`, which is not the state`);
}

function applyStep(to: Statements, change: StepChange): void {
  const { run, step, from, state, attempt, startedAt, endedAt, timer, parkedOn, costNanos } = change;
  if (from === null) {
    const due = timer === "keep" ? null : timer;
    const timed = [due?.timer ?? null, due?.dueAt ?? null];
    const added = to.insertStep.run(run, step, state, attempt ?? 0, startedAt, endedAt, ...timed, costNanos, parkedOn);
    demand(added, null, step, "the step has begun already");
    return;
  }
  const moved =
    timer === "keep"
      ? to.moveStep.run(state, attempt, startedAt, endedAt, costNanos, state, parkedOn, run, step, from)
      : to.moveStepTimed.run(
          state,
          attempt,
          startedAt,
          endedAt,
          costNanos,
          state,
          parkedOn,
          timer?.timer ?? null,
          timer?.dueAt ?? null,
          run,
          step,
          from,
        );
  demand(moved, null, step, `it leaves \`${from}\`, which is not the state`);
}

function applyAttempt(to: Statements, { run, step, attempt, start, end }: AttemptChange): void {
  if (start !== null) {
    const startedAt = end?.startedAt ?? start.startedAt;
    to.insertAttempt.run(
      run,
      step,
      attempt,
      end?.tool ?? null,
      startedAt,
      end?.endedAt ?? null,
      end?.outcome ?? null,
      end?.error ?? null,
      end?.costNanos ?? null,
      start.epoch,
    );
    return;
  }
  // A carried or cached result has no attempt of this run: then no row changes.
  if (end !== null) to.endAttempt.run(end.tool, end.startedAt, end.endedAt, end.outcome, end.error, end.costNanos, run, step, attempt);
}

function demand({ changes }: { readonly changes: number | bigint }, seq: number | null, actor: string, problem: string): void {
  if (changes !== 1) throw new InvariantError("INV_ENTRY_REFUSED", { seq, actor, problem });
}
