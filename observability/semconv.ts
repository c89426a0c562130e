/**
 * Names of span attributes. Those without `troupe.` are OpenTelemetry's semantic conventions (1.45: CI/CD, process, error, generative AI), copied here
 * so that the package that lists thousands of them need not be loaded; the rest is ours and kept stable.
 */
export const ATTR = {
  serviceName: "service.name",
  serviceVersion: "service.version",
  errorType: "error.type",
  pipelineName: "cicd.pipeline.name",
  pipelineResult: "cicd.pipeline.result",
  pipelineRunId: "cicd.pipeline.run.id",
  taskName: "cicd.pipeline.task.name",
  taskRunId: "cicd.pipeline.task.run.id",
  taskResult: "cicd.pipeline.task.run.result",
  exitCode: "process.exit.code",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  tenant: "troupe.tenant",
  definition: "troupe.definition.hash",
  priority: "troupe.run.priority",
  stepsTotal: "troupe.run.steps",
  parentRun: "troupe.run.parent.id",
  relation: "troupe.run.parent.relation",
  label: "troupe.label.",
  state: "troupe.state",
  part: "troupe.part",
  stepId: "troupe.step.id",
  stepType: "troupe.step.type",
  item: "troupe.step.item",
  queueMs: "troupe.step.queue_ms",
  attempts: "troupe.step.attempts",
  isCached: "troupe.step.cached",
  carriedFrom: "troupe.step.carried_from",
  attempt: "troupe.attempt.number",
  outcome: "troupe.attempt.outcome",
  failureClass: "troupe.failure.class",
  signal: "troupe.process.signal",
  stdoutBytes: "troupe.process.stdout_bytes",
  stderrBytes: "troupe.process.stderr_bytes",
  costUsd: "troupe.cost_usd",
  tool: "troupe.tool",
  cacheResult: "troupe.cache.result",
  cacheKey: "troupe.cache.key",
  gatePassed: "troupe.gate.passed",
  testsPassed: "troupe.gate.tests.passed",
  testsFailed: "troupe.gate.tests.failed",
  testsSkipped: "troupe.gate.tests.skipped",
  coverage: "troupe.gate.coverage_percent",
  isMerged: "troupe.merge.merged",
  conflicts: "troupe.merge.conflicts",
  reason: "troupe.reason",
  by: "troupe.by",
  seq: "troupe.seq",
  from: "troupe.from",
  to: "troupe.to",
  on: "troupe.on",
  cause: "troupe.cause",
  link: "troupe.link",
  anomalyKind: "troupe.anomaly.kind",
  anomalyUnit: "troupe.anomaly.unit",
  anomalyObserved: "troupe.anomaly.observed",
  anomalyDirection: "troupe.anomaly.direction",
  anomalyScore: "troupe.anomaly.score",
  anomalyMedian: "troupe.anomaly.usual.median",
  anomalyLow: "troupe.anomaly.usual.low",
  anomalyHigh: "troupe.anomaly.usual.high",
  anomalySamples: "troupe.anomaly.usual.runs",
  anomalyCompareWith: "troupe.anomaly.compare_with",
} as const;

/** Values of `cicd.pipeline.result` and `cicd.pipeline.task.run.result`. */
export type PipelineResult = "success" | "failure" | "error" | "timeout" | "cancellation" | "skip";

/** The result of a run or step by the state in which it rests. */
export function toResult(state: string, failureClass: string | null): PipelineResult {
  switch (state) {
    case "succeeded":
      return "success";
    case "skipped":
      return "skip";
    case "canceled":
      return "cancellation";
    case "quarantined":
      return "error";
    default:
      return failureClass === "timeout" ? "timeout" : "failure";
  }
}
