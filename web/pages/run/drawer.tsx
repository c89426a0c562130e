/** A step beside what one looks at: what it was given, what it made, why it failed or waits, what it printed. */
import type { RunAnswer, StepView } from "../../../src/contract/run-view.ts";
import type { AttemptView, StepDetail } from "../../../src/contract/step-detail.ts";
import type { WaitingView } from "../../../src/contract/waiting-view.ts";
import { get } from "../../api/request.ts";
import { whyNotAllowed } from "../../api/session.ts";
import { useKeys } from "../../shell/keys.ts";
import { setQuery } from "../../shell/router.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { duration, timeOfDay } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { Empty, Load } from "../../ui/states.tsx";
import { CopyId, Elapsed, JsonText, Money, Time } from "../../ui/texts.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";
import { forkRun, releaseStep } from "./deeds.ts";
import { LogView } from "./logs/log-view.tsx";
import { whyNotStep } from "./what-may.ts";
import "./drawer.css";
import { Heads } from "../../ui/heads.tsx";

interface DrawerProps {
  readonly run: RunAnswer;
  readonly id: string;
  /** The run is shown as it was: the step's detail is that of now, and says so. */
  readonly isPast: boolean;
}

const close = (): void => setQuery({ step: null });

export function Drawer({ run, id, isPast }: DrawerProps) {
  const step = run.steps.find((one) => one.id === id);
  // It is asked for again when it moves.
  const key = step === undefined ? id : `${id} ${step.detail} ${step.attempts} ${step.endedAt ?? ""}`;
  const detail = useLoaded(`step ${run.id} ${isPast ? id : key}`, (signal) =>
    get<StepDetail>(`/runs/${run.id}/steps/${encodeURIComponent(id)}`, { signal }),
  );
  useKeys("Step", [{ keys: "Escape", says: "Close the step", run: close }]);
  return (
    <aside class="drawer" aria-label={`Step ${id}`}>
      <header class="drawer-header">
        <div class="row">
          <h2 class="ellipsis grow" title={id}>
            {id}
          </h2>
          <Button icon="close" label="Close" keys="Esc" tone="quiet" run={close} />
        </div>
        {step !== undefined && <Summary run={run} step={step} />}
      </header>
      <div class="drawer-content">
        {step === undefined && detail.state.kind === "failed" && detail.state.problem.status === 404 ? (
          <Empty title="The run has no such step" />
        ) : (
          <Load of={detail}>{(view) => <Detail key={id} run={run} detail={view} isPast={isPast} />}</Load>
        )}
      </div>
    </aside>
  );
}

function Summary({ run, step }: { readonly run: RunAnswer; readonly step: StepView }) {
  const { id, title, type, state, detail, startedAt, endedAt, costUsd, attempts, tool, cached } = step;
  const denied = whyNotAllowed("operate");
  return (
    <>
      {title !== null && <p class="soft">{title}</p>}
      <p class="row wrap">
        <StateBadge state={state} detail={detail} />
        <span class="tag">{type}</span>
        {tool !== null && <span class="tag">{tool}</span>}
        {cached && <span class="tag">reused</span>}
        {startedAt !== null && <Elapsed from={startedAt} to={endedAt} />}
        {attempts > 1 && <span class="soft">{attempts} attempts</span>}
        {costUsd > 0 && <Money usd={costUsd} />}
      </p>
      <p class="row wrap">
        <Button icon="fork" unless={denied ?? whyNotStep("fork", run, step)} run={() => forkRun(run, [], id)}>
          Run again from here
        </Button>
        {state === "quarantined" && (
          <Button icon="release" unless={denied ?? whyNotStep("release", run, step)} run={() => releaseStep(run, id)}>
            Release
          </Button>
        )}
        {detail === "running.parked" && type === "approval" && (
          <a href={`/approvals/${run.id}/${encodeURIComponent(id)}`}>Decide about it</a>
        )}
      </p>
    </>
  );
}

interface DetailProps {
  readonly run: RunAnswer;
  readonly detail: StepDetail;
  readonly isPast: boolean;
}

