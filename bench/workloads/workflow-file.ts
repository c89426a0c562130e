/** Writes the workflows of the benchmark. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Calls a function that answers at once. */
export interface NoopStep {
  readonly id: string;
  readonly needs: readonly string[];
}

export function writeNoopWorkflow(directory: string, name: string, steps: readonly NoopStep[]): string {
  const lines = steps.map(({ id, needs }) => `  - { id: ${id}, call: noop, needs: [${needs.join(", ")}] }`);
  return writeWorkflow(directory, name, lines);
}

export function writeWorkflow(directory: string, name: string, stepLines: readonly string[]): string {
  const file = join(directory, `${name}.troupe.yaml`);
  writeFileSync(file, ["apiVersion: troupe/v1", `name: ${name}`, "steps:", ...stepLines, ""].join("\n"));
  return file;
}

export function chain(length: number): readonly NoopStep[] {
  return Array.from({ length }, (_, index) => ({ id: `s${index}`, needs: index === 0 ? [] : [`s${index - 1}`] }));
}

export function fanOut(width: number): readonly NoopStep[] {
  const leaves = Array.from({ length: width }, (_, index) => ({ id: `s${index}`, needs: [] }));
  return [...leaves, { id: "joined", needs: leaves.map(({ id }) => id) }];
}
