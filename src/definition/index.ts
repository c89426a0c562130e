/** Workflow definitions: read, checked, compiled; and data against JSON Schemas. */
export type { CheckResult } from "./check-result.ts";
export { check, compile, recompile } from "./compile.ts";
export type { DataError } from "./data-errors.ts";
export { applyDefaults, type DataResult, validateData } from "./data-schema.ts";
export type { Finding } from "./finding.ts";
export { triggersOf } from "./read-triggers.ts";
