/** The end of a run as Markdown, for the page of a job. Texts from outside are encoded sign by sign: they are never markup (S-39). */
import type { StepView } from "../../contract/run-view.ts";
import { formatDuration } from "../../core/duration.ts";
import { runCommands, shellWord } from "../next-commands.ts";
import { shortRunId } from "../render/run-id.ts";
import type { SummaryInput } from "../render/run-summary.ts";
import { rowsOf } from "../render/step-rows.ts";
import { toHarmless, toOneLine } from "../render/text.ts";

const SIGNS: Readonly<Record<string, string>> = {
  succeeded: "✅",
  failed: "❌",
  skipped: "⏭️",
  canceled: "🚫",
  quarantined: "⚠️",
  running: "🔵",
  retrying: "🔁",
  pending: "⚪",
};

/** A page of a job takes a mebibyte; nobody reads a tenth of it. */
const ROWS_MAX = 200;
const FAILURES_MAX = 20;
const TEXT_MAX = 4_000;

export function renderJobSummary(input: SummaryInput): string {
  const { view, criticalPath } = input;
  const took = view.durationMs === null ? "" : ` after ${formatDuration(view.durationMs)}`;
  const cost = view.costUsd > 0 ? `, $${view.costUsd.toFixed(2)}` : "";
  return [
    `### ${signOf(view.state)} ${inline(view.workflow)}: ${inline(stateText(input))}${took}${cost}`,
    "",
    `Run <code>${inline(view.id)}</code>`,
    "",
    ...table(input),
    ...(criticalPath.length > 1 ? ["", `Critical path: ${criticalPath.map(inline).join(" → ")}`] : []),
    ...failures(input),
    ...commands(input),
    "",
  ].join("\n");
}

function signOf(state: string): string {
  return SIGNS[state] ?? "❔";
}

function stateText({ view }: SummaryInput): string {
  return view.detail === "running.waiting" && view.waitingFor !== null ? `waits for ${view.waitingFor}` : view.state;
}

function table({ view }: SummaryInput): readonly string[] {
  const rows = rowsOf(view.steps);
  const hidden = rows.length - ROWS_MAX;
  return [
    "| | step | state | attempts | time | cost |",
    "|---|---|---|--:|--:|--:|",
    ...rows.slice(0, ROWS_MAX).map((row) => (row.kind === "more" ? `| | … | ${inline(row.text)} | | | |` : stepRow(row.step))),
    ...(hidden > 0 ? [`| | … | ${hidden} more rows | | | |`] : []),
  ];
}

function stepRow(step: StepView): string {
  const { id, itemKey, state, cached, attempts, workMs, durationMs, costUsd, skippedBecause, error } = step;
  const name = itemKey === null ? id : `· ${itemKey}`;
  const reason = skippedBecause ?? (state === "succeeded" ? null : (error?.title ?? null));
  const told = cached ? "taken over" : reason === null ? state : `${state}: ${reason}`;
  const took = workMs ?? durationMs;
  const cells = [
    signOf(state),
    inline(name),
    inline(told),
    attempts === 0 ? "" : String(attempts),
    took === null || state === "skipped" ? "" : formatDuration(took),
    costUsd > 0 ? `$${costUsd.toFixed(2)}` : "",
  ];
  return `| ${cells.join(" | ")} |`;
}

function failures({ view, logTails, retries }: SummaryInput): readonly string[] {
  const bad = view.steps.filter(({ state }) => state === "failed" || state === "quarantined");
  const blocks = bad.slice(0, FAILURES_MAX).flatMap(({ id, error, quarantinedBecause }) => {
    const why = [
      error === null ? (quarantinedBecause ?? "") : `${error.title} (${error.code})`,
      ...(error?.detail === undefined || error.detail === error.title ? [] : [error.detail]),
      ...(error?.hint === undefined ? [] : [`hint: ${error.hint}`]),
      ...(retries.get(id) ?? []).map((text, index) => `attempt ${index + 1}: ${text}`),
      ...(logTails.get(id) ?? []).filter((line) => error?.detail?.includes(line) !== true),
    ].join("\n");
    const next = `troupe why ${shortRunId(view.id)} ${shellWord(id)}`;
    return ["", `#### ${inline(id)}`, "", pre(why), "", `<code>${inline(next)}</code>`];
  });
  const own =
    view.error !== null && view.error.step === null ? ["", pre(`${view.error.failure.title}\n${view.error.failure.detail ?? ""}`)] : [];
  const hidden = bad.length - FAILURES_MAX;
  return [...own, ...blocks, ...(hidden > 0 ? ["", `… and ${hidden} more steps that failed`] : [])];
}

function commands({ view }: SummaryInput): readonly string[] {
  const next = runCommands(view);
  if (next.length === 0) return [];
  return ["", "Next:", "", ...next.map(({ command, meaning }) => `- <code>${inline(command)}</code> ${inline(meaning)}`)];
}

/** One line in which no sign of Markdown or HTML is left: entities never stand for structure. */
function inline(text: string): string {
  return encode(toOneLine(text).slice(0, TEXT_MAX), /[^\p{L}\p{N} →·…]/gu);
}

/** Lines as they are. Such a block ends with its tag only, and no tag is left in it. */
function pre(text: string): string {
  return `<pre>${encode(toHarmless(text).slice(0, TEXT_MAX), /[&<>"'`*_[\]!@#|\\]/g)}</pre>`;
}

function encode(text: string, signs: RegExp): string {
  return text.toWellFormed().replace(signs, (sign) => `&#${sign.codePointAt(0)};`);
}
