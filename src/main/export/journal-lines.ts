/**
 * The journal as lines, each with its hash: `h0 = run id`, `hn = sha256(h(n-1) + text(n))`, where the text is the RFC 8785 JSON of `entry`.
 * Whoever has the file can compute the chain again without Troupe.
 */
import { hash } from "node:crypto";
import { type BlobRef, isBlobRef } from "../../core/blob.ts";
import { InvariantError } from "../../core/errors.ts";
import type { RunId } from "../../core/ids.ts";
import { canonicalJson, isJsonObject, type Json } from "../../core/json.ts";
import type { JournalEntry } from "../../kernel/entry.ts";
import type { StoreReader } from "../../ports/store.ts";

export interface JournalText {
  readonly lines: () => Generator<string>;
  /** Known when all lines have been taken. */
  readonly end: { entries: number; head: string; readonly blobs: Map<string, BlobRef> };
}

/** @param entries of one run, from the first on; read as often as lines are asked for */
export function journalText(runId: RunId, entries: Iterable<JournalEntry>): JournalText {
  const end = { entries: 0, head: runId as string, blobs: new Map<string, BlobRef>() };
  return {
    end,
    *lines() {
      for (const entry of entries) {
        const text = canonicalJson(entry);
        end.head = nextHash(end.head, text);
        end.entries += 1;
        collectBlobs(entry.data, end.blobs);
        yield `{"hash":"${end.head}","entry":${text}}\n`;
      }
    },
  };
}

export function nextHash(previous: string, entryText: string): string {
  return hash("sha256", previous + entryText, "hex");
}

/** What is exported is what the store has proof of. @throws InvariantError INV_JOURNAL_GAP */
export function checkHead(store: Pick<StoreReader, "entryHash">, runId: RunId, { entries, head }: JournalText["end"]): void {
  if (store.entryHash(runId, entries) !== head) throw new InvariantError("INV_JOURNAL_GAP", { run: runId, seq: entries });
}

function collectBlobs(value: Json | undefined, found: Map<string, BlobRef>): void {
  if (isBlobRef(value)) found.set(value.$blob, value);
  else if (Array.isArray(value)) for (const item of value as readonly Json[]) collectBlobs(item, found);
  else if (isJsonObject(value)) for (const item of Object.values(value)) collectBlobs(item, found);
}
