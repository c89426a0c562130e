/** Engines in this process, each with a state directory and a workspace of its own; nothing of them is left after a file's tests. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { createTroupe } from "../../src/main/create-troupe.ts";
import { openProject } from "../../src/main/project.ts";
import type { Project } from "../../src/main/project-shape.ts";
import type { Troupe, TroupeOptions } from "../../src/main/troupe.ts";
import { eventually } from "./eventually.ts";

export { workflowOf } from "./workflow-of.ts";

export interface Place {
  readonly state: string;
  readonly workspace: string;
  /** Writes a workflow into the workspace; returns its path. */
  write(text: string, name?: string): string;
}

export interface OpenEngine extends Place {
  readonly troupe: Troupe;
  /** A second look at the state directory, for what the library does not show. */
  readonly project: Project;
}

export interface EngineBench {
  place(): Place;
  open(options?: TroupeOptions, place?: Place): Promise<OpenEngine>;
}

export function useEngines(): EngineBench {
  const roots: string[] = [];
  const open: AsyncDisposable[] = [];
  afterAll(async () => {
    for (const one of open.reverse()) await one[Symbol.asyncDispose]();
    for (const root of roots) rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });
  const place = (): Place => {
    const root = mkdtempSync(join(tmpdir(), "troupe-engine-"));
    roots.push(root);
    const write = (text: string, name = "workflow.troupe.yaml"): string => {
      writeFileSync(join(root, name), text);
      return join(root, name);
    };
    return { state: join(root, "state"), workspace: root, write };
  };
  return {
    place,
    async open(options = {}, at = place()) {
      const troupe = await createTroupe({ state: at.state, ...options });
      const project = await openProject({ state: at.state });
      open.push(troupe, project);
      return { ...at, troupe, project };
    },
  };
}

export async function waitFor(...files: readonly string[]): Promise<void> {
  await eventually(() => expect(files.filter((file) => !existsSync(file))).toEqual([]), 10_000);
}
