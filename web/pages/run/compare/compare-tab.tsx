import { useMemo } from "preact/hooks";
import type { RunDiffView, StepDiff } from "../../../../src/contract/run-diff.ts";
import type { JudgedChange, StepComparison } from "../../../../src/contract/run-report.ts";
import type { RunPage } from "../../../../src/contract/run-summary.ts";
import type { RunAnswer } from "../../../../src/contract/run-view.ts";
import { get } from "../../../api/request.ts";
import { place, setQuery } from "../../../shell/router.ts";
import { StateBadge } from "../../../ui/badge.tsx";
import { dateTime, duration, many, money, shortId } from "../../../ui/format.ts";
import { Empty, Load } from "../../../ui/states.tsx";
import { JsonText } from "../../../ui/texts.tsx";
import { useLoaded } from "../../../ui/use-loaded.ts";
import "./compare.css";
import { Heads } from "../../../ui/heads.tsx";

const CHOICES = 30;

export function CompareTab({ run }: { readonly run: RunAnswer }) {
  const other = place.value.query.get("with");
  const others = useLoaded(`others ${run.workflow}`, (signal) =>
    get<RunPage>("/runs", { query: { workflow: run.workflow, limit: CHOICES }, signal }),
  );
  const diff = useLoaded(other === null ? null : `diff ${run.id} ${other}`, (signal) =>
    get<RunDiffView>(`/runs/${run.id}/diff`, { query: { with: other }, signal }),
  );
  const choices = others.state.kind === "ready" ? others.state.value.runs.filter(({ id }) => id !== run.id) : [];
  const isListed = other === null || choices.some(({ id }) => id === other);
  return (
    <div class="compare">
      <label class="row wrap">
        <span class="soft">Compare with</span>
        <select value={other ?? ""} onChange={({ currentTarget: { value } }) => setQuery({ with: value }, { replace: false })}>
          <option value="">Choose a run …</option>
          {!isListed && <option value={other ?? ""}>{shortId(other ?? "")}</option>}
          {choices.map(({ id, state, createdAt }) => (
            <option key={id} value={id}>
              {shortId(id)} · {state.split(".")[0]} · {dateTime(createdAt)}
            </option>
          ))}
        </select>
      </label>
      {other === null ? (
        <Empty title="No run to compare with yet" icon="fork">
          Choose another run of {run.workflow}: times, costs and outputs stand side by side, and changes that are more than usual are
          marked.
        </Empty>
      ) : (
        <Load of={diff}>{(view) => <Compared view={view} />}</Load>
      )}
    </div>
  );
}

function Compared({ view: { diff, figures } }: { readonly view: RunDiffView }) {
  const { left, right, sameDefinition, sameInput, state, output } = diff;
  const byId = useMemo(() => new Map(figures.steps.map((step) => [step.id, step])), [figures]);
  return (
    <div class="stack">
      <div class="compare-heads">
        <Head title="This run" id={left} state={state[0]} />
        <Head title="The other" id={right} state={state[1]} />
        <p class="soft">
          {sameDefinition ? "Same definition" : "Another definition"} · {sameInput ? "same input" : "another input"}
          {figures.history !== null && ` · held against ${many(figures.history.runs, "earlier run")}`}
        </p>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard */}
      <section class="compare-scroll" tabIndex={0} aria-label="Figures of both runs">
        <Figures figures={figures} />
        <table class="compare-table">
          <Heads of={["Step", "State", ["Attempts", "number"], ["Duration", "number"], ["Cost", "number"], "Output"]} />
          <tbody>
            {diff.steps.map((step) => (
              <StepRow key={step.id} step={step} figures={byId.get(step.id)} />
            ))}
          </tbody>
        </table>
      </section>
      {output !== null && <Outputs output={output} />}
    </div>
  );
}

function Head({ title, id, state }: { readonly title: string; readonly id: string; readonly state: string }) {
  return (
    <p class="row">
      <span class="soft">{title}</span>
      <a class="mono" href={`/runs/${id}`}>
        {shortId(id)}
      </a>
      <StateBadge state={state} />
    </p>
  );
}

