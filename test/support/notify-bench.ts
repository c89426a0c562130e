/** Engines that tell people, in this process. */
import { onTestFinished } from "vitest";
import { openProject } from "../../src/main/project.ts";
import type { Driver, Project } from "../../src/main/project-shape.ts";
import { useEngines } from "./engine-bench.ts";
import { rulesOf } from "./notify-rules.ts";
import { workflowOf } from "./workflow-of.ts";

export const FAILING = workflowOf("- id: build", "  run: 'echo no >&2; exit 3'");

export interface Telling {
  readonly state: string;
  readonly workspace: string;
  readonly project: Project;
  readonly driver: Driver;
  readonly warnings: string[];
  /** Runs it to its end. */
  run(workflow: string, input?: { readonly [name: string]: string }): Promise<string>;
}

export interface TellingOptions {
  readonly rules: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly publicUrl?: string;
  readonly network?: "public" | "private";
  /** Of an engine before this one. */
  readonly at?: { readonly state: string; readonly workspace: string };
}

export function useTelling(): (options: TellingOptions) => Promise<Telling> {
  const bench = useEngines();
  return async ({ rules, env = {}, publicUrl, network = "private", at = bench.place() }) => {
    const { state, workspace } = at;
    const project = await openProject({ state, willWrite: true });
    const warnings: string[] = [];
    const driver = await project.drive({
      adopt: "all",
      notify: { rules: rulesOf(...rules), publicUrl: publicUrl ?? null, network, env },
      warn: (message) => warnings.push(message),
    });
    onTestFinished(async () => {
      await driver[Symbol.asyncDispose]();
      await project[Symbol.asyncDispose]();
    });
    return {
      state,
      workspace,
      project,
      driver,
      warnings,
      async run(workflow, input) {
        const runId = await driver.start(project.compile(workflow), { workspace, ...(input !== undefined && { input }) });
        await driver.rest(runId);
        return runId;
      },
    };
  };
}
