/** What a run was started with. */
import type { JsonObject } from "../core/json.ts";

export interface DefinitionView {
  readonly workflow: string;
  /** Hash of the document. */
  readonly version: string;
  /** The text as it was deployed; null where it was sent or run from a file. */
  readonly source: string | null;
  /** Normalised, files inlined. */
  readonly document: JsonObject;
}
