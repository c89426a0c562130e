/** The step type that asks coding agents, with what it needs of the machine. */

import { formsOf } from "../adapters/secrets-local/forms.ts";
import { validateData } from "../definition/data-schema.ts";
import type { StepType } from "../ports/attempt.ts";
import type { Processes } from "../ports/processes.ts";
import type { Tools } from "../ports/tools.ts";
import type { ContextTools } from "../steps/agent/context.ts";
import { createAgentStep } from "../steps/agent/execute.ts";

export interface AgentStepsOptions {
  /** Real path of the directory of all control directories. */
  readonly attempts: string;
  readonly processes: Processes;
  readonly tools: Tools;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function createAgentSteps({ attempts, processes, tools, env }: AgentStepsOptions): readonly StepType[] {
  return [
    createAgentStep({
      processes,
      tools,
      directory: attempts,
      context: lazyContext,
      environment: env,
      maskForms: formsOf,
      validate: (schema, data, root) => validateData(schema, data, { root }).errors,
    }),
  ];
}

/** Loaded by the first step that has files for its window: the tables of tokens alone take 0.3 s. */
const lazyContext: ContextTools = {
  files: {
    async read(root, patterns) {
      const { createContextFiles } = await import("../adapters/context-fs/context-files.ts");
      return createContextFiles().read(root, patterns);
    },
  },
  async openTokens() {
    const { openTokenCounter } = await import("../adapters/tokens-gpt/token-counter.ts");
    return openTokenCounter();
  },
};
