/** The step types that there are, as definitions know them. */
import type { StepTypeDeclaration } from "../plan/step-type.ts";
import type { StepType } from "../ports/attempt.ts";
import { agentDeclaration } from "../steps/agent/schema.ts";
import { approvalDeclaration } from "../steps/approval/schema.ts";
import { assertDeclaration } from "../steps/assert/schema.ts";
import { functionDeclaration } from "../steps/function/schema.ts";
import { shellDeclaration } from "../steps/shell/schema.ts";
import { switchDeclaration } from "../steps/switch/schema.ts";
import { templateDeclaration } from "../steps/template/schema.ts";
import { waitDeclaration } from "../steps/wait/schema.ts";
import { webhookDeclaration } from "../steps/webhook/schema.ts";
import { workflowDeclaration } from "../steps/workflow/schema.ts";

const BUILT_IN: readonly StepTypeDeclaration[] = [
  shellDeclaration,
  functionDeclaration,
  assertDeclaration,
  templateDeclaration,
  switchDeclaration,
  workflowDeclaration,
  webhookDeclaration,
  approvalDeclaration,
  waitDeclaration,
  agentDeclaration,
];

export function declarationsOf(stepTypes: readonly StepType[]): readonly StepTypeDeclaration[] {
  return [...BUILT_IN, ...stepTypes.map(({ declaration }) => declaration)];
}
