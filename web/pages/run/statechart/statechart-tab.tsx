import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Chart, Statecharts } from "../../../../src/contract/chart.ts";
import type { EventView } from "../../../../src/contract/event-view.ts";
import type { RunAnswer } from "../../../../src/contract/run-view.ts";
import { get } from "../../../api/request.ts";
import { type ChartView, createChartView } from "../../../look/chart-view.ts";
import type { Traffic } from "../../../look/traffic.ts";
import { setQuery } from "../../../shell/router.ts";
import { StateBadge } from "../../../ui/badge.tsx";
import { Load } from "../../../ui/states.tsx";
import { useLoaded } from "../../../ui/use-loaded.ts";
import { trafficOf } from "./traffic-of.ts";
import "../../../look/chart.css";
import "./statechart.css";

interface StatechartProps {
  readonly run: RunAnswer;
  readonly events: readonly EventView[];
  readonly chosen: string | null;
  readonly at: number | null;
}

export function StatechartTab({ run, events, chosen, at }: StatechartProps) {
  const charts = useLoaded("statecharts", (signal) => get<Statecharts>("/statecharts", { signal }));
  const step = run.steps.find(({ id }) => id === chosen) ?? null;
  const state = step?.detail ?? run.detail;
  return (
    <div class="statechart">
      <div class="statechart-choice">
        <label class="row">
          <span class="soft">Actor</span>
          <select value={step?.id ?? ""} onChange={({ currentTarget: { value } }) => setQuery({ step: value })}>
            <option value="">The run</option>
            {run.steps.map(({ id }) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        </label>
        <StateBadge state={state} />
        <span class="soft mono small">{state}</span>
      </div>
      <Load of={charts}>
        {(known) => (
          <Lit
            chart={step === null ? known.run : known.step}
            name={step?.id ?? "the run"}
            state={state}
            events={events}
            actor={step?.id ?? null}
            at={at}
          />
        )}
      </Load>
      <p class="soft small statechart-note">
        Each box is a state, each row an event that it answers; blue ways were taken, with how often, and the latest is the boldest.
      </p>
    </div>
  );
}

interface LitProps {
  readonly chart: Chart;
  readonly name: string;
  readonly state: string;
  readonly events: readonly EventView[];
  readonly actor: string | null;
  readonly at: number | null;
}

/** The drawing is made once for a chart; what happens only lights parts of it. */
function Lit({ chart, name, state, events, actor, at }: LitProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<ChartView>(null);
  const traffic: Traffic = useMemo(() => trafficOf(events, chart, actor, at), [events, chart, actor, at]);
  useEffect(() => {
    view.current = createChartView(chart);
    place.current?.replaceChildren(view.current.element);
  }, [chart]);
  useEffect(() => {
    view.current?.show(state, traffic);
    view.current?.element.setAttribute("aria-label", `Statechart of ${name}: ${state}`);
  }, [chart, state, traffic, name]);
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
  return <div class="statechart-drawing" ref={place} tabIndex={0} />;
}
