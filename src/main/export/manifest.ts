/** What an export holds. The manifest names every other file by its digest, and the end of the journal's hash chain. */
import { isJsonObject } from "../../core/json.ts";

export const EXPORT_FORMAT = "troupe-export/1";
export const MANIFEST = "manifest.json";
export const JOURNAL = "events.jsonl";

export interface ManifestFile {
  /** Relative, with `/`. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Manifest {
  readonly format: typeof EXPORT_FORMAT;
  /** Of Troupe. */
  readonly version: string;
  readonly run: string;
  readonly workflow: string;
  readonly definition: string;
  /** Dotted, as it was at the last entry: an unfinished run goes on elsewhere. */
  readonly state: string;
  /** Epoch milliseconds. */
  readonly exportedAt: number;
  /** `head`: hash of the last entry, as the store had it. */
  readonly journal: { readonly entries: number; readonly head: string };
  /** Runs that its steps started; `folder` where they were exported with it. */
  readonly children: readonly { readonly run: string; readonly step: string; readonly folder: string | null }[];
  readonly files: readonly ManifestFile[];
}

/** Null for what is no manifest of a version that is known here. */
export function parseManifest(value: unknown): Manifest | null {
  if (!isJsonObject(value) || value.format !== EXPORT_FORMAT) return null;
  const { run, definition, state, journal, files, children } = value;
  const isWhole =
    [run, definition, state].every((member) => typeof member === "string") &&
    isJsonObject(journal) &&
    typeof journal.entries === "number" &&
    typeof journal.head === "string" &&
    Array.isArray(children) &&
    Array.isArray(files) &&
    files.every((file) => isJsonObject(file) && typeof file.path === "string" && typeof file.sha256 === "string");
  return isWhole ? (value as unknown as Manifest) : null; // Each member that is used was looked at.
}
