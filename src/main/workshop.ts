/** What attempts are made with: the step types and their tools. Heavy tools are loaded when the first step needs them (W6). */
import { mkdirSync, realpathSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createSystemClock } from "../adapters/clock-system/clock.ts";
import type { PiscinaTaskPool } from "../adapters/pool-piscina/task-pool.ts";
import { createProcesses, type ProcessShim } from "../adapters/process-shim/processes.ts";
import { createSecrets } from "../adapters/secrets-local/secrets.ts";
import { createWorkspaceFiles } from "../adapters/workspace-fs/workspace-files.ts";
import { EXECUTION_REQUEST_SCHEMA } from "../contract/execution-request.ts";
import { validateData } from "../definition/data-schema.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { StepType } from "../ports/attempt.ts";
import type { AttemptRunner } from "../ports/attempt-runner.ts";
import type { EngineState } from "../ports/engine-meter.ts";
import type { ToolHistory } from "../ports/tools.ts";
import { createAttemptRunner } from "../runtime/attempt-runner.ts";
import { guardStepType } from "../runtime/guard-step-type.ts";
import { createProfileLayer } from "../runtime/profile/profile-layer.ts";
import { assertStep } from "../steps/assert/execute.ts";
import { createFunctionStep, type StepFunction } from "../steps/function/execute.ts";
import { createShellStep } from "../steps/shell/execute.ts";
import { switchStep } from "../steps/switch/execute.ts";
import { createTemplateStep } from "../steps/template/execute.ts";
import { createWorkflowStep } from "../steps/workflow/execute.ts";
import { createAgentSteps } from "./agent-steps.ts";
import { type ChildStarter, createChildStarter } from "./child-starter.ts";
import { declarationsOf } from "./declarations.ts";
import { createDurableBreakers, type DurableBreakers } from "./durable-breakers.ts";
import { digestOf } from "./ids.ts";
import { createIsolation, type Isolation } from "./isolation.ts";
import { createLazyLayer } from "./lazy-layer.ts";
import { createOutsideSteps } from "./outside-steps.ts";
import { openProfiles, type Profiles } from "./profiles.ts";
import { NO_HISTORY, type OpenTools, openTools } from "./tools.ts";
import type { CacheOptions } from "./troupe.ts";

export interface WorkshopOptions {
  /** State directory. */
  readonly directory: string;
  readonly functions: Readonly<Record<string, StepFunction>>;
  readonly stepTypes: readonly StepType[];
  readonly cache?: CacheOptions;
  readonly warn?: (message: string) => void;
  /** @defaultValue the built-in ones, and none of them asked for */
  readonly profiles?: Profiles;
  /** A file instead of the `router.yaml` that is found. */
  readonly router?: string;
  /** @defaultValue none is known */
  readonly history?: ToolHistory;
}

export interface Workshop extends AsyncDisposable {
  readonly runner: AttemptRunner;
  readonly processes: ProcessShim;
  /** Gets ready what the steps of this workflow will need, beside what comes next. */
  warm(workflow: CompiledWorkflow): void;
  tools(): Pick<EngineState, "breakers" | "threads">;
  readonly breakers: Pick<DurableBreakers, "keep" | "watch" | "call">;
  readonly router: OpenTools;
  readonly isolation: Pick<Isolation, "reconcile">;
  /** Hands child runs to the engine that drives them. */
  readonly children: ChildStarter;
}

/** Where attempts keep their control directories and captured output. */
export function attemptsDirectory(stateDirectory: string): string {
  return join(stateDirectory, "attempts");
}

