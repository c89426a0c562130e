/** What the API asks about deployed workflows, answered by a project. */
import type { Caller } from "../api/access.ts";
import type { Expected, Tagged, WorkflowService } from "../api/workflow-service.ts";
import type { CheckView, FindingView } from "../contract/finding-view.ts";
import type { PlanView } from "../contract/plan-view.ts";
import type { RetryView, WorkflowSummary, WorkflowView } from "../contract/workflow-view.ts";
import { RequestError } from "../core/errors.ts";
import type { Digest, TenantId } from "../core/ids.ts";
import type { CheckResult } from "../definition/index.ts";
import { modelSchemas } from "../definition/model.generated.ts";
import { publishedSchema } from "../definition/published-schema.ts";
import { plan } from "../plan/plan.ts";
import { retryDelayMs } from "../plan/retry-delay.ts";
import type { CompiledStep, CompiledWorkflow } from "../plan/workflow.ts";
import type { CurrentDeployment, DeployedSource, Deployment } from "../ports/deployments.ts";
import { declarationsOf } from "./declarations.ts";
import { deploySource } from "./deploy.ts";
import type { Project } from "./project-shape.ts";
import type { Teller } from "./teller.ts";

const HISTORY_MAX = 200;
const DELAYS_MAX = 100;
/** Checks of texts that are kept: one costs some 10 ms, and a page asks again and again. */
const CHECKS_KEPT_MAX = 200;

export function createWorkflowService(project: Project, teller: Teller): WorkflowService {
  const { store } = project;
  const checks = new Map<Digest, readonly FindingView[]>();
  let schema: ReturnType<WorkflowService["schema"]> | null = null;

  function find(name: string, version: string | undefined, tenant: TenantId): DeployedSource {
    const found = store.deployment(tenant, name, version as Digest | undefined); // A text that names no version finds none.
    if (found !== null) return found;
    throw version === undefined || store.deployment(tenant, name) === null
      ? new RequestError("WORKFLOW_NOT_FOUND", { workflow: name })
      : new RequestError("WORKFLOW_VERSION_NOT_FOUND", { workflow: name, version });
  }

  const compiledOf = (name: string, version: string | undefined, { tenant }: Caller): CompiledWorkflow =>
    project.compiled.get(find(name, version, tenant).version);

  function summaryOf(deployment: CurrentDeployment, { tenant }: Caller): WorkflowSummary {
    const { name, title, version, versions, deployedAt, deployedBy, steps } = deployment;
    const [last] = project.list({ workflow: name, tenant, limit: 1 });
    const lastRun = last === undefined ? null : { id: last.id, state: last.state, createdAt: last.createdAt };
    return { name, title, version, versions, deployedAt, deployedBy, steps, lastRun };
  }

  function findingsOf({ source, version, name }: DeployedSource): readonly FindingView[] {
    const known = checks.get(version);
    if (known !== undefined) return known;
    const { findings } = toCheckView(project.check(source, name));
    checks.set(version, findings);
    const oldest = checks.keys().next();
    if (checks.size > CHECKS_KEPT_MAX && !oldest.done) checks.delete(oldest.value);
    return findings;
  }

  function show(name: string, version: string | undefined, caller: Caller): Tagged<WorkflowView> {
    const found = find(name, version, caller.tenant);
    const history = acts(store.deploymentsOf(caller.tenant, name, HISTORY_MAX));
    const versions = new Set(history.map((one) => one.version)).size;
    const summary = summaryOf({ ...found, versions }, caller);
    const { inputSchema } = project.compiled.get(found.version);
    return {
      value: { ...summary, history, source: found.source, inputSchema, findings: findingsOf(found) },
      tag: [found.revision, summary.lastRun?.id ?? "", summary.lastRun?.state ?? ""].join("-"),
    };
  }

  /** @throws RequestError WORKFLOW_CHANGED */
  function revisionFor(expected: Expected, name: string, tenant: TenantId): number | null | undefined {
    if (expected.kind === "any") return undefined;
    if (expected.kind === "none") return null;
    const current = store.deployment(tenant, name)?.revision;
    if (current === undefined || (expected.kind === "tags" && !expected.tags.some((tag) => tag.split("-")[0] === String(current))))
      throw new RequestError("WORKFLOW_CHANGED", { workflow: name });
    return current;
  }

  return {
    list({ limit, after = "" }, caller) {
      const found = store.deployments(caller.tenant, after, limit + 1);
      const workflows = found.slice(0, limit).map((deployment) => summaryOf(deployment, caller));
      return { workflows, next: found.length > limit ? (workflows.at(-1)?.name ?? null) : null };
    },
    show,
    async deploy(name, source, expected, caller) {
      const wanted = revisionFor(expected, name, caller.tenant);
      const workflow = project.compile(source, name);
      if (workflow.name !== name) throw new RequestError("WORKFLOW_NAME", { workflow: name, found: workflow.name });
      const { outcome } = await deploySource(store, workflow, source, {
        tenant: caller.tenant,
        by: caller.name,
        ...(wanted !== undefined && { expected: wanted }),
      });
      return { ...show(name, undefined, caller), isNew: outcome === "created" };
    },
    async remove(name, expected, caller) {
      find(name, undefined, caller.tenant);
      const wanted = revisionFor(expected, name, caller.tenant);
      if (wanted === null) throw new RequestError("WORKFLOW_CHANGED", { workflow: name });
      await store.undeploy({ tenant: caller.tenant, name, by: caller.name, ...(wanted !== undefined && { expected: wanted }) });
    },
    async graph(name, version, caller) {
      const { version: definition, steps } = find(name, version, caller.tenant);
      return { text: await teller.tell({ kind: "graph", definition }, steps) };
    },
    plan(name, { version, workers }, caller) {
      const history = new Map(store.history(name, caller.tenant).map(({ step, durationsMs }) => [step, durationsMs]));
      return toPlanView(plan(compiledOf(name, version, caller), { workers, history }));
    },
    retry: (name, version, caller) => compiledOf(name, version, caller).steps.map(toRetryView),
    check: (source) => toCheckView(project.check(source)),
    schema() {
      schema ??= publishedSchema(modelSchemas, declarationsOf([]));
      return schema;
    },
  };
}

