/** What is known of a run before it starts, for as many workers as the user asks about. */
import type { PlanView } from "../../../src/contract/plan-view.ts";
import type { WorkflowView } from "../../../src/contract/workflow-view.ts";
import { get } from "../../api/request.ts";
import { place, setQuery } from "../../shell/router.ts";
import { count, duration, money } from "../../ui/format.ts";
import { Load } from "../../ui/states.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";
import { PlanChart } from "./plan-chart.tsx";

const WORKERS_DEFAULT = 4;
const WORKERS_MAX = 32;

export function PlanTab({ view: { name, version } }: { readonly view: WorkflowView }) {
  const asked = Number(place.value.query.get("workers") ?? WORKERS_DEFAULT);
  const workers = Number.isInteger(asked) && asked >= 1 && asked <= WORKERS_MAX ? asked : WORKERS_DEFAULT;
  const path = `/workflows/${encodeURIComponent(name)}/plan`;
  const plan = useLoaded(`${name}@${version}/${workers}`, (signal) => get<PlanView>(path, { query: { version, workers }, signal }));
  return (
    <div class="stack">
      <div class="workers">
        <label for="workers">
          Workers <span class="num">{workers}</span>
        </label>
        <input
          id="workers"
          type="range"
          min={1}
          max={WORKERS_MAX}
          value={workers}
          aria-valuetext={`${workers} workers`}
          onInput={({ currentTarget }) =>
            setQuery({ workers: currentTarget.value === String(WORKERS_DEFAULT) ? null : currentTarget.value })
          }
        />
      </div>
      <Load of={plan}>{(found) => <Plan plan={found} />}</Load>
    </div>
  );
}

function Plan({ plan }: { readonly plan: PlanView }) {
  const { makespanMs, totalMs, criticalPathMs, criticalPath, speedup, speedupLimit, bounds } = plan;
  return (
    <>
      <dl class="facts plan-facts">
        <Fact name="Expected time" value={duration(makespanMs)} isMain />
        <Fact name="One after the other" value={duration(totalMs)} />
        <Fact name="Critical path" value={duration(criticalPathMs)} />
        <Fact name="Faster by" value={`${speedup.toFixed(1)}×`} />
        <Fact name="At most by" value={`${speedupLimit.toFixed(1)}×`} />
      </dl>
      <dl class="facts">
        <Fact name="Longest that it may take" value={bounds.durationMs === null ? "no bound" : duration(bounds.durationMs)} />
        <Fact name="Most attempts" value={bounds.attempts === null ? "no bound" : count(bounds.attempts)} />
        <Fact name="Most that it may cost" value={bounds.costUsd === null ? "no bound" : money(bounds.costUsd)} />
      </dl>
      <p>
        <span class="soft">Critical path: </span>
        {criticalPath.map((step, index) => (
          <span key={step}>
            {index > 0 && <span class="soft"> → </span>}
            <code>{step}</code>
          </span>
        ))}
      </p>
      <PlanChart plan={plan} />
      <p class="soft small">Estimates are what the author expects, else what earlier runs took, else one second.</p>
    </>
  );
}

function Fact({ name, value, isMain = false }: { readonly name: string; readonly value: string; readonly isMain?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={isMain ? "plan-main" : ""}>{value}</dd>
    </div>
  );
}
