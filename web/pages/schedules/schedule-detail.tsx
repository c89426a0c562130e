import type { RunView } from "../../../src/contract/run-view.ts";
import type { ScheduleSlot, ScheduleView } from "../../../src/contract/schedule-view.ts";
import { change, get } from "../../api/request.ts";
import { whyNotAllowed } from "../../api/session.ts";
import { Button } from "../../ui/button.tsx";
import { ask } from "../../ui/dialog.tsx";
import { ago, shortId } from "../../ui/format.ts";
import { Heads } from "../../ui/heads.tsx";
import { now } from "../../ui/now.ts";
import { Load } from "../../ui/states.tsx";
import { Time } from "../../ui/texts.tsx";
import { toast } from "../../ui/toast.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";
import { OutcomeMark } from "./outcome.tsx";
import { inZone, ownZone } from "./zone-time.ts";

const OVERLAPS = {
  skip: "the new one is left out",
  queue: "the new one waits for it",
  allow: "both run",
  replace: "it is canceled for the new one",
} as const;
const CATCHUPS = { none: "left out", last: "the last of them is made up for", all: "all of them are made up for" } as const;

interface DetailProps {
  readonly schedule: ScheduleView;
  readonly reload: () => void;
}

export function ScheduleDetail({ schedule, reload }: DetailProps) {
  const { id, workflow, cron, timezone, overlap, catchup, stop, nextAt, lastSlot } = schedule;
  const path = `/schedules/${encodeURIComponent(id)}`;
  const slots = useLoaded(`${id}/${lastSlot?.at}/${lastSlot?.outcome}`, (signal) =>
    get<readonly ScheduleSlot[]>(`${path}/slots`, { signal }),
  );
  return (
    <article class="stack schedule" aria-labelledby="schedule-id">
      <header class="stack tight">
        <h2 id="schedule-id">{id}</h2>
        <p class="soft">
          Starts <a href={`/workflows/${encodeURIComponent(workflow)}`}>{workflow}</a>
        </p>
      </header>
      <Actions schedule={schedule} path={path} reload={reload} />
      {stop !== null && (
        <p class="notice">
          {stop.kind === "paused" ? `${stop.by} paused it ` : "It could not be started, and waits for a person since "}
          <Time at={stop.at} />
          {stop.reason !== null && `: ${stop.reason}`}
        </p>
      )}
      <dl class="facts">
        <div>
          <dt>Rule</dt>
          <dd class="mono">{cron}</dd>
        </div>
        <div>
          <dt>Zone</dt>
          <dd>{timezone}</dd>
        </div>
        <div>
          <dt>While the last one runs</dt>
          <dd>{OVERLAPS[overlap]}</dd>
        </div>
        <div>
          <dt>Times that were missed</dt>
          <dd>{CATCHUPS[catchup]}</dd>
        </div>
      </dl>
      <section class="stack tight" aria-labelledby="next-time">
        <h3 id="next-time">Next time</h3>
        {nextAt === null || stop !== null ? (
          <p class="soft">{stop === null ? "There is none." : "None before it goes on."}</p>
        ) : (
          <dl class="facts next-times">
            <div>
              <dt>{timezone}</dt>
              <dd>{inZone(nextAt, timezone)}</dd>
            </div>
            {ownZone() !== timezone && (
              <div>
                <dt>{ownZone()}, yours</dt>
                <dd>{inZone(nextAt, ownZone())}</dd>
              </div>
            )}
            <div>
              <dt>From now</dt>
              <dd>{ago(nextAt, now.value)}</dd>
            </div>
          </dl>
        )}
      </section>
      <section class="stack tight" aria-labelledby="slots-title">
        <h3 id="slots-title">Times before</h3>
        <Load of={slots}>{(all) => <Slots slots={all} timezone={timezone} />}</Load>
      </section>
    </article>
  );
}

function Actions({ schedule: { workflow, stop }, path, reload }: DetailProps & { readonly path: string }) {
  const unless = whyNotAllowed("operate");
  const pause = async (): Promise<void> => {
    const answer = await ask({
      title: "Pause this schedule?",
      body: <p>It starts nothing until somebody lets it go on. Times that pass meanwhile are left out.</p>,
      yes: "Pause",
      fields: [{ name: "reason", label: "Reason" }],
    });
    if (answer === null) return;
    await change("POST", `${path}/pause`, { body: answer.reason === undefined ? {} : { reason: answer.reason } });
    reload();
  };
  const resume = async (): Promise<void> => {
    await change("POST", `${path}/resume`, { body: {} });
    toast("It goes on.");
    reload();
  };
  const run = async (): Promise<void> => {
    const answer = await ask({
      title: `Start ${workflow} now?`,
      body: <p>As the schedule would, besides its times.</p>,
      yes: "Start it",
    });
    if (answer === null) return;
    const started = await change<RunView>("POST", `${path}/run`, { body: {} });
    toast(`${workflow} is started.`, { to: `/runs/${started.id}`, text: "Look at the run" });
    reload();
  };
  return (
    <div class="row wrap">
      {stop === null ? (
        <Button icon="pause" unless={unless} run={pause}>
          Pause
        </Button>
      ) : (
        <Button icon="play" tone="primary" unless={unless} run={resume}>
          Let it go on
        </Button>
      )}
      <Button icon="runs" unless={unless} run={run}>
        Run now
      </Button>
    </div>
  );
}

function Slots({ slots, timezone }: { readonly slots: readonly ScheduleSlot[]; readonly timezone: string }) {
  if (slots.length === 0) return <p class="soft">It has not been due yet.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
    <div class="grid-holder" tabIndex={0}>
      <table class="grid">
        <caption class="hidden">What became of its times, newest first</caption>
        <Heads of={["Due", "Outcome", "Run", "Because"]} />
        <tbody>
          {slots.map(({ at, outcome, run, reason }) => (
            <tr key={at}>
              <th scope="row" title={inZone(at, ownZone())}>
                {inZone(at, timezone)}
              </th>
              <td>
                <OutcomeMark outcome={outcome} />
              </td>
              <td>
                {run === null ? (
                  <span class="soft">—</span>
                ) : (
                  <a class="mono" href={`/runs/${run}`}>
                    {shortId(run)}
                  </a>
                )}
              </td>
              <td class="slot-reason">{reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
