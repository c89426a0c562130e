/**
 * The report of an export: one page that opens from a disk, without a script, a font or a request. Its policy allows nothing but the style
 * sheets that stand in it, by their digests.
 */
import { hash } from "node:crypto";
import type { RunReport } from "../../../contract/run-report.ts";
import type { RunView, StepView } from "../../../contract/run-view.ts";
import { formatDuration } from "../../../core/duration.ts";
import type { Json } from "../../../core/json.ts";
import { drawSvg } from "../../../plan/draw-svg.ts";
import { toDrawing } from "../../../plan/drawing.ts";
import { mainSteps } from "../../../plan/main-steps.ts";
import { plan } from "../../../plan/plan.ts";
import type { CompiledWorkflow } from "../../../plan/workflow.ts";
import type { AttemptLog } from "../../attempt-logs.ts";
import { lastLines } from "../../last-lines.ts";
import type { AttemptRecord } from "../attempts.ts";
import type { ConcurrencyReport } from "../concurrency.ts";
import type { Decisions } from "../decisions.ts";
import type { Manifest } from "../manifest.ts";
import { type Html, html, trusted } from "./html.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { stepTable } from "./step-table.ts";

export interface ReportPageInput {
  readonly view: RunView;
  readonly workflow: CompiledWorkflow;
  readonly report: RunReport;
  readonly decisions: Decisions;
  readonly attempts: readonly AttemptRecord[];
  readonly logs: readonly AttemptLog[];
  readonly manifest: Omit<Manifest, "files">;
  readonly concurrency: ConcurrencyReport;
}

/** More boxes than this are no picture. */
const GRAPH_STEPS_MAX = 300;
const FAILURES_MAX = 50;
const LOG_LINES = 20;
const VALUE_CHARS_MAX = 20_000;
const ACTS_MAX = 200;

export function renderReportPage(input: ReportPageInput): string {
  const { view } = input;
  const graph = graphOf(input);
  const styles = [PAGE_STYLE, ...(graph === null ? [] : [...graph.matchAll(/<style>([^<]*)<\/style>/g)].map(([, text = ""]) => text))];
  const digests = styles.map((style) => `'sha256-${hash("sha256", style, "base64")}'`).join(" ");
  const body = html`<main>
${header(input)}
${failures(input)}
${graph === null ? null : html`<h2>Graph</h2><div class="wide" role="region" aria-label="Graph of the steps" tabindex="0">${trusted(graph)}</div>`}
<h2>Steps</h2>
${stepTable({ view, asOf: input.report.asOf, attempts: input.attempts })}
${values(view)}
${acts(input.decisions)}
${contents(input)}
</main>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${digests}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
${html`<title>${view.workflow} ${view.state} – ${view.id}</title>`.html}
<style>${PAGE_STYLE}</style>
</head>
<body>
${body.html}
</body>
</html>
`;
}

function graphOf({ workflow, view, report }: ReportPageInput): string | null {
  const steps = mainSteps(workflow.steps);
  if (steps.length < 2 || steps.length > GRAPH_STEPS_MAX) return null;
  // What was not executed took nothing, and is nothing that anybody expects any more.
  const took = new Map(report.steps.map(({ id, tookMs }) => [id, [tookMs ?? 0]]));
  const planned = plan(workflow, { workers: Math.max(1, report.parallel.peak), history: took });
  return drawSvg(toDrawing(workflow, planned, new Map(view.steps.map(({ id, state }) => [id, state]))));
}

function header({ view, report, concurrency, manifest }: ReportPageInput): Html {
  const facts: readonly (readonly [string, string])[] = [
    ["started", view.startedAt === null ? "not yet" : timeText(view.startedAt)],
    [view.endedAt === null ? "as of" : "ended", timeText(view.endedAt ?? report.asOf)],
    ["took", formatDuration(report.time.elapsedMs)],
    ["work", `${formatDuration(workOf(view))}, ${concurrency.peak} at once at most`],
    ["attempts", String(report.quality.attempts)],
    ["cost", `$${view.costUsd.toFixed(2)}`],
    ["definition", manifest.definition.slice(0, 12)],
    ["Troupe", manifest.version],
  ];
  const waits = view.waitingFor === null ? null : html`<p>It waits for ${view.waitingFor}.</p>`;
  return html`<header>
<h1>${view.workflow} <span class="state ${view.state}">${view.state}</span></h1>
<p class="id quiet">${view.id}${view.parent === null ? null : `, ${view.parent.relation} of ${view.parent.runId}`}</p>
${waits}
<dl>${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</header>`;
}

/** Items of a fan-out have their own attempts. */
function workOf({ steps }: RunView): number {
  return steps.reduce((sum, { workMs }) => sum + (workMs ?? 0), 0);
}

