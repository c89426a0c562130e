import type { RunAnswer } from "../../../src/contract/run-view.ts";
import { whyNotAllowed } from "../../api/session.ts";
import type { StreamHealth } from "../../live/run-stream.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { shortId } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { CopyId, Elapsed, Money, Progress, Time } from "../../ui/texts.tsx";
import { cancelRun, forkRun, pauseRun, resumeRun, retryRun } from "./deeds.ts";
import { whyNotRun } from "./what-may.ts";

export function Heading({ run }: { readonly run: RunAnswer }) {
  return (
    <span class="run-heading">
      <span class="ellipsis">{run.workflow}</span>
      <StateBadge state={run.state} detail={run.detail} />
      <CopyId id={run.id} />
    </span>
  );
}

/** What cannot be done now says why. Which of pause and resume is there depends on the run. */
export function Actions({ run }: { readonly run: RunAnswer }) {
  const denied = whyNotAllowed("operate");
  const isPaused = run.detail === "running.paused";
  const steps = run.steps.filter(({ itemKey }) => itemKey === null).map(({ id }) => id);
  return (
    <>
      {isPaused ? (
        <Button icon="play" tone="primary" unless={denied ?? whyNotRun("resume", run)} run={() => resumeRun(run)}>
          Resume
        </Button>
      ) : (
        <Button icon="pause" unless={denied ?? whyNotRun("pause", run)} run={() => pauseRun(run)}>
          Pause
        </Button>
      )}
      <Button icon="retry" unless={denied ?? whyNotRun("retry", run)} run={() => retryRun(run)}>
        Retry
      </Button>
      <Button icon="fork" unless={denied ?? whyNotRun("fork", run)} run={() => forkRun(run, steps, null)}>
        Fork
      </Button>
      <Button icon="stop" unless={denied ?? whyNotRun("cancel", run)} run={() => cancelRun(run)}>
        Cancel
      </Button>
    </>
  );
}

/** What one wants to know at a glance. */
export function Facts({ run, health }: { readonly run: RunAnswer; readonly health: StreamHealth }) {
  const { createdAt, startedAt, endedAt, costUsd, parent, progress, state, definitionHash, waitingFor } = run;
  const asking = run.steps.find(({ type, detail }) => type === "approval" && detail === "running.parked");
  return (
    <>
      <dl class="facts run-facts">
        <div class="fact-progress">
          <dt>Progress</dt>
          <dd>
            <Progress {...progress} state={state} />
          </dd>
        </div>
        <div>
          <dt>Started</dt>
          <dd>
            <Time at={startedAt ?? createdAt} />
          </dd>
        </div>
        <div>
          <dt>Duration</dt>
          <dd>{startedAt === null ? "–" : <Elapsed from={startedAt} to={endedAt} />}</dd>
        </div>
        <div>
          <dt>Cost</dt>
          <dd>
            <Money usd={costUsd} />
          </dd>
        </div>
        <div>
          <dt>Version</dt>
          <dd>
            <CopyId id={definitionHash} text={definitionHash.slice(0, 8)} />
          </dd>
        </div>
        {parent !== null && (
          <div>
            <dt>{parent.relation === "fork" ? `Fork from ${parent.from ?? "its start"} of` : `${parent.relation} of`}</dt>
            <dd>
              <a href={`/runs/${parent.runId}`} class="mono">
                {shortId(parent.runId)}
              </a>
            </dd>
          </div>
        )}
      </dl>
      {waitingFor !== null && (
        <p class="callout waiting">
          <Icon name="schedule" />
          <span class="grow">
            <b>Waits for</b> {waitingFor}
          </span>
          {asking !== undefined && <a href={`/approvals/${run.id}/${encodeURIComponent(asking.id)}`}>Decide</a>}
        </p>
      )}
      {run.error !== null && (
        <div class="callout failed">
          <Icon name="quarantine" />
          <div class="grow">
            <p>
              <b>{run.error.step === null ? "The run failed." : `${run.error.step} failed.`}</b> {run.error.failure.title}
            </p>
            {run.error.failure.hint !== undefined && <p class="soft">{run.error.failure.hint}</p>}
          </div>
        </div>
      )}
      {health.kind === "lost" && (
        <p class="callout waiting" role="status">
          <Icon name="quarantine" />
          <span>Connection lost, reconnecting: {health.problem.detail}</span>
        </p>
      )}
    </>
  );
}
