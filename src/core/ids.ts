/** Branded identifiers: a run id cannot be passed where a step id is meant. Makers live outside the core, since ids need randomness. */
declare const brand: unique symbol;
type Branded<TName extends string> = string & { readonly [brand]: TName };

/** `run_` and a UUIDv7 in hexadecimal without hyphens, so that ids sort by time of creation. */
export type RunId = Branded<"RunId">;
/** The identifier that the author gave to a step. */
export type StepId = Branded<"StepId">;
/** Who a run belongs to; `default` on a laptop. */
export type TenantId = Branded<"TenantId">;
/** SHA-256 in lower-case hexadecimal of canonical content: a definition or a blob. */
export type Digest = Branded<"Digest">;
/** Idempotency key of a cause; the kernel decides on each id once. */
export type CauseId = Branded<"CauseId">;
/** Number of the engine that owns a store; a write under an older one is refused (I-10). */
export type Epoch = number;

export const TENANT_DEFAULT = "default" as TenantId;

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Longest identifier an author may write; ids travel into file names and labels. */
export const IDENTIFIER_MAX = 100;

export function isIdentifier(text: string): boolean {
  return text.length <= IDENTIFIER_MAX && IDENTIFIER.test(text);
}

const RUN_ID = /^run_[0-9a-f]{32}$/;

export function isRunId(text: string): text is RunId {
  return RUN_ID.test(text);
}
