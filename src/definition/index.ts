/** Workflow definitions: read, checked, compiled, formatted; and data against JSON Schemas. */
export { type CheckResult, type CompileOptions, check, compile, recompile } from "./compile.ts";
export type { DataError } from "./data-errors.ts";
export { applyDefaults, type DataOptions, type DataResult, schemaProblem, validateData } from "./data-schema.ts";
export type { Finding } from "./finding.ts";
export type { ReadFile } from "./inline-files.ts";
export type { StepDocument, WorkflowDocument } from "./model.ts";
