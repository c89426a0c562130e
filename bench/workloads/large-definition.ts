/** A definition of many steps, each needing a few before it, as a document and as the text a person would write. */
type LargeStep = { id: string; call: string; needs: string[] };

export function largeDocument(steps: number, needs: number): { apiVersion: string; name: string; steps: LargeStep[] } {
  return { apiVersion: "troupe/v1", name: "large", steps: largeSteps(steps, needs) };
}

export function largeYaml(steps: number, needs: number): string {
  const lines = largeSteps(steps, needs).map((step) => `- id: ${step.id}\n  call: ${step.call}\n  needs: [${step.needs.join(", ")}]`);
  return ["apiVersion: troupe/v1", "name: large", "steps:", ...lines, ""].join("\n");
}

function largeSteps(steps: number, needs: number): LargeStep[] {
  return Array.from({ length: steps }, (_, index) => ({
    id: `s${index}`,
    call: "noop",
    needs: Array.from({ length: Math.min(needs, index) }, (__, back) => `s${index - 1 - back * 3}`).filter((id) => !id.includes("-")),
  }));
}