function Figures({ figures }: { readonly figures: RunDiffView["figures"] }) {
  const rows = [
    ["Elapsed", figures.elapsedMs, duration],
    ["Work", figures.workMs, duration],
    ["Queued", figures.queueMs, duration],
    ["Between retries", figures.retryMs, duration],
    ["Cost", figures.costUsd, money],
    ["Speed-up", figures.speedup, (value: number) => `×${value.toFixed(2)}`],
    ["Places used", figures.efficiency, (value: number) => `${Math.round(value * 100)}%`],
  ] as const;
  return (
    <table class="compare-table">
      <Heads of={["Figure", ["This run", "number"], ["The other", "number"], ["Change", "number"]]} />
      <tbody>
        {rows.map(([name, { left, right, delta }, format]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="number">{left === null ? "–" : format(left)}</td>
            <td class="number">{right === null ? "–" : format(right)}</td>
            <td class="number">{signed(delta, format)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Nothing where it would read as none. */
function signed(delta: number | null, format: (value: number) => string): string {
  const text = format(Math.abs(delta ?? 0));
  return delta === null || text === format(0) ? "–" : `${delta > 0 ? "+" : "−"}${text}`;
}

function StepRow({ step, figures }: { readonly step: StepDiff; readonly figures: StepComparison | undefined }) {
  const { id, only, state, attempts, durationMs, output } = step;
  return (
    <tr class={step.isChanged ? "changed" : ""}>
      <th scope="row">
        {id} {only !== null && <span class="tag">{only === "left" ? "only here" : "only there"}</span>}
      </th>
      <td>
        <span class="row">
          {state[0] !== null && <StateBadge state={state[0]} />}
          {state[1] !== null && state[1] !== state[0] && (
            <>
              → <StateBadge state={state[1]} />
            </>
          )}
        </span>
      </td>
      <td class="number">{attempts[0] === attempts[1] ? attempts[0] : `${attempts[0]} → ${attempts[1]}`}</td>
      <td class="number">
        <Pair pair={durationMs} format={duration} change={figures?.durationMs} />
      </td>
      <td class="number">
        <Pair pair={[figures?.costUsd.left ?? null, figures?.costUsd.right ?? null]} format={money} change={figures?.costUsd} />
      </td>
      <td>{output === null ? <span class="faint">same</span> : <Outputs output={output} />}</td>
    </tr>
  );
}

interface PairProps {
  readonly pair: readonly [number | null, number | null];
  readonly format: (value: number) => string;
  readonly change: JudgedChange | undefined;
}

function Pair({ pair: [left, right], format, change }: PairProps) {
  if (left === null && right === null) return <span class="faint">–</span>;
  return (
    <span title={change === undefined ? undefined : judgement(change)}>
      {left === null ? "–" : format(left)} → {right === null ? "–" : format(right)}
      {change?.significance.kind === "significant" && <b class="significant"> {(change.delta ?? 0) > 0 ? "▲" : "▼"}</b>}
      {change?.significance.kind === "significant" && <span class="hidden">significant</span>}
    </span>
  );
}

function judgement({ significance }: JudgedChange): string {
  switch (significance.kind) {
    case "significant":
      return `More than usual: ${significance.score.toFixed(1)} standard deviations, by ${significance.samples} runs`;
    case "ordinary":
      return `As runs usually differ, by ${significance.samples} runs`;
    case "not_enough_history":
      return `Too few earlier runs to judge it: ${significance.samples} of ${significance.needed}`;
    case "not_comparable":
      return "One of the runs has no value";
  }
}

function Outputs({ output: [left, right] }: { readonly output: readonly [unknown, unknown] }) {
  return (
    <details class="outputs">
      <summary>Output differs</summary>
      <div class="outputs-pair">
        <JsonText value={left} label="Output of this run" />
        <JsonText value={right} label="Output of the other" />
      </div>
    </details>
  );
}
