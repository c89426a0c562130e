/** Tells a run line by line in the log of a CI job; what a step printed stands in a group of its own when it has ended. */
import type { EventView } from "../../contract/event-view.ts";
import { parseItemId, stepNameOf } from "../../core/item-id.ts";
import { isJsonObject, type Json } from "../../core/json.ts";
import { attemptLogs } from "../../main/attempt-logs.ts";
import { shellWord } from "../next-commands.ts";
import { progressLine } from "../render/event-line.ts";
import { shortRunId } from "../render/run-id.ts";
import type { Reporter, ReporterOptions } from "../reporter-shape.ts";
import { attemptText, TEXT_BYTES_MAX } from "./attempt-text.ts";

/** Items of one fan-out that get a group, or a line, whatever became of them; those that fail have as many more. */
const ITEMS_TOLD_MAX = 50;

const ENDED: ReadonlySet<string> = new Set(["succeeded", "failed", "canceled", "skipped", "quarantined"]);
const BAD: ReadonlySet<string> = new Set(["failed", "quarantined"]);

export function createCiReporter(
  { project, runId, workflow }: ReporterOptions,
  { job, places }: NonNullable<ReporterOptions["ci"]>,
): Reporter {
  const optional = new Set<string>(workflow.steps.filter((step) => step.optional).map(({ id }) => id));
  const told = new Map<string, { good: number; bad: number }>();
  let startedAt: number | null = null;

  /** Ten thousand items are no log that anybody reads. */
  const isTold = (id: string, isBad: boolean): boolean => {
    if (parseItemId(id) === null) return true;
    const name = stepNameOf(id);
    const count = told.get(name) ?? { good: 0, bad: 0 };
    told.set(name, count);
    return (isBad ? ++count.bad : ++count.good) <= ITEMS_TOLD_MAX;
  };

  const printed = (id: string): readonly string[] => {
    const logs = attemptLogs(project.store, project.directory, runId, id).filter(({ directory }) => directory !== null);
    const more = `troupe logs ${shortRunId(runId)} ${shellWord(id)}`;
    return logs.flatMap(({ directory, attempt, outcome }) => {
      const lines = attemptText(directory ?? "", TEXT_BYTES_MAX, more);
      return logs.length > 1 && lines.length > 0 ? [`attempt ${attempt}, ${outcome ?? "running"}:`, ...lines] : lines;
    });
  };

  const tellEnd = (id: string, line: string, event: EventView): void => {
    const isBad = BAD.has(event.to ?? "");
    if (!isTold(id, isBad)) return;
    const lines = event.type === "step.skipped" || event.type === "step.cached" ? [] : printed(id);
    if (lines.length === 0) job.terminal.note(`${line}\n`);
    else job.group(id, line, lines);
    if (!isBad) return;
    const severity = optional.has(stepNameOf(id)) ? "warning" : "error";
    job.remark({ severity, title: `step ${id} ${event.to}`, message: reasonText(event.data) }, places.get(stepNameOf(id)) ?? null);
  };

  return {
    event(event, isNew) {
      startedAt ??= Date.parse(event.at);
      const line = isNew ? progressLine(event, startedAt, job.terminal.noteLook) : null;
      if (line === null) return;
      const { stepId, to = "", from } = event;
      if (stepId === undefined) job.terminal.note(`${line}\n`);
      else if (ENDED.has(to) && from !== to) tellEnd(stepId, line, event);
      else if (parseItemId(stepId) === null) job.terminal.note(`${line}\n`);
    },
    say: (text) => job.terminal.note(`${text}\n`),
    [Symbol.dispose]: () => {},
  };
}

/** Of the last lines of a failure, what a remark has room for. */
const REASON_MAX = 2_000;

function reasonText({ outcome, failure }: EventView["data"]): string {
  const found = failureIn(failure) ?? (isJsonObject(outcome) ? failureIn(outcome.failure) : null);
  return (found ?? "A person has to decide.").slice(0, REASON_MAX);
}

function failureIn(failure: Json | undefined): string | null {
  if (!isJsonObject(failure)) return null;
  const { title, code, detail, hint } = failure;
  const parts = [`${String(title)} (${String(code)})`, detail === title ? undefined : detail, hint];
  return parts.filter((part) => typeof part === "string" && part !== "").join("\n");
}