function failures({ view, logs }: ReportPageInput): Html | null {
  const bad = view.steps.filter(({ state }) => state === "failed" || state === "quarantined");
  if (bad.length === 0 && view.error === null) return null;
  const own = view.error !== null && view.error.step === null ? view.error.failure : null;
  const latest = new Map(logs.filter(({ directory }) => directory !== null).map((log) => [log.step, log.directory ?? ""]));
  return html`<h2>What went wrong</h2>
${own === null ? null : html`<div class="card"><h3>the run</h3><p>${own.title} (${own.code})</p>${own.detail === undefined ? null : html`<pre>${own.detail}</pre>`}</div>`}
${bad.slice(0, FAILURES_MAX).map((step) => failureCard(view, step, latest.get(step.id)))}
${bad.length > FAILURES_MAX ? html`<p class="quiet">… and ${bad.length - FAILURES_MAX} more: <a href="run.json">run.json</a></p>` : null}`;
}

function failureCard({ id }: RunView, { id: step, state, error, quarantinedBecause }: StepView, directory: string | undefined): Html {
  const lines = directory === undefined ? [] : lastLines(directory, LOG_LINES);
  const isTold = error?.detail !== undefined && error.detail !== error.title;
  const fix = error?.hint ?? (state === "quarantined" ? `A person decides: troupe quarantine --help` : null);
  return html`<section class="card ${state}"><h3><span class="id">${step}</span> <span class="state ${state}">${state}</span></h3>
<p>${error === null ? (quarantinedBecause ?? "") : `${error.title} (${error.code}, ${error.class})`}</p>
${isTold ? html`<pre>${error?.detail ?? ""}</pre>` : null}
${lines.length === 0 || (isTold && error?.detail?.includes(lines.at(-1) ?? "")) ? null : html`<p class="quiet">It printed last:</p><pre>${lines.join("\n")}</pre>`}
${fix === null ? null : html`<p>${fix}</p>`}
<p class="quiet">Where the state directory is: <code>troupe why ${id} ${/^[\w-]+$/.test(step) ? step : `'${step}'`}</code>, <code>troupe retry ${id}</code></p></section>`;
}

function values({ input, output }: RunView): Html {
  return html`<h2>Input</h2>${valueBlock(input)}<h2>Output</h2>${valueBlock(output)}`;
}

function valueBlock(value: Json): Html {
  if (value === null) return html`<p class="quiet">none</p>`;
  const text = JSON.stringify(value, null, 2);
  const cut = text.length > VALUE_CHARS_MAX;
  return html`<pre>${text.slice(0, VALUE_CHARS_MAX)}${cut ? "\n…" : ""}</pre>${cut ? html`<p class="quiet">All of it: <a href="run.json">run.json</a></p>` : null}`;
}

function acts({ acts: done }: Decisions): Html | null {
  if (done.length === 0) return null;
  const rows = done
    .slice(0, ACTS_MAX)
    .map(
      ({ at, step, on, by, reason }) =>
        html`<tr><td class="number">${timeText(Number(at))}</td><th scope="row">${String(by)}</th><td>${String(on)}</td><td class="id">${String(step)}</td><td class="reason">${typeof reason === "string" ? reason : ""}</td></tr>\n`,
    );
  return html`<h2>Who decided</h2><div class="wide" role="region" aria-label="Decisions" tabindex="0"><table><thead><tr><th scope="col">when</th><th scope="col">who</th><th scope="col">what</th><th scope="col">about</th><th scope="col">why</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function contents({ manifest }: ReportPageInput): Html {
  const files: readonly (readonly [string, string])[] = [
    ["definition/workflow.json", "the workflow, normalised; its source beside it where the file was still the same"],
    ["run.json", "the run and its steps with inputs, outputs and errors"],
    ["events.jsonl", "the journal, each entry with its hash"],
    ["attempts.json", "every attempt: what was asked, what it used, how it ended"],
    ["decisions.json", "people, approvals, choice of tools, cache"],
    ["metrics.json", "where the time went"],
    ["concurrency.json", "how many ran at once"],
    ["costs.json", "what it cost"],
    ["trace.json", "spans for any OpenTelemetry collector"],
    ["spans.json", "the same, with those that are open"],
    ["manifest.json", "digest of every file"],
  ];
  return html`<h2>In this folder</h2>
<ul>${files.map(([file, what]) => html`<li><a href="${file}">${file}</a> <span class="quiet">${what}</span></li>`)}${manifest.children.map(
    ({ run, step, folder }) =>
      html`<li>${folder === null ? html`<span class="id">${run}</span>` : html`<a href="${folder}/report.html">${run}</a>`} <span class="quiet">run of step ${step}</span></li>`,
  )}</ul>
<p class="quiet">Exported ${timeText(manifest.exportedAt)}. The journal has ${manifest.journal.entries} entries and ends with <code>${manifest.journal.head}</code>; <code>troupe export --check</code> proves that nothing was changed since.</p>`;
}

/** In UTC: an export travels. */
function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
