/** Who and what decided in a run: people, approvals, the choice of tools, the step cache. Read from the journal. */
import { isRunId } from "../../core/ids.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import type { JournalEntry } from "../../kernel/entry.ts";

export interface Decisions {
  /** Acts of people and programs from outside: cancel, pause, release, override, answers. */
  readonly acts: readonly JsonObject[];
  /** What was asked of people, bound to the digest of what they were shown. */
  readonly approvals: readonly JsonObject[];
  readonly tools: readonly JsonObject[];
  readonly cache: readonly JsonObject[];
}

export function decisionsIn(entries: Iterable<JournalEntry>): Decisions {
  const found = { acts: [] as JsonObject[], approvals: [] as JsonObject[], tools: [] as JsonObject[], cache: [] as JsonObject[] };
  for (const { seq, at, actor, on, from, to, data } of entries) {
    const base = { seq, at, step: actor, attempt: data.attempt ?? null };
    if (typeof data.by === "string")
      found.acts.push({ ...base, on, from, to, by: data.by, reason: data.reason ?? null, digest: data.digest ?? null });
    const parking = isJsonObject(data.until) ? data.until.parking : undefined;
    if (isJsonObject(parking) && parking.kind === "approval")
      found.approvals.push({ ...base, digest: parking.digest ?? null, request: parking.request ?? null });
    const usage = isJsonObject(data.usage) ? data.usage : {};
    if (isJsonObject(usage.selection)) found.tools.push({ ...base, selection: usage.selection });
    if (isJsonObject(usage.cache)) found.cache.push({ ...base, cache: usage.cache });
  }
  return found;
}

/** Runs that steps started, each once, by the order of their starts. */
export function childRunsIn(entries: Iterable<JournalEntry>): readonly { readonly run: string; readonly step: string }[] {
  const children = new Map<string, string>();
  for (const { actor, data } of entries) {
    const parking: Json | undefined = isJsonObject(data.until) ? data.until.parking : undefined;
    if (isJsonObject(parking) && parking.kind === "run" && typeof parking.runId === "string" && isRunId(parking.runId))
      children.set(parking.runId, actor);
  }
  return [...children].map(([run, step]) => ({ run, step }));
}
