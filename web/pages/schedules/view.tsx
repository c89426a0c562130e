/** When workflows are started by themselves, and what has become of it. */
import type { ScheduleView } from "../../../src/contract/schedule-view.ts";
import { get } from "../../api/request.ts";
import { useFeed } from "../../live/use-feed.ts";
import type { PageProps } from "../../shell/page-props.ts";
import { ago } from "../../ui/format.ts";
import { isNarrow } from "../../ui/narrow.ts";
import { now } from "../../ui/now.ts";
import { Page } from "../../ui/page.tsx";
import { Split } from "../../ui/split.tsx";
import { Empty, Load } from "../../ui/states.tsx";
import { Table } from "../../ui/table.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";
import { OutcomeMark } from "./outcome.tsx";
import { ScheduleDetail } from "./schedule-detail.tsx";
import "./schedules.css";

export function View({ parts: { id } }: PageProps) {
  const schedules = useLoaded("schedules", (signal) => get<readonly ScheduleView[]>("/schedules", { signal }), { everyMs: 15_000 });
  useFeed({ heard: ({ type }) => type === "run.created" && schedules.reload(), joined: schedules.reload });
  return (
    <Page title="Schedules" isFilled>
      <Load of={schedules}>{(all) => <Schedules all={all} id={id} reload={schedules.reload} />}</Load>
    </Page>
  );
}

interface SchedulesProps {
  readonly all: readonly ScheduleView[];
  readonly id: string | undefined;
  readonly reload: () => void;
}

function Schedules({ all, id, reload }: SchedulesProps) {
  const empty = (
    <Empty title="Nothing is scheduled" icon="schedule">
      A deployed workflow that says <code>on: schedule</code> is started by itself.
    </Empty>
  );
  if (all.length === 0) return empty;
  const chosen = id === undefined ? all[0] : all.find((one) => one.id === id);
  return (
    <Split
      isChosen={id !== undefined}
      back={{ to: "/schedules", text: "All schedules" }}
      list={
        <Table
          label="Schedules"
          rows={all}
          keyOf={(one) => one.id}
          linkOf={(one) => `/schedules/${encodeURIComponent(one.id)}`}
          nameOf={(one) => one.id}
          columns={[{ head: "Schedule", width: "1fr", cell: (one) => <Row one={one} /> }]}
          narrow={(one) => <Row one={one} />}
          rowHeight={72}
          currentKey={isNarrow.value && id === undefined ? null : (chosen?.id ?? null)}
          empty={empty}
        />
      }
      detail={
        chosen === undefined ? (
          <Empty title={`There is no schedule ${id}`} icon="schedule" />
        ) : (
          <ScheduleDetail key={chosen.id} schedule={chosen} reload={reload} />
        )
      }
    />
  );
}

function Row({ one: { id, cron, stop, nextAt, lastSlot } }: { readonly one: ScheduleView }) {
  return (
    <div class="split-row">
      <div class="row">
        <span class="ellipsis">{id}</span>
        {lastSlot !== null && <OutcomeMark outcome={lastSlot.outcome} />}
      </div>
      <div class="row small soft">
        <span class="mono ellipsis">{cron}</span>
        <span class="num">{stop !== null ? stop.kind : nextAt === null ? "never again" : ago(nextAt, now.value)}</span>
      </div>
    </div>
  );
}
