/**
 * Writes all that is known of a run into a folder that needs nothing else: no state directory, no Troupe, no network.
 *
 * E1 The journal is exported up to one entry, and its hash chain ends where the store's does (S-47).
 * E2 What is secret stands nowhere in it: everything comes from what was masked before it was stored (S-38).
 * E3 Memory holds no log and no text of a request longer than it takes to write it.
 */

import { entriesOf } from "../../../observability/run-entries.ts";
import { RequestError } from "../../core/errors.ts";
import type { RunId } from "../../core/ids.ts";
import { canonicalJson } from "../../core/json.ts";
import type { JournalEntry } from "../../kernel/entry.ts";
import type { CompiledWorkflow } from "../../plan/workflow.ts";
import { attemptLogs } from "../attempt-logs.ts";
import { declarationsOf } from "../declarations.ts";
import { allRequests } from "../execution-requests.ts";
import { loadWorkflow, readText } from "../load-workflow.ts";
import type { Project } from "../project-shape.ts";
import { readSpans, spansToOtlp } from "../read-spans.ts";
import { readReport } from "../report/read-report.ts";
import { type AttemptRecord, exportAttempts, usagesIn } from "./attempts.ts";
import { computeConcurrency } from "./concurrency.ts";
import { childRunsIn, decisionsIn } from "./decisions.ts";
import { createExportFolder, type ExportFolder } from "./export-folder.ts";
import { checkHead, journalText } from "./journal-lines.ts";
import { EXPORT_FORMAT, JOURNAL, MANIFEST, type Manifest } from "./manifest.ts";
import { renderReportPage } from "./page/report-page.ts";

export interface ExportOptions {
  /** Absolute path of the folder. */
  readonly target: string;
  /** Of Troupe. */
  readonly version: string;
  /** Puts it in the place of what is there. @defaultValue false */
  readonly replaces?: boolean;
  /** Runs that its steps started go with it, each as an export of its own below `children/`. @defaultValue false */
  readonly withChildren?: boolean;
}

export interface Exported {
  readonly run: string;
  readonly directory: string;
  readonly state: string;
  readonly files: number;
  readonly bytes: number;
  /** Hash of the journal's last entry: kept elsewhere, it proves later that the export is the one that was made. */
  readonly head: string;
}

/** @throws RequestError FILE_UNWRITABLE; InvariantError INV_JOURNAL_GAP for a journal that is not whole */
export function exportRun(project: Project, runId: RunId, options: ExportOptions): Exported {
  using folder = createExportFolder(options.target, options.replaces === true);
  const manifest = fill(folder, "", project, runId, { ...options, seen: new Set() });
  const files = folder.files.length;
  const bytes = folder.files.reduce((sum, file) => sum + file.bytes, 0);
  folder.finish();
  return { run: runId, directory: options.target, state: manifest.state, files, bytes, head: manifest.journal.head };
}

interface Filling extends ExportOptions {
  readonly seen: Set<string>;
}

