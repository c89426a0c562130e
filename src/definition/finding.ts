/** What a check has to say about a document, collected so that an author sees everything at once. */
import { catalogue } from "../core/catalogue.ts";
import { DefinitionError, type ErrorCode, type ErrorDetails } from "../core/errors.ts";
import type { Place } from "../core/place.ts";

/** One row of `troupe validate -o json`. */
export interface Finding {
  readonly code: string;
  readonly severity: "error" | "warning" | "note";
  readonly message: string;
  /** Path in the document as written, such as `steps[2].with.load`; empty for the document as a whole. */
  readonly path: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Marked characters, for code frames. */
  readonly length: number;
  readonly fix: string | null;
}

/** More findings than this help nobody; the last one then says that there are more. */
const FINDINGS_MAX = 200;

export interface Report {
  /** From the catalogue, or a step type's own code. */
  readonly code: ErrorCode | (string & {});
  readonly details?: ErrorDetails;
  /** Takes the place of the catalogue's wording. */
  readonly message?: string;
  readonly place: Place;
  readonly path: string;
  readonly fix?: string;
  readonly severity?: "error" | "warning" | "note";
}

interface Entry {
  readonly finding: Finding;
  readonly error: DefinitionError;
}

export class Findings {
  readonly #entries: Entry[] = [];
  #errors = 0;
  #dropped = 0;
  /** The worst of those that were dropped. */
  #worst: Finding["severity"] = "note";

  add({ code, details = {}, message, place, path, fix, severity = "error" }: Report): void {
    if (severity === "error") this.#errors++;
    if (this.#entries.length >= FINDINGS_MAX) {
      this.#dropped++;
      this.#worst = worse(this.#worst, severity);
      return;
    }
    const known = Object.hasOwn(catalogue, code) ? (code as ErrorCode) : "DEF_STEP"; // hasOwn has just shown that it is one
    const error = new DefinitionError(known, message === undefined ? details : { problem: message, ...details }, {
      place,
      ...(fix !== undefined && { fix }),
    });
    const { line, column, length = 1, file } = place;
    const finding = { code, severity, message: message ?? error.message, path, file, line, column, length, fix: error.fix ?? null };
    this.#entries.push({ error, finding });
  }

  /** All that was said about another document. */
  take(others: Findings): void {
    this.#entries.push(...others.#entries);
    this.#errors += others.#errors;
    this.#dropped += others.#dropped;
    this.#worst = worse(this.#worst, others.#worst);
  }

  /** Whether a further finding would only be counted; then nobody needs to word it. */
  get isFull(): boolean {
    return this.#entries.length >= FINDINGS_MAX;
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  /** In the order of the text. */
  get list(): Finding[] {
    const sorted = this.#entries.map(({ finding }) => finding).sort((one, other) => one.line - other.line || one.column - other.column);
    const last = sorted.at(-1);
    if (this.#dropped === 0 || last === undefined) return sorted;
    return [
      ...sorted,
      { ...last, code: "DEF_INVALID", severity: this.#worst, message: `There are ${this.#dropped} more findings.`, path: "", fix: null },
    ];
  }

  /** The errors alone, in the order of the text. */
  get errors(): DefinitionError[] {
    return this.#entries
      .filter(({ finding }) => finding.severity === "error")
      .sort((one, other) => one.finding.line - other.finding.line || one.finding.column - other.finding.column)
      .map(({ error }) => error);
  }
}

function worse(one: Finding["severity"], other: Finding["severity"]): Finding["severity"] {
  return [one, other].find((severity) => severity === "error") ?? [one, other].find((severity) => severity === "warning") ?? "note";
}
