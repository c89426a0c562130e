/**
 * Runs that other runs wait for. A parked step names its child; when the child has ended, the step is answered with what became of it.
 * Nothing of this is kept: parked steps are on record, and a new owner watches for them again.
 */
import type { TaskFailure } from "../../core/failure.ts";
import type { CauseId, RunId, StepId } from "../../core/ids.ts";
import type { Json } from "../../core/json.ts";
import type { CauseEvent, RunStart } from "../../kernel/cause.ts";
import { itemAt } from "../../kernel/paged.ts";
import { stepById } from "../../kernel/roster.ts";
import type { RunSnapshot, StepState } from "../../kernel/snapshot.ts";
import type { Answered } from "../../plan/parking.ts";
import type { CompiledWorkflow } from "../../plan/workflow.ts";
import type { RunRow, StoreReader } from "../../ports/store.ts";

export interface ParentStep {
  readonly runId: RunId;
  readonly step: StepId;
  readonly attempt: number;
}

export interface ChildrenOptions {
  readonly reader: Pick<StoreReader, "run">;
  /** @throws what keeps the run from being read */
  readonly snapshotOf: (runId: RunId) => { readonly workflow: CompiledWorkflow; readonly snapshot: RunSnapshot };
  readonly deliver: (runId: RunId, causeId: CauseId, event: CauseEvent) => void;
}

export interface Children {
  /** A step waits for this run, which may have ended already. */
  watch(child: RunId, parent: ParentStep): void;
  /** It waits no longer: a child that still goes on is canceled. */
  unwatch(child: RunId): void;
  /** Nobody waits any more for this run, which its parent's end should have canceled: an engine died in between. */
  isAbandoned(start: RunStart): boolean;
  /** A run has come to rest for good. */
  ended(child: RunId): void;
}

const FINAL: ReadonlySet<string> = new Set(["succeeded", "failed", "canceled"]);

/** States in which an attempt may have started a child whose name is not on record yet. */
const STARTING: ReadonlySet<StepState> = new Set(["running.executing", "running.stopping", "quarantined"]);

export function createChildren({ reader, snapshotOf, deliver }: ChildrenOptions): Children {
  const parents = new Map<RunId, ParentStep>();

  function answer(child: RunId): void {
    const parent = parents.get(child);
    const row = parent === undefined ? null : reader.run(child);
    if (parent === undefined || row === null || !FINAL.has(row.state)) return;
    parents.delete(child);
    const { runId, step, attempt } = parent;
    const event: CauseEvent = { type: "step.answer", step, attempt, answer: toAnswer(row), by: null, digest: null };
    deliver(runId, `child:${child}:${attempt}` as CauseId, event);
  }

  return {
    watch(child, parent) {
      parents.set(child, parent);
      answer(child);
    },
    unwatch(child) {
      parents.delete(child);
      const row = reader.run(child);
      if (row === null || FINAL.has(row.state)) return;
      deliver(child, ...cancelOf(child));
    },
    isAbandoned({ runId, parent }) {
      const row = parent?.relation === "child" ? reader.run(parent.runId) : null;
      if (parent === null || row === null) return false;
      if (FINAL.has(row.state)) return true;
      const { workflow, snapshot } = snapshotOf(parent.runId);
      const step = parent.from === null ? undefined : stepById({ workflow, fans: snapshot.fans }, parent.from);
      if (step === undefined) return false;
      const { state, actor } = itemAt(snapshot.steps, step.index);
      const parking = state === "running.parked" ? actor.context.parked?.parking : undefined;
      return !STARTING.has(state) && !(parking?.kind === "run" && parking.runId === runId);
    },
    ended: answer,
  };
}

/** What becomes of a child for which nobody waits any more. */
export function cancelOf(child: RunId): readonly [CauseId, CauseEvent] {
  const reason = "the run that waited for it has stopped";
  return [`parent:${child}` as CauseId, { type: "run.cancel", by: "its parent", reason }];
}

function toAnswer({ id, state, output, error }: RunRow): Answered {
  if (state === "succeeded") return { kind: "succeeded", output };
  return { kind: "failed", failure: state === "canceled" ? canceled(id) : failed(id, error) };
}

function canceled(id: RunId): TaskFailure {
  return { class: "canceled", code: "CHILD_CANCELED", title: `The run ${id} was canceled` };
}

/** The child's failure with its class, so that the parent's policies see what kind it was. */
function failed(id: RunId, error: Json): TaskFailure {
  const inner = (error as { readonly failure?: TaskFailure; readonly step?: string | null } | null) ?? {}; // Written by the kernel as RunFailure.
  const { failure, step } = inner;
  const where = typeof step === "string" ? `\`${step}\` of ` : "";
  return {
    class: failure?.class ?? "permanent",
    code: "CHILD_FAILED",
    title: `${where}run ${id} failed: ${failure?.title ?? "it failed"}`,
    ...(failure?.detail !== undefined && { detail: failure.detail }),
    extra: { run: id, code: failure?.code ?? "FAILED" },
  };
}
