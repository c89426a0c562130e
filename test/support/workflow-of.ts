/** A workflow of these lines of steps. */
export function workflowOf(...lines: readonly string[]): string {
  return ["apiVersion: troupe/v1", "name: test", "steps:", ...lines.map((line) => `  ${line}`), ""].join("\n");
}
