/** Something that ends the reading of a text, at offsets that `readSource` turns into a place. */
import type { ErrorCode, ErrorDetails } from "../core/errors.ts";

export class SourceProblem extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly start: number;
  readonly end: number;
  readonly fix: string | undefined;

  constructor(code: ErrorCode, details: ErrorDetails, start: number, end: number, fix?: string) {
    super(code);
    this.name = "SourceProblem";
    this.code = code;
    this.details = details;
    this.start = start;
    this.end = end;
    this.fix = fix;
  }
}
