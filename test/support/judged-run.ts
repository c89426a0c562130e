/** Judges a run of a real state directory by the checker, from its journal and from the ledger of what the machine executed. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunId } from "../../src/core/ids.ts";
import type { Project } from "../../src/main/project-shape.ts";
import { type CheckedEntry, checkJournal, checkLedger, type LedgerLine } from "./checker.ts";
import { checkedSteps } from "./explore.ts";

/** What one line of the ledger says: a step's attempt was really started. */
export interface Execution {
  readonly runId: string;
  readonly step: string;
  readonly attempt: number;
}

/**
 * A folder to stand first in PATH: its `bash` and `node` write down the run, step and attempt for which they are started, and become
 * the real ones. That is the ground truth of what was executed.
 */
export function interpretersThatRecord(root: string, ledger: string): string {
  const folder = join(root, "bin");
  mkdirSync(folder);
  for (const [name, real] of [
    ["bash", "/bin/bash"],
    ["node", process.execPath],
  ] as const) {
    const file = join(folder, name);
    const record = `[ -n "$TROUPE_STEP_ID" ] && echo "$TROUPE_RUN_ID $TROUPE_STEP_ID\${TROUPE_ITEM_KEY:+[$TROUPE_ITEM_KEY]} $TROUPE_ATTEMPT" >> "${ledger}"`;
    writeFileSync(file, `#!/bin/sh\n${record}\nexec "${real}" "$@"\n`);
    chmodSync(file, 0o755);
  }
  return folder;
}

export function readLedger(ledger: string): readonly Execution[] {
  if (!existsSync(ledger)) return [];
  return readFileSync(ledger, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [runId = "", step = "", attempt = "0"] = line.split(" ");
      return { runId, step, attempt: Number(attempt) };
    });
}

/** All that is wrong with one run, given how often its engine has died. */
export function judgeRun(project: Project, runId: RunId, executions: readonly Execution[], crashes: number): readonly string[] {
  const { workflow } = project.snapshot(runId);
  const entries = project.store.entries(runId, 0, Number.MAX_SAFE_INTEGER) as unknown as readonly CheckedEntry[]; // Their plain form.
  const lines: LedgerLine[] = executions
    .filter((execution) => execution.runId === runId)
    .map(({ step, attempt }) => ({ step, attempt, committedSeq: Number.MAX_SAFE_INTEGER }));
  return [...checkJournal(checkedSteps(workflow), entries), ...checkLedger(entries, lines, crashes), ...repeated(lines)];
}

/** A claim lets a command begin once, so an attempt that is dispatched again is one whose command never began (reliability §5). */
function repeated(lines: readonly LedgerLine[]): readonly string[] {
  const seen = new Set<string>();
  const problems: string[] = [];
  for (const { step, attempt } of lines) {
    const key = `${step}/${attempt}`;
    if (seen.has(key)) problems.push(`the command of ${key} ran more than once`);
    seen.add(key);
  }
  return problems;
}
