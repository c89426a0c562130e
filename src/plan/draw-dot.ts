/** A workflow as a GraphViz DOT graph. */
import { formatDuration } from "../core/duration.ts";
import type { Drawing, DrawnStep } from "./drawing.ts";
import { LOOKS, lookOf, wordsFor } from "./looks.ts";

export function drawDot({ name, steps, edges, conflicts }: Drawing): string {
  return [
    `digraph ${quote(name)} {`,
    `  graph [rankdir=LR, ranksep=0.7, nodesep=0.25, bgcolor="transparent"];`,
    `  node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=11, margin="0.14,0.08"];`,
    `  edge [color="#7d8590", arrowsize=0.7];`,
    ...steps.map((step, index) => `  n${index} [${nodeAttributes(step)}];`),
    ...edges.map(({ from, to, critical }) => `  n${from} -> n${to}${critical ? ` [color="#d9480f", penwidth=2.2]` : ""};`),
    ...conflicts.map(
      ([one, other]) => `  n${one} -> n${other} [dir=none, style=dashed, constraint=false, tooltip="never at the same time"];`,
    ),
    "}",
    "",
  ].join("\n");
}

function nodeAttributes(step: DrawnStep): string {
  const { fill, line } = LOOKS[lookOf(step.state)];
  const facts = [step.type, formatDuration(step.estimateMs), ...wordsFor(step.state)].join(" · ");
  const attributes = [
    // The line break is DOT's own, so it stands outside the quoting of the parts.
    `label="${toQuotable(step.id)}\\n${toQuotable(facts)}"`,
    `tooltip=${quote(step.title === "" ? step.id : step.title)}`,
    `fillcolor="${fill}"`,
    `color="${step.critical && step.state === null ? "#d9480f" : line}"`,
  ];
  if (step.critical) attributes.push("penwidth=2.2");
  return attributes.join(", ");
}

function quote(text: string): string {
  return `"${toQuotable(text)}"`;
}

/** DOT reads `\N` or `\G` inside quotes as the name of the node or graph, so backslashes are doubled; `&` would start an entity. */
function toQuotable(text: string): string {
  return text.replace(/[\\"]/g, "\\$&").replaceAll("&", "&amp;");
}
