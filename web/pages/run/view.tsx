/** One run: what it is doing, what it did, at any moment of its life. */
import { useEffect, useMemo } from "preact/hooks";
import type { EventView } from "../../../src/contract/event-view.ts";
import type { RunAnswer } from "../../../src/contract/run-view.ts";
import type { PageProps } from "../../shell/page-props.ts";
import { place } from "../../shell/router.ts";
import { shortId } from "../../ui/format.ts";
import { Page } from "../../ui/page.tsx";
import { ProblemBox, Skeleton } from "../../ui/states.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { momentOf, TABS, type TabName, tabAddress, tabOf } from "./address.ts";
import { CompareTab } from "./compare/compare-tab.tsx";
import { Drawer } from "./drawer.tsx";
import { EventsTab } from "./events/events-tab.tsx";
import { GraphTab } from "./graph/graph-tab.tsx";
import { Actions, Facts, Heading } from "./header.tsx";
import { useMoment } from "./moment.ts";
import { createRunStore, type RunStore } from "./run-store.ts";
import { Scrubber } from "./scrubber.tsx";
import { StatechartTab } from "./statechart/statechart-tab.tsx";
import { StepsTab } from "./steps-tab.tsx";
import { WaterfallTab } from "./waterfall/waterfall-tab.tsx";
import "../runs/runs.css";
import "./run.css";

/** Views that show the run as it was at the moment that the scrubber is at. */
const TRAVELS: ReadonlySet<TabName> = new Set(["graph", "waterfall", "events", "statechart", "steps"]);

export function View({ parts: { run: id = "", tab } }: PageProps) {
  const store = useMemo(() => createRunStore(id), [id]);
  useEffect(() => () => store.stop(), [store]);
  const state = store.run.value;
  if (state.kind === "loading")
    return (
      <Page title={shortId(id)}>
        <Skeleton lines={10} says="Loading the run" />
      </Page>
    );
  if (state.kind === "failed")
    return (
      <Page title={shortId(id)}>
        <ProblemBox problem={state.problem} retry={store.reload} />
      </Page>
    );
  return <RunPage key={id} store={store} run={state.value} tab={tabOf(tab)} />;
}

interface RunPageProps {
  readonly store: RunStore;
  readonly run: RunAnswer;
  readonly tab: TabName;
}

function RunPage({ store, run, tab }: RunPageProps) {
  const { query } = place.value;
  const events = store.events.value;
  const at = TRAVELS.has(tab) ? momentOf(query) : null;
  const chosen = query.get("step");
  const shown = useMoment(run, events, at);
  const tabs = TABS.map((name) => ({ name, to: tabAddress(run.id, name), ...countOf(name, run, events) }));
  return (
    <Page
      title={`${run.workflow} ${shortId(run.id)}`}
      heading={<Heading run={run} />}
      actions={<Actions run={run} />}
      isFilled
      below={
        <>
          <Facts run={run} health={store.health.value} />
          <Tabs label="Views of the run" tabs={tabs} current={tab} />
        </>
      }
    >
      <div class="run-body">
        <div class="run-view">
          <div class="run-main">{viewOf(tab, { run: shown, events, chosen, at })}</div>
          {TRAVELS.has(tab) && <Scrubber events={events} at={at} startedAt={run.startedAt ?? run.createdAt} />}
        </div>
        {chosen !== null && tab !== "compare" && <Drawer key={chosen} run={shown} id={chosen} isPast={at !== null} />}
      </div>
    </Page>
  );
}

function countOf(name: TabName, run: RunAnswer, events: readonly EventView[]): { readonly count?: number } {
  if (name === "steps") return { count: run.steps.length };
  return name === "events" ? { count: events.length } : {};
}

interface Shown {
  readonly run: RunAnswer;
  readonly events: readonly EventView[];
  readonly chosen: string | null;
  readonly at: number | null;
}

function viewOf(tab: TabName, { run, events, chosen, at }: Shown) {
  switch (tab) {
    case "graph":
      return <GraphTab run={run} chosen={chosen} />;
    case "waterfall":
      return <WaterfallTab run={run} events={at === null ? events : events.slice(0, at)} chosen={chosen} />;
    case "events":
      return <EventsTab events={events} at={at} />;
    case "statechart":
      return <StatechartTab run={run} events={events} chosen={chosen} at={at} />;
    case "steps":
      return <StepsTab run={run} chosen={chosen} />;
    case "compare":
      return <CompareTab run={run} />;
  }
}