/** @param below the folder inside the export: empty, or with a slash at its end */
function fill(folder: ExportFolder, below: string, project: Project, runId: RunId, options: Filling): Manifest {
  options.seen.add(runId);
  const { store, directory } = project;
  const row = store.run(runId);
  if (row === null) throw new RequestError("RUN_NOT_FOUND", { run: runId });
  const from = folder.files.length;
  const put = (name: string, value: unknown): void => folder.write(below + name, `${JSON.stringify(value, null, 2)}\n`);
  const inner: ExportFolder = { ...folder, write: (name, parts) => folder.write(below + name, parts) };

  // E1: a run that goes on meanwhile is exported as it was at this entry.
  const lastSeq = row.lastSeq;
  const entries = { [Symbol.iterator]: () => entriesOf(store, runId, lastSeq) };
  const journal = journalText(runId, entries);
  inner.write(JOURNAL, journal.lines());
  checkHead(store, runId, journal.end);
  for (const [digest, ref] of journal.end.blobs) inner.write(`blobs/${digest}.json`, canonicalJson(store.blob(ref)));

  const { workflow, snapshot } = project.snapshot(runId);
  const view = project.view(runId, lastSeq);
  put("run.json", view);
  put("definition/workflow.json", workflow.document);
  const source = sourceOf(workflow);
  if (source !== null) inner.write(`definition/source.${/\.json$/.test(workflow.file) ? "json" : "yaml"}`, source);

  const attempts: AttemptRecord[] = [];
  inner.write("attempts.json", jsonList(attemptsOf(inner, project, runId, { entries, workflow, snapshot }), attempts));
  const report = readReport(project, runId);
  const spans = readSpans(store, workflow, snapshot);
  const decisions = decisionsIn(entries);
  const concurrency = computeConcurrency(attempts, report.asOf);
  put("metrics.json", report);
  put("concurrency.json", concurrency);
  put("costs.json", { ...report.cost, steps: costsOf(attempts) });
  put("decisions.json", decisions);
  put("spans.json", spans);
  put("trace.json", spansToOtlp(spans, options.version));

  const children = childRunsIn(entries).map(({ run, step }) => {
    const isHere = options.withChildren === true && !options.seen.has(run) && store.run(run as RunId) !== null; // An id that the journal holds.
    if (isHere) fill(folder, `${below}children/${run}/`, project, run as RunId, options);
    return { run, step, folder: isHere ? `children/${run}` : null };
  });
  const manifest: Omit<Manifest, "files"> = {
    format: EXPORT_FORMAT,
    version: options.version,
    run: runId,
    workflow: view.workflow,
    definition: workflow.hash,
    state: view.detail,
    exportedAt: Date.now(),
    journal: { entries: journal.end.entries, head: journal.end.head },
    children,
  };
  const logs = attemptLogs(store, directory, runId);
  inner.write("report.html", renderReportPage({ view, workflow, report, decisions, attempts, logs, manifest, concurrency }));
  const files = folder.files.slice(from).map((file) => ({ ...file, path: file.path.slice(below.length) }));
  put(MANIFEST, { ...manifest, files });
  return { ...manifest, files };
}

type AttemptInput = ReturnType<Project["snapshot"]> & { readonly entries: Iterable<JournalEntry> };

function attemptsOf(folder: ExportFolder, { store, directory }: Project, runId: RunId, { entries, workflow, snapshot }: AttemptInput) {
  return exportAttempts(folder, {
    rows: store.attempts(runId),
    logs: attemptLogs(store, directory, runId),
    usages: usagesIn(entries),
    requests: allRequests({ store, runId, workflow, snapshot }),
  });
}

/** Writes each while the next is made, and keeps what others need: who ran when, not what was asked. */
function* jsonList(records: Iterable<AttemptRecord>, kept: AttemptRecord[]): Generator<string> {
  let separator = "[\n";
  for (const record of records) {
    yield `${separator}${JSON.stringify(record)}`;
    separator = ",\n";
    kept.push({ ...record, usage: null, request: null });
  }
  yield separator === "[\n" ? "[]\n" : "\n]\n";
}

function costsOf(attempts: readonly AttemptRecord[]): readonly object[] {
  const byStep = Map.groupBy(attempts, ({ step }) => step);
  return [...byStep].map(([step, own]) => ({
    step,
    usd: own.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0),
    attempts: own.map(({ attempt, tool, costUsd, outcome }) => ({ attempt, tool, usd: costUsd, outcome })),
  }));
}

/** The text that its author wrote, if the file is still what the run was started from: whatever else it holds now is none of its business. */
function sourceOf({ file, hash }: CompiledWorkflow): string | null {
  try {
    return loadWorkflow(file, declarationsOf([])).hash === hash ? readText(file) : null;
  } catch {
    return null; // It is gone, or somebody is in the middle of changing it.
  }
}
