/** What the API asks about a run beside its state. */
import type { RunReader } from "../api/run-reader.ts";
import type { QuarantinedView } from "../contract/quarantined-view.ts";
import type { AttemptView, StepDetail } from "../contract/step-detail.ts";
import type { WaitingView } from "../contract/waiting-view.ts";
import { isTroupeError, toError } from "../core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import type { SeenRun } from "../hosts/embedded/read-run.ts";
import { stepById } from "../kernel/roster.ts";
import { sourceOf } from "../kernel/scope.ts";
import { reasonForPerson, whyNot } from "../kernel/why-not.ts";
import type { AttemptRow, QuarantinedRow } from "../ports/store.ts";
import { requestOfStep } from "./execution-requests.ts";
import { ownRun } from "./own-run.ts";
import type { Project } from "./project-shape.ts";
import { stepPage, wholeStep } from "./run-pages.ts";
import type { Teller } from "./teller.ts";

const QUARANTINED_MAX = 500;

export function createRunReader(project: Project, teller: Teller): RunReader {
  const { store, snapshots } = project;
  return {
    async steps(run, query, caller) {
      const { id } = ownRun(store, run, caller);
      return stepPage(store, await snapshots.get(id), query);
    },
    async step(run, name, caller) {
      const { id } = ownRun(store, run, caller);
      const seen = await snapshots.get(id);
      const { step, view } = wholeStep(store, seen, name);
      const attempts = store.attempts(id, [step.id]);
      const since = attempts.findLast(({ endedAt }) => endedAt !== null)?.startedAt ?? view.startedAt ?? view.endedAt;
      const last = since === null ? null : store.usageSince(id, step.id, since);
      return {
        step: view,
        attempts: attempts.map(toAttempt),
        inputs: inputsOf(project, seen, step.id, last),
        usage: last,
        why: whyNot(seen.workflow, seen.snapshot, step.id, (ref) => store.blob(ref)) as unknown as readonly WaitingView[], // They hold nothing but JSON.
      } satisfies StepDetail;
    },
    async graph(run, caller) {
      const { definition } = ownRun(store, run, caller);
      return { text: await teller.tell({ kind: "graph", definition }, project.compiled.get(definition).steps.length) };
    },
    async stats(run, caller) {
      const { id, lastSeq } = ownRun(store, run, caller);
      return { text: await teller.tell({ kind: "stats", run: id }, lastSeq) };
    },
    async trace(run, caller) {
      const { id, lastSeq } = ownRun(store, run, caller);
      return { text: await teller.tell({ kind: "trace", run: id }, lastSeq) };
    },
    async diff(left, right, caller) {
      const [one, other] = [ownRun(store, left, caller), ownRun(store, right, caller)];
      return { text: await teller.tell({ kind: "diff", left: one.id, right: other.id }, one.lastSeq + other.lastSeq) };
    },
    definition(run, caller) {
      const { workflow, definition, tenant } = ownRun(store, run, caller);
      const { document } = project.compiled.get(definition);
      return { workflow, version: definition, source: store.deployedSource(tenant, workflow, definition), document };
    },
    async quarantined({ tenant }) {
      const found: QuarantinedView[] = [];
      for (const row of store.quarantined(tenant, QUARANTINED_MAX)) found.push(toQuarantined(row, await snapshots.get(row.runId)));
      return found;
    },
  };
}

function toAttempt({ attempt, startedAt, endedAt, outcome, error, tool, costUsd }: AttemptRow): AttemptView {
  return { attempt, startedAt, endedAt, outcome, error, tool, costUsd };
}

/** As they were recorded where a tool was asked, and made again from the journal otherwise; null where they cannot be made yet. */
function inputsOf({ store }: Project, { workflow, snapshot }: SeenRun, step: string, usage: JsonObject | null): Json {
  try {
    const recorded = isJsonObject(usage?.request) ? usage.request : null;
    const request = recorded ?? requestOfStep({ store, runId: snapshot.start.runId, workflow, snapshot }, step);
    return request.inputs ?? null;
  } catch (thrown) {
    const error = toError(thrown);
    // A step before it has not ended, or gave something that its expressions do not take: there is nothing to show.
    if (isTroupeError(error) && error.kind === "definition") return null;
    throw error;
  }
}

function toQuarantined({ runId, workflow, step: id, since, attempt }: QuarantinedRow, seen: SeenRun): QuarantinedView {
  const source = sourceOf(seen.workflow, seen.snapshot);
  const step = stepById(source, id);
  const slot = step === undefined ? null : source.slot(step.index);
  return {
    run: runId,
    workflow,
    step: id,
    because: step === undefined || slot === null ? "" : reasonForPerson(step, slot),
    since,
    attempts: attempt,
    error: slot?.actor.context.failure ?? null,
  };
}
