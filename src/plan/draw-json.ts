/** A workflow's graph as plain data, for programs that draw it themselves. */
import { at } from "./at.ts";
import type { Drawing, DrawnEdge, DrawnStep } from "./drawing.ts";

export interface GraphJson {
  readonly workflow: string;
  readonly title: string;
  readonly steps: readonly DrawnStep[];
  readonly edges: readonly (Omit<DrawnEdge, "from" | "to"> & { readonly from: string; readonly to: string })[];
  readonly conflicts: readonly (readonly [string, string])[];
}

function toGraphJson({ name, title, steps, edges, conflicts }: Drawing): GraphJson {
  const idOf = (index: number): string => at(steps, index).id;
  return {
    workflow: name,
    title,
    steps,
    edges: edges.map((edge) => ({ ...edge, from: idOf(edge.from), to: idOf(edge.to) })),
    conflicts: conflicts.map(([one, other]) => [idOf(one), idOf(other)]),
  };
}

export function drawJson(drawing: Drawing): string {
  return `${JSON.stringify(toGraphJson(drawing), null, 2)}\n`;
}