export function createWorkshop(options: WorkshopOptions): Workshop {
  const { directory, functions, stepTypes, cache = {}, warn = () => {}, profiles = openProfiles({}) } = options;
  const attempts = attemptsDirectory(directory);
  mkdirSync(attempts, { recursive: true, mode: 0o700 });
  const processes = createProcesses({ directory: join(directory, "supervisor") });
  const pool = createLazyPool();
  const breakers = createDurableBreakers();
  const { inherited } = processes;
  const router = openTools({ router: options.router, breakers, history: options.history ?? NO_HISTORY, env: process.env, inherited });
  const children = createChildStarter(declarationsOf(stepTypes));
  const types = [
    ...builtInSteps({ directory, functions, attempts: realpathSync(attempts), processes, pool, children, tools: router.tools }),
    ...stepTypes.map(guardStepType),
  ];
  const cached = createLazyLayer(
    "cache",
    (step) => step.cache !== null,
    async () => {
      const { createStepCache } = await import("./step-cache.ts");
      return createStepCache({
        directory,
        attempts: realpathSync(attempts),
        interpreter: processes.interpreter,
        stepTypes: types,
        options: cache,
        env: process.env,
        warn,
      });
    },
  );
  const isolation = createIsolation(directory, process.env, warn);
  const gated = createLazyLayer(
    "gate",
    (step) => step.gate !== null,
    async () => (await import("./test-gate.ts")).createTestGate(realpathSync(attempts)),
  );
  const runner = createAttemptRunner({
    // Outermost first (L1).
    layers: [
      createProfileLayer({
        profiles: profiles.named,
        floor: profiles.floor,
        whyNot: (level) => processes.whyNotConfined(level),
        hidden: [realpathSync(directory)],
      }),
      cached.layer,
      isolation.layer,
      gated.layer,
    ],
    stepTypes: new Map(types.map((type) => [type.declaration.type, type])),
    requestSchema: EXECUTION_REQUEST_SCHEMA,
    breakers,
    clock: createSystemClock(),
    secrets: createSecrets({ env: process.env }),
    validate: (schema, data, root) => validateData(schema, data, { root }).errors,
    digest: digestOf,
  });
  return {
    runner,
    children,
    processes,
    warm(workflow) {
      cached.warm(workflow);
      // A step with a cache may start nothing.
      if (workflow.steps.some(({ type, cache }) => cache === null && (type === "shell" || type === "agent"))) processes.warm();
    },
    tools: () => ({ breakers: breakers.states(), threads: pool.load() }),
    breakers,
    router,
    isolation,
    async [Symbol.asyncDispose]() {
      breakers[Symbol.dispose]();
      await cached[Symbol.asyncDispose]();
      await processes[Symbol.asyncDispose]();
      await pool[Symbol.asyncDispose]();
    },
  };
}

interface StepParts extends Pick<WorkshopOptions, "directory" | "functions"> {
  /** Where attempts keep their control directories, without a link in it. */
  readonly attempts: string;
  readonly processes: ProcessShim;
  readonly pool: PiscinaTaskPool;
  readonly children: ChildStarter;
  readonly tools: OpenTools["tools"];
}

function builtInSteps({ directory, functions, attempts, processes, pool, children, tools }: StepParts): readonly StepType[] {
  return [
    createShellStep({ processes, directory: attempts }),
    createFunctionStep({
      functions,
      locate: (module, workflow) => pathToFileURL(resolve(dirname(workflow.file), module)).href,
      load: async (url, name) => (await import("../adapters/pool-piscina/load-export.ts")).loadExport(url, name),
      pool,
    }),
    assertStep,
    createTemplateStep({ files: createWorkspaceFiles() }),
    switchStep,
    createWorkflowStep(children),
    ...createAgentSteps({ attempts, processes, tools, env: process.env }),
    ...createOutsideSteps({ directory, env: process.env }),
  ];
}

function createLazyPool(): PiscinaTaskPool {
  let made: Promise<PiscinaTaskPool> | null = null;
  let opened: PiscinaTaskPool | null = null;
  const pool = (): Promise<PiscinaTaskPool> => {
    made ??= import("../adapters/pool-piscina/task-pool.ts").then(({ createTaskPool }) => {
      opened = createTaskPool();
      return opened;
    });
    return made;
  };
  return {
    call: async (task, signal) => (await pool()).call(task, signal),
    load: () => opened?.load() ?? { busy: 0, limit: availableParallelism() },
    async [Symbol.asyncDispose]() {
      if (made !== null) await (await made)[Symbol.asyncDispose]();
    },
  };
}
