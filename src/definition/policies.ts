/** `retry` and `timeout` as authors write them (a number, a duration, a name under `use`, a map) to what the kernel reads. */
import { compilePattern } from "../../grammar/pattern.ts";
import { parseDurationMs } from "../core/duration.ts";
import type { FailureClass } from "../core/failure.ts";
import { nearestName } from "../core/nearest.ts";
import { RETRY_DEFAULTS, RETRY_MAX_DEFAULT } from "../plan/retry-delay.ts";
import { GRACE_MS_DEFAULT, type RetryPolicy, type TimeoutPolicy } from "../plan/workflow.ts";
import type { FieldReader } from "./fields.ts";
import type { RetryRule, TimeoutRule } from "./model.ts";
import type { Reporter } from "./reporter.ts";
import { entryOf, type MapNode, type SourceNode, toData } from "./source-node.ts";

/** The word for no repetition at all, beside the number 0. It is no name under `use.retry`. */
export const NEVER = "never";

export class PolicyReader {
  readonly #reporter: Reporter;
  readonly #use: MapNode | undefined;
  /** Names under `use` that some step refers to, as `retry.net`. */
  readonly used = new Set<string>();

  constructor(use: SourceNode | undefined, reporter: Reporter) {
    this.#use = use?.kind === "map" ? use : undefined;
    this.#reporter = reporter;
  }

  retry(node: SourceNode | undefined): RetryPolicy {
    if (node?.kind === "scalar" && node.value === NEVER) return { ...RETRY_DEFAULTS, never: true };
    const rule = this.#named("retry", node);
    if (rule === undefined) return RETRY_DEFAULTS;
    if (rule.kind === "scalar") return { ...RETRY_DEFAULTS, max: Number(rule.value), never: rule.value === 0 };
    const said = toData(rule) as RetryRule; // the shape has been checked
    if (said.match !== undefined) this.#checkPattern(said.match, entryOf(rule, "match")?.value ?? rule);
    return {
      max: said.max ?? RETRY_MAX_DEFAULT,
      never: said.max === 0,
      strategy: said.strategy ?? RETRY_DEFAULTS.strategy,
      baseMs: said.base === undefined ? RETRY_DEFAULTS.baseMs : this.duration(entryOf(rule, "base")?.value),
      factor: said.factor ?? RETRY_DEFAULTS.factor,
      capMs: said.cap === undefined ? RETRY_DEFAULTS.capMs : this.duration(entryOf(rule, "cap")?.value),
      jitter: said.jitter ?? RETRY_DEFAULTS.jitter,
      on: said.on === undefined ? RETRY_DEFAULTS.on : ([said.on].flat() as FailureClass[]), // the shape admits no others
      exitCodes: said.exit_codes ?? [],
      statuses: said.statuses ?? [],
      match: said.match ?? null,
      onExhausted: said.on_exhausted ?? RETRY_DEFAULTS.onExhausted,
    };
  }

  timeout(node: SourceNode | undefined, fields: FieldReader): TimeoutPolicy | null {
    const rule = this.#named("timeout", node);
    if (rule === undefined) return null;
    // biome-ignore lint/suspicious/noThenProperty: the author's word for what follows a time-out; nobody awaits a policy
    if (rule.kind === "scalar") return { afterMs: this.duration(rule), then: "fail", value: null, graceMs: GRACE_MS_DEFAULT };
    const said = toData(rule) as TimeoutRule; // the shape has been checked
    const value = entryOf(rule, "value");
    const then = said.then ?? "fail";
    if (then === "fallback" && value === undefined) {
      this.#reporter.at(rule, {
        code: "DEF_SCHEMA",
        details: { path: "timeout", problem: "`then: fallback` needs a `value`" },
        fix: "Give the output that the step has then.",
      });
    }
    if (then !== "fallback" && value !== undefined) {
      this.#reporter.atKey(value, {
        code: "DEF_UNUSED",
        severity: "warning",
        details: { problem: "The `value` is only used under `then: fallback`." },
      });
    }
    return {
      afterMs: this.duration(entryOf(rule, "after")?.value),
      then,
      value: then === "fallback" && value !== undefined ? fields.read(value.value, "timeout.value", "text") : null,
      graceMs: said.grace === undefined ? GRACE_MS_DEFAULT : this.duration(entryOf(rule, "grace")?.value),
    };
  }

  /** Milliseconds; the shape has been checked, but a duration can still be too long. */
  duration(node: SourceNode | undefined): number {
    if (node?.kind !== "scalar" || (typeof node.value !== "string" && typeof node.value !== "number")) return 0;
    const ms = parseDurationMs(node.value);
    if (ms !== null) return ms;
    this.#reporter.at(node, {
      code: "DEF_SCHEMA",
      details: { path: "duration", problem: `'${node.value}' is no duration of at most ten years` },
      fix: "Write `250ms`, `30s`, `1h30m` or `7d`.",
    });
    return 0;
  }

  /** The rule itself: a name is looked up under `use`. A text that is a duration is none. */
  #named(kind: "retry" | "timeout", node: SourceNode | undefined): SourceNode | undefined {
    if (node === undefined || node.kind === "list") return undefined;
    if (node.kind !== "scalar" || typeof node.value !== "string") return node.kind === "scalar" && node.value === null ? undefined : node;
    if (kind === "timeout" && parseDurationMs(node.value) !== null) return node;
    const policies = entryOf(this.#use, kind)?.value;
    const rule = entryOf(policies, node.value)?.value;
    this.used.add(`${kind}.${node.value}`);
    if (rule !== undefined && (rule.kind === "map" || (rule.kind === "scalar" && rule.value !== null))) {
      if (rule.kind === "map" || typeof rule.value === "number" || (kind === "timeout" && parseDurationMs(String(rule.value)) !== null))
        return rule;
    }
    const names = policies?.kind === "map" ? policies.entries.map(({ key }) => key) : [];
    const near = nearestName(node.value, names);
    const fix =
      near !== undefined
        ? `Did you mean \`${near}\`?`
        : kind === "timeout"
          ? "Write a duration such as `30s`, or define the policy."
          : "Write a number, or define the policy.";
    this.#reporter.at(node, { code: "DEF_UNKNOWN_POLICY", details: { kind, policy: node.value }, fix });
    return undefined;
  }

  #checkPattern(pattern: string, node: SourceNode): void {
    const program = compilePattern(pattern);
    if (typeof program === "string")
      this.#reporter.error(node, "DEF_SCHEMA", { path: "match", problem: `The pattern cannot be used: ${program}` });
  }
}
