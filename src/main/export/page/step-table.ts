/** All steps as rows: state, when, how long, and why. Of a large fan-out those items that went wrong, and some others. */
import type { RunView, StepView } from "../../../contract/run-view.ts";
import { formatDuration } from "../../../core/duration.ts";
import { stepNameOf } from "../../../core/item-id.ts";
import type { AttemptRecord } from "../attempts.ts";
import { type Html, html } from "./html.ts";

/** Items of one fan-out, and rows in all: a page of ten thousand is none. `run.json` has them all. */
const ITEMS_MAX = 50;
const ROWS_MAX = 1_500;
/** Units of a bar's width. */
const BAR_UNITS = 1_000;

export interface StepTableInput {
  readonly view: RunView;
  /** Ended, or as of the last entry. Epoch milliseconds. */
  readonly asOf: number;
  readonly attempts: readonly AttemptRecord[];
}

type Row = { readonly kind: "step"; readonly step: StepView } | { readonly kind: "more"; readonly text: string };

export function stepTable({ view, asOf, attempts }: StepTableInput): Html {
  const rows = rowsOf(view.steps);
  const shown = rows.slice(0, ROWS_MAX);
  const attemptsOf = Map.groupBy(attempts, ({ step }): string => step);
  const from = view.startedAt ?? view.createdAt;
  const toUnits = (at: number): number =>
    Math.min(BAR_UNITS, Math.max(0, Math.round(((at - from) / Math.max(1, asOf - from)) * BAR_UNITS)));
  const hidden = rows.length - shown.length;
  return html`<div class="wide" role="region" aria-label="Steps" tabindex="0"><table>
<thead><tr><th scope="col">step</th><th scope="col">state</th><th scope="col" class="when">when</th><th scope="col" class="number">worked</th><th scope="col" class="number">attempts</th><th scope="col" class="number">cost</th><th scope="col">why, and what it printed</th></tr></thead>
<tbody>${shown.map((row) => (row.kind === "more" ? moreRow(row.text) : stepRow(row.step, attemptsOf.get(row.step.id) ?? [], toUnits, asOf)))}${
    hidden > 0 ? moreRow(`and ${hidden} more rows`) : null
  }</tbody></table></div>`;
}

function moreRow(text: string): Html {
  return html`<tr><th scope="row" class="item quiet">…</th><td colspan="6" class="quiet">${text}: <a href="run.json">run.json</a></td></tr>\n`;
}

function stepRow(step: StepView, attempts: readonly AttemptRecord[], toUnits: (at: number) => number, asOf: number): Html {
  const { id, itemKey, title, state, workMs, durationMs, costUsd, cached } = step;
  const took = workMs ?? durationMs;
  return html`<tr><th scope="row"${itemKey === null ? null : html` class="item"`}><span class="id">${itemKey ?? id}</span>${
    title === null ? null : html`<br><span class="quiet">${title}</span>`
  }</th><td class="state ${state}">${cached ? "taken over" : state}</td><td class="when">${bar(step, attempts, toUnits, asOf)}</td><td class="number">${
    took === null || state === "skipped" ? "" : formatDuration(took)
  }</td><td class="number">${attempts.length === 0 ? "" : attempts.length}</td><td class="number">${
    costUsd > 0 ? `$${costUsd.toFixed(2)}` : ""
  }</td><td class="reason">${reasonOf(step)} ${logLinks(attempts)}</td></tr>\n`;
}

/** From the first start to the end, and on it the time in which attempts ran. */
function bar(
  { startedAt, endedAt, state }: StepView,
  attempts: readonly AttemptRecord[],
  toUnits: (at: number) => number,
  asOf: number,
): Html | null {
  if (startedAt === null || state === "skipped") return null;
  const rect = (from: number, to: number, name: string): Html => {
    const x = Math.min(toUnits(from), BAR_UNITS - 4);
    return html`<rect class="${name}" x="${x}" y="0" width="${Math.max(4, toUnits(to) - x)}" height="14"/>`;
  };
  return html`<svg viewBox="0 0 ${BAR_UNITS} 14" preserveAspectRatio="none" aria-hidden="true">${rect(startedAt, endedAt ?? asOf, "span")}${attempts
    .slice(0, ITEMS_MAX)
    .map((one) => rect(one.startedAt, one.endedAt ?? asOf, `work ${lookOf(one)}`))}</svg>`;
}

function lookOf({ outcome }: AttemptRecord): string {
  if (outcome === null) return "running";
  return outcome === "failed" || outcome === "timed_out"
    ? "failed"
    : outcome === "stopped" || outcome === "lost"
      ? "canceled"
      : "succeeded";
}

function reasonOf({ state, skippedBecause, quarantinedBecause, error }: StepView): string {
  if (state === "succeeded") return "";
  return skippedBecause ?? quarantinedBecause ?? (error === null ? "" : `${error.title} (${error.code})`);
}

function logLinks(attempts: readonly AttemptRecord[]): readonly Html[] {
  return attempts
    .slice(-5)
    .flatMap(({ attempt, stdout, stderr }) =>
      [stdout, stderr].flatMap((file, index) =>
        file === null ? [] : [html`<a href="${file}">${index === 0 ? "stdout" : "stderr"}${attempts.length > 1 ? ` ${attempt}` : ""}</a> `],
      ),
    );
}

function rowsOf(steps: readonly StepView[]): readonly Row[] {
  const items = Map.groupBy(
    steps.filter(({ itemKey }) => itemKey !== null),
    ({ id }) => stepNameOf(id),
  );
  return steps
    .filter(({ itemKey }) => itemKey === null)
    .flatMap((step): readonly Row[] => [{ kind: "step", step }, ...itemRows(items.get(step.id) ?? [])]);
}

function itemRows(items: readonly StepView[]): readonly Row[] {
  const isBad = ({ state }: StepView): boolean => state === "failed" || state === "quarantined";
  const chosen = new Set(items.toSorted((one, other) => Number(isBad(other)) - Number(isBad(one))).slice(0, ITEMS_MAX));
  const rest = items.filter((item) => !chosen.has(item));
  const counts = [...Map.groupBy(rest, ({ state }) => state)].map(([state, { length }]) => `${length} ${state}`).join(", ");
  return [
    ...items.filter((item) => chosen.has(item)).map((step): Row => ({ kind: "step", step })),
    ...(rest.length === 0 ? [] : [{ kind: "more", text: `and ${rest.length} more items: ${counts}` } as const]),
  ];
}
