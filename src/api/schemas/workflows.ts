/** Deployed workflows: what may be asked about them, and what is answered. */
import { Type } from "typebox";
import type { CheckView } from "../../contract/finding-view.ts";
import type { GraphView } from "../../contract/graph-view.ts";
import type { PlanView } from "../../contract/plan-view.ts";
import type { RetryView, WorkflowPage as WorkflowPageView, WorkflowView } from "../../contract/workflow-view.ts";
import { at, component, count, next, nullable, object, pageSize, strict, textOrNull } from "./shared.ts";
import { workflowName, workflowVersion } from "./workflow-name.ts";

const SOURCE_MAX_CHARS = 1024 * 1024;

export const WorkflowParams = Type.Object({ name: workflowName() }, strict);
export const WorkflowsQuery = Type.Object(
  { limit: Type.Optional(pageSize(100)), cursor: Type.Optional(workflowName("`next` of the page before.")) },
  strict,
);
export const VersionQuery = Type.Object({ version: Type.Optional(workflowVersion()) }, strict);
export const PlanQuery = Type.Object(
  {
    ...VersionQuery.properties,
    workers: Type.Optional(Type.String({ pattern: "^[1-9][0-9]{0,3}$", description: "Steps that may run at once.", default: "4" })),
  },
  strict,
);
export const SourceBody = Type.Object(
  { source: Type.String({ minLength: 1, maxLength: SOURCE_MAX_CHARS, description: "The text of a workflow file; it inlines no files." }) },
  strict,
);
export const ChangeHeaders = Type.Object({
  "if-match": Type.Optional(Type.String({ maxLength: 1_000, description: "An `ETag` that was seen, or `*`: whatever is deployed." })),
  "if-none-match": Type.Optional(Type.String({ maxLength: 1_000, description: "`*`: nothing may be deployed yet." })),
});

const Finding = Type.Object({
  code: Type.String(),
  severity: Type.Enum(["error", "warning", "info"] as const),
  message: Type.String(),
  path: textOrNull,
  line: nullable(count),
  column: nullable(count),
  fix: textOrNull,
});
const summary = {
  name: Type.String(),
  title: textOrNull,
  version: Type.String(),
  versions: count,
  deployedAt: at,
  deployedBy: Type.String(),
  steps: count,
  lastRun: nullable(Type.Object({ id: Type.String(), state: Type.String(), createdAt: at })),
};
export const WorkflowPage = component<WorkflowPageView>("WorkflowPage", Type.Object({ workflows: Type.Array(Type.Object(summary)), next }));
export const Workflow = component<WorkflowView>(
  "Workflow",
  Type.Object({
    ...summary,
    history: Type.Array(Type.Object({ version: Type.String(), deployedAt: at, deployedBy: Type.String() })),
    source: Type.String(),
    inputSchema: nullable(object),
    findings: Type.Array(Finding),
  }),
);
export const Check = component<CheckView>("Check", Type.Object({ ok: Type.Boolean(), findings: Type.Array(Finding) }));

const point = { x: Type.Number(), y: Type.Number() };
export const Graph = component<GraphView>(
  "Graph",
  Type.Object({
    workflow: Type.String(),
    width: Type.Number(),
    height: Type.Number(),
    nodes: Type.Array(
      Type.Object({
        id: Type.String(),
        title: textOrNull,
        type: Type.String(),
        wave: count,
        critical: Type.Boolean(),
        fansOut: Type.Boolean(),
        ...point,
        width: Type.Number(),
        height: Type.Number(),
      }),
    ),
    edges: Type.Array(
      Type.Object({
        from: Type.String(),
        to: Type.String(),
        because: Type.String(),
        critical: Type.Boolean(),
        points: Type.Array(Type.Object(point)),
      }),
    ),
  }),
);
export const Plan = component<PlanView>(
  "Plan",
  Type.Object({
    workflow: Type.String(),
    steps: Type.Array(
      Type.Object({
        id: Type.String(),
        needs: Type.Array(Type.String()),
        wave: count,
        critical: Type.Boolean(),
        slackMs: Type.Number(),
        estimateMs: Type.Number(),
        p50Ms: nullable(Type.Number()),
        p90Ms: nullable(Type.Number()),
      }),
    ),
    edges: Type.Array(Type.Object({ from: Type.String(), to: Type.String(), because: Type.String() })),
    waves: Type.Array(Type.Array(Type.String())),
    criticalPath: Type.Array(Type.String()),
    totalMs: Type.Number(),
    criticalPathMs: Type.Number(),
    workers: count,
    makespanMs: Type.Number(),
    speedup: Type.Number(),
    speedupLimit: Type.Number(),
    bounds: Type.Object({ durationMs: nullable(Type.Number()), attempts: nullable(count), costUsd: nullable(Type.Number()) }),
  }),
);
export const RetryList = Type.Unsafe<readonly RetryView[]>(
  Type.Array(
    Type.Object({
      step: Type.String(),
      maxAttempts: count,
      strategy: Type.String(),
      delaysMs: Type.Array(Type.Number()),
      on: Type.Array(Type.String()),
      onExhausted: Type.String(),
    }),
  ),
);
