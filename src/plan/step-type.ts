/** What a step type declares about itself, so that definitions can be checked and compiled without running it. */

import type { Position } from "../../grammar/ast.ts";
import type { JsonObject } from "../core/json.ts";
import type { FieldKind } from "./field.ts";
import type { CompiledStep } from "./workflow.ts";

export interface StepFinding {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  /** Path below the step, such as `run`. */
  readonly field: string;
  readonly fix?: string;
  /** Where in the source of that field, as its syntax tree tells; the definition turns it into a place in the file. */
  readonly at?: Position;
}

export interface StepTypeDeclaration {
  readonly type: string;
  /** One sentence for `troupe schema` and the documentation. */
  readonly summary: string;
  /** The type's own fields: JSON Schema `properties`, each with a description. */
  readonly properties: Readonly<Record<string, JsonObject>>;
  readonly required: readonly string[];
  /**
   * How each field is read. A field inside a list of maps goes by its path, such as `cases[].when`; the list is then a `list` of `map`s,
   * and members without a row are literal.
   */
  readonly fields: Readonly<Record<string, FieldKind>>;
  /** A step without `type` that has this field is of this type. */
  readonly inferredBy: string | null;
  /** Fields that hold whole workflows; a file named by the field with `_file` behind it is read when the definition is. */
  readonly embeds?: readonly string[];
  /** Fields that hold ids of other steps; each makes a `switch` edge from this step to the one named. */
  routes?(config: CompiledStep["config"]): readonly { readonly step: string; readonly field: string }[];
  /** Checks beyond the schema. Pure; loads no code and reads no file (S-46). */
  check?(step: CompiledStep): readonly StepFinding[];
}