/** Newest first; several texts of one definition in a row are one version. */
function acts(deployments: readonly Deployment[]): WorkflowView["history"] {
  return deployments
    .filter(({ version }, index) => deployments[index + 1]?.version !== version)
    .map(({ version, deployedAt, deployedBy }) => ({ version, deployedAt, deployedBy }));
}

function toCheckView({ workflow, findings }: CheckResult): CheckView {
  return {
    ok: workflow !== null,
    findings: findings.map(({ code, severity, message, path, line, column, fix }) => ({
      code,
      severity: severity === "note" ? "info" : severity,
      message,
      path: path === "" ? null : path,
      line,
      column,
      fix,
    })),
  };
}

function toPlanView({ steps, edges, bounds, later: _, ...figures }: ReturnType<typeof plan>): PlanView {
  const { durationMs, attempts, costUsd } = bounds;
  return {
    ...figures,
    steps: steps.map(({ id, needs, wave, critical, slackMs, estimateMs, p50Ms = null, p90Ms = null }) => {
      return { id, needs, wave, critical, slackMs, estimateMs, p50Ms, p90Ms };
    }),
    edges: edges.map(({ from, to, because }) => ({ from, to, because: because[0]?.kind ?? "needs" })),
    bounds: { durationMs, attempts, costUsd },
  };
}

function toRetryView({ id, retry }: CompiledStep): RetryView {
  const { max, strategy, on, onExhausted } = retry;
  const count = Math.min(max, DELAYS_MAX);
  const delaysMs = Array.from({ length: count }, (_, index) => retryDelayMs({ ...retry, jitter: "none" }, index + 1, 1));
  return { step: id, maxAttempts: 1 + max, strategy, delaysMs, on, onExhausted };
}