function Detail({ run, detail, isPast }: DetailProps) {
  const { step, attempts, inputs, usage, why } = detail;
  const numbers = attempts.map(({ attempt }) => attempt);
  return (
    <div class="stack">
      {isPast && <p class="callout waiting">Below is the step as it is now, not as it was then.</p>}
      {step.error !== null && <Failure error={step.error} />}
      {step.skippedBecause !== null && <p class="callout">Skipped: {step.skippedBecause}</p>}
      {step.quarantinedBecause !== null && (
        <p class="callout failed">
          <Icon name="quarantine" />
          <span>In quarantine: {step.quarantinedBecause}. Only a person can say what its last attempt has done.</span>
        </p>
      )}
      {why.length > 0 && <Why why={why} />}
      {numbers.length > 0 && step.type !== "approval" && <LogView run={run.id} step={step.id} attempts={numbers} />}
      {step.output !== null && <Section title="Output" value={step.output} />}
      {inputs !== null && <Section title="Inputs" value={inputs} />}
      {attempts.length > 0 && <Attempts attempts={attempts} />}
      {usage !== null && Object.keys(usage).length > 0 && <Section title="Usage" value={usage} />}
      {step.lateResult !== null && <Section title={`Came late: ${step.lateResult.outcome}`} value={step.lateResult} />}
      <p class="soft small">
        Id <CopyId id={step.id} text={step.id} />
      </p>
    </div>
  );
}

function Section({ title, value }: { readonly title: string; readonly value: unknown }) {
  return (
    <section class="drawer-section">
      <h3>{title}</h3>
      <JsonText value={value} label={title} />
    </section>
  );
}

function Failure({ error }: { readonly error: NonNullable<StepView["error"]> }) {
  const { title, detail, hint, code, class: kind, exitCode, signal, status, extra } = error;
  const facts = [
    code,
    kind,
    exitCode === undefined ? null : `exit code ${exitCode}`,
    signal === undefined ? null : signal,
    status === undefined ? null : `HTTP ${status}`,
  ].filter((fact) => fact !== null);
  return (
    <section class="callout failed" aria-label="Error">
      <Icon name="quarantine" />
      <div class="grow failure">
        <p>
          <b>{title}</b>
        </p>
        {detail !== undefined && <pre class="failure-detail">{detail}</pre>}
        {hint !== undefined && (
          <p>
            <b>Fix:</b> {hint}
          </p>
        )}
        <p class="mono small">{facts.join(" · ")}</p>
        {extra !== undefined && <JsonText value={extra} label="More of the error" />}
      </div>
    </section>
  );
}

function Why({ why }: { readonly why: readonly WaitingView[] }) {
  return (
    <section class="drawer-section">
      <h3>Why it is so</h3>
      {why.map(({ actor, state, waitsFor, condition }) => (
        <dl key={actor} class="why">
          <div>
            <dt class="soft">State</dt>
            <dd class="mono">{state}</dd>
          </div>
          {Object.entries(waitsFor).map(([name, value]) =>
            value === null ? null : (
              <div key={name}>
                <dt class="soft">{name === "kind" ? "Waits for" : wordsOf(name)}</dt>
                <dd>
                  <Told name={name} value={value} />
                </dd>
              </div>
            ),
          )}
          {condition !== null && (
            <div>
              <dt class="soft">Condition</dt>
              <dd>
                <code>{JSON.stringify(condition)}</code>
              </dd>
            </div>
          )}
        </dl>
      ))}
    </section>
  );
}

/** `dueAt` is `Due at`. */
function wordsOf(name: string): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${words[0]?.toUpperCase() ?? ""}${words.slice(1)}`;
}

function Told({ name, value }: { readonly name: string; readonly value: unknown }) {
  if (typeof value === "number" && /At$/.test(name)) return <Time at={value} />;
  if (typeof value === "object") return <JsonText value={value} label={wordsOf(name)} />;
  return <>{String(value).replaceAll("_", " ")}</>;
}

function Attempts({ attempts }: { readonly attempts: readonly AttemptView[] }) {
  return (
    <section class="drawer-section">
      <h3>Attempts</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard */}
      <section class="attempts" tabIndex={0} aria-label="Attempts">
        <table>
          <Heads of={["No.", "Outcome", "Started", ["Took", "number"], "Tool", ["Cost", "number"]]} />
          <tbody>
            {attempts.map(({ attempt, startedAt, endedAt, outcome, tool, costUsd, error }) => (
              <tr key={attempt} title={error === null ? undefined : JSON.stringify(error)}>
                <td class="num">{attempt}</td>
                <td>{(outcome ?? "running").replaceAll("_", " ")}</td>
                <td class="num">{timeOfDay(startedAt)}</td>
                <td class="number">{endedAt === null ? <Elapsed from={startedAt} to={null} /> : duration(endedAt - startedAt)}</td>
                <td>{tool ?? "–"}</td>
                <td class="number">{costUsd === null ? "–" : <Money usd={costUsd} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
