/** A workflow's graph, laid out: where each step is drawn, and along which points each edge goes. Pixels from the upper left corner. */
export interface GraphNode {
  readonly id: string;
  readonly title: string | null;
  readonly type: string;
  readonly wave: number;
  /** On the longest path of the plan. */
  readonly critical: boolean;
  /** Makes a list of items. */
  readonly fansOut: boolean;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** `reference`, `needs` and so on. */
  readonly because: string;
  readonly critical: boolean;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface GraphView {
  readonly workflow: string;
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}
