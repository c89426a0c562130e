/** The built-in step types, for tests of layers that get them as an argument. */
import type { StepTypeDeclaration } from "../../src/plan/step-type.ts";
import { assertDeclaration } from "../../src/steps/assert/schema.ts";
import { functionDeclaration } from "../../src/steps/function/schema.ts";
import { shellDeclaration } from "../../src/steps/shell/schema.ts";
import { switchDeclaration } from "../../src/steps/switch/schema.ts";
import { templateDeclaration } from "../../src/steps/template/schema.ts";

export const builtInStepTypes: readonly StepTypeDeclaration[] = [
  shellDeclaration,
  functionDeclaration,
  assertDeclaration,
  templateDeclaration,
  switchDeclaration,
];
