/** A workflow as a Mermaid flowchart. */
import { formatDuration } from "../core/duration.ts";
import type { Drawing, DrawnStep } from "./drawing.ts";
import { LOOKS, lookOf, wordsFor } from "./looks.ts";

export function drawMermaid({ steps, edges, conflicts }: Drawing): string {
  const looks = [...new Set(steps.map((step) => lookOf(step.state)))];
  const criticalSteps = steps.flatMap((step, index) => (step.critical ? [`n${index}`] : []));
  const criticalEdges = edges.flatMap((edge, position) => (edge.critical ? [position] : []));
  return [
    "flowchart LR",
    ...steps.map((step, index) => `  n${index}["${labelOf(step)}"]:::${lookOf(step.state)}`),
    ...edges.map(({ from, to }) => `  n${from} --> n${to}`),
    ...conflicts.map(([one, other]) => `  n${one} -. never together .- n${other}`),
    // Colours are given with the ink, so that a dark theme does not put white text on them.
    ...looks.map((name) => `  classDef ${name} fill:${LOOKS[name].fill},stroke:${LOOKS[name].line},color:#1f2328`),
    ...(criticalSteps.length > 0 ? ["  classDef critical stroke-width:3px", `  class ${criticalSteps.join(",")} critical`] : []),
    ...(criticalEdges.length > 0 ? [`  linkStyle ${criticalEdges.join(",")} stroke:#d9480f,stroke-width:3px`] : []),
    "",
  ].join("\n");
}

function labelOf(step: DrawnStep): string {
  const facts = [step.type, formatDuration(step.estimateMs), ...wordsFor(step.state)];
  return `${encodeSigns(step.id)}<br/>${facts.map(encodeSigns).join(" · ")}`;
}

/**
 * Mermaid looks for directives, Markdown and HTML even inside quoted labels, so every sign of ASCII that could mean something is
 * written as its number.
 */
function encodeSigns(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N}\p{Zs}\p{So}_.,·-]/gu, (sign) => `#${sign.codePointAt(0)};`);
}
