/** Which step an arrow key leads to: along the edges to the left and right, and to the neighbours above and below. */
import type { GraphNode, GraphView } from "../../../../src/contract/graph-view.ts";

export type Way = "left" | "right" | "up" | "down";

export function walk({ nodes, edges }: Pick<GraphView, "nodes" | "edges">, from: string, way: Way): string | null {
  const node = nodes.find(({ id }) => id === from);
  if (node === undefined) return nodes[0]?.id ?? null;
  const middle = (one: GraphNode): number => one.y + one.height / 2;
  const near = (some: readonly GraphNode[]): string | null =>
    some.toSorted((one, other) => Math.abs(middle(one) - middle(node)) - Math.abs(middle(other) - middle(node)))[0]?.id ?? null;
  if (way === "left" || way === "right") {
    const ids = new Set(
      edges.flatMap((edge) => (way === "left" ? (edge.to === from ? [edge.from] : []) : edge.from === from ? [edge.to] : [])),
    );
    return near(nodes.filter(({ id }) => ids.has(id)));
  }
  const side = way === "up" ? -1 : 1;
  return near(nodes.filter((one) => one.wave === node.wave && (middle(one) - middle(node)) * side > 0));
}
