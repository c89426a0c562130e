/** Every format in which a workflow's graph can be drawn. */
import { drawDot } from "./draw-dot.ts";
import { drawJson } from "./draw-json.ts";
import { drawMermaid } from "./draw-mermaid.ts";
import { drawSvg } from "./draw-svg.ts";
import type { Drawing } from "./drawing.ts";

export const GRAPH_FORMATS = ["dot", "mermaid", "json", "svg"] as const;
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

const DRAWERS: Readonly<Record<GraphFormat, (drawing: Drawing) => string>> = {
  dot: drawDot,
  mermaid: drawMermaid,
  json: drawJson,
  svg: drawSvg,
};

/** The whole text of a file in that format. */
export function drawGraph(format: GraphFormat, drawing: Drawing): string {
  return DRAWERS[format](drawing);
}
