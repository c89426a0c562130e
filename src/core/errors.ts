/**
 * One catalogue of errors (`catalogue.ts`) and the classes that say who acts next: the workflow's author, the caller, the
 * runtime later, nobody (this engine lost its store), or us.
 */
import { catalogue, type ErrorCode, type ErrorKind } from "./catalogue.ts";
import type { JsonObject } from "./json.ts";
import type { Place } from "./place.ts";

export type { ErrorCode } from "./catalogue.ts";

export interface ErrorOptionsOfTroupe {
  readonly cause?: unknown;
  readonly place?: Place;
  /** Overrides the catalogue's general advice when the place knows a better one. */
  readonly fix?: string;
}

/** Values for the `{name}` gaps of a catalogue message; kept with the error as evidence. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | undefined | readonly string[]>>;

/** The form in which an error crosses threads, processes and the API. */
export interface SerialisedError {
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
  readonly place?: Place;
  readonly details?: JsonObject;
}

export abstract class TroupeError<TKind extends ErrorKind = ErrorKind> extends Error {
  readonly code: ErrorCode;
  readonly kind: TKind;
  readonly details: ErrorDetails;
  readonly place: Place | undefined;
  readonly fix: string | undefined;

  constructor(code: ErrorCode, kind: TKind, details: ErrorDetails = {}, options: ErrorOptionsOfTroupe = {}) {
    super(fill(catalogue[code].message, details), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.kind = kind;
    this.details = details;
    this.place = options.place;
    const advice = options.fix ?? catalogue[code].fix;
    this.fix = advice === undefined ? undefined : fill(advice, details);
  }

  get exitCode(): number {
    return catalogue[this.code].exit;
  }

  get httpStatus(): number {
    return catalogue[this.code].status;
  }

  toJSON(): SerialisedError {
    const { code, message, fix, place } = this;
    return { code, message, ...(fix !== undefined && { fix }), ...(place && { place }), details: this.details as JsonObject };
  }
}

/** The workflow's author acts: the definition is wrong. */
export class DefinitionError extends TroupeError<"definition"> {
  constructor(code: ErrorCode, details?: ErrorDetails, options?: ErrorOptionsOfTroupe) {
    super(code, "definition", details, options);
  }
}

/** The caller acts: the request does not fit. */
export class RequestError extends TroupeError<"request"> {
  constructor(code: ErrorCode, details?: ErrorDetails, options?: ErrorOptionsOfTroupe) {
    super(code, "request", details, options);
  }
}

/** The runtime acts, later. */
export class TransientError extends TroupeError<"transient"> {
  readonly retryAfterMs: number;
  constructor(code: ErrorCode, details?: ErrorDetails, options: ErrorOptionsOfTroupe & { retryAfterMs?: number } = {}) {
    super(code, "transient", details, options);
    this.retryAfterMs = options.retryAfterMs ?? 1_000;
  }
}

/** Nobody acts: this engine lost its store, or may no longer trust it. It stops. */
export class FencedError extends TroupeError<"fenced"> {
  constructor(code: ErrorCode, details?: ErrorDetails, options?: ErrorOptionsOfTroupe) {
    super(code, "fenced", details, options);
  }
}

/** We act: a bug of ours. Stop and keep the evidence. */
export class InvariantError extends TroupeError<"invariant"> {
  constructor(code: ErrorCode, details?: ErrorDetails, options?: ErrorOptionsOfTroupe) {
    super(code, "invariant", details, options);
  }
}

/** Several findings of one check, reported together; `errors` is never empty. */
export class DefinitionErrors extends TroupeError<"definition"> {
  readonly errors: readonly DefinitionError[];
  constructor(errors: readonly DefinitionError[]) {
    super("DEF_INVALID", "definition", { count: errors.length }, errors[0]?.place === undefined ? {} : { place: errors[0].place });
    this.errors = errors;
  }
}

/** Recognises our errors by shape, so that copies of the class in another thread or bundle count too. */
export function isTroupeError(value: unknown): value is TroupeError {
  return value instanceof Error && "code" in value && typeof value.code === "string" && Object.hasOwn(catalogue, value.code);
}

/** Whatever was thrown, as an Error. Closing what is broken may fail again; then it is what went wrong first. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof SuppressedError) return toError(thrown.suppressed);
  if (thrown instanceof Error) return thrown;
  return new Error(typeof thrown === "string" ? thrown : `Thrown value: ${String(thrown)}`);
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (gap, name: string) => {
    const value = details[name];
    if (value === undefined) return gap;
    return Array.isArray(value) ? value.join(", ") : String(value);
  });
}
