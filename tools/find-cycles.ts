/** Strongly connected components with more than one member, or a member that points at itself (Tarjan's algorithm). */
export function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const waiting = new Set<string>();
  const cycles: string[][] = [];

  const visit = (node: string): number => {
    const mine = index.size;
    index.set(node, mine);
    low.set(node, mine);
    stack.push(node);
    waiting.add(node);
    for (const next of edges.get(node) ?? []) {
      const reached = index.has(next) ? (waiting.has(next) ? index.get(next) : undefined) : visit(next);
      if (reached !== undefined) low.set(node, Math.min(low.get(node) ?? mine, reached));
    }
    if (low.get(node) === mine) {
      const members = stack.splice(stack.indexOf(node));
      for (const member of members) waiting.delete(member);
      if (members.length > 1 || edges.get(node)?.includes(node)) cycles.push(members);
    }
    return low.get(node) ?? mine;
  };
  for (const node of edges.keys()) if (!index.has(node)) visit(node);
  return cycles;
}
