import type { PlanStep, PlanView } from "../../../src/contract/plan-view.ts";
import { duration } from "../../ui/format.ts";
import { Heads } from "../../ui/heads.tsx";
import { earliestStarts } from "./earliest.ts";

/** Steps by wave, with a bar from the earliest start on, and what earlier runs took. */
export function PlanChart({ plan: { steps, criticalPathMs } }: { readonly plan: PlanView }) {
  const starts = earliestStarts(steps);
  const whole = Math.max(1, criticalPathMs);
  const inOrder = steps.toSorted((left, right) => left.wave - right.wave || (starts.get(left.id) ?? 0) - (starts.get(right.id) ?? 0));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
    <div class="grid-holder" tabIndex={0}>
      <table class="grid plan-grid">
        <caption class="hidden">Steps with their wave, time and slack</caption>
        <Heads
          of={[
            "Wave",
            "Step",
            ["Earliest", "plan-bars"],
            ["Estimate", "number"],
            ["P50", "number"],
            ["P90", "number"],
            ["Slack", "number"],
          ]}
        />
        <tbody>
          {inOrder.map((step, index) => (
            <tr key={step.id} class={step.wave === inOrder[index - 1]?.wave ? "same-wave" : ""}>
              <td class="num soft">{step.wave === inOrder[index - 1]?.wave ? "" : step.wave}</td>
              <th scope="row">
                <span class="mono">{step.id}</span>
                {step.needs.length > 0 && <span class="soft small plan-needs">after {step.needs.join(", ")}</span>}
              </th>
              <td class="plan-bars">
                <Bar step={step} start={starts.get(step.id) ?? 0} whole={whole} />
              </td>
              <td class="number">{duration(step.estimateMs)}</td>
              <td class="number">{step.p50Ms === null ? "—" : duration(step.p50Ms)}</td>
              <td class="number">{step.p90Ms === null ? "—" : duration(step.p90Ms)}</td>
              <td class="number">{step.critical ? <b class="plan-critical">critical</b> : duration(step.slackMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Bar({ step, start, whole }: { readonly step: PlanStep; readonly start: number; readonly whole: number }) {
  const from = (100 * start) / whole;
  return (
    <span class="plan-track" title={`${duration(start)} to ${duration(start + step.estimateMs)}`}>
      <span
        class={step.critical ? "plan-bar critical" : "plan-bar"}
        style={{ left: `${Math.min(99, from)}%`, width: `${Math.max(0.6, Math.min(100 - from, (100 * step.estimateMs) / whole))}%` }}
      />
    </span>
  );
}
