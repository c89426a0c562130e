/** Those who watch committed entries. They see exactly what is stored, in order, and can neither delay nor fail a run (I-38). */
import type { RunId, TenantId } from "../core/ids.ts";
import type { JournalEntry } from "../kernel/entry.ts";

export interface CommittedEntry {
  readonly runId: RunId;
  readonly tenant: TenantId;
  readonly workflow: string;
  readonly entry: JournalEntry;
}

export interface Observer {
  readonly name: string;
  /** Called after the commit with a batch in order. What it throws is counted, reported once, and ignored. */
  committed(batch: readonly CommittedEntry[]): void;
}
