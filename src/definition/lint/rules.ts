/** Every rule of the validator. `docs/rules.md` is generated from this list. Loads XState, so only whoever validates imports it. */
import { MODEL_RULES } from "../model-check/rules.ts";
import { LOGIC_RULES } from "./logic.ts";
import { PERFORMANCE_RULES } from "./performance.ts";
import { PRACTICE_RULES } from "./practice.ts";
import type { LintRule } from "./rule.ts";
import { SECURITY_RULES } from "./security.ts";

export const LINT_RULES: readonly LintRule[] = [...LOGIC_RULES, ...MODEL_RULES, ...PERFORMANCE_RULES, ...SECURITY_RULES, ...PRACTICE_RULES];
