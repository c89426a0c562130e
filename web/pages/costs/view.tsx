/** What runs have cost: by day, by workflow, by kind of step, by tool. */
import type { CostView } from "../../../src/contract/cost-view.ts";
import { get } from "../../api/request.ts";
import { place, setQuery } from "../../shell/router.ts";
import { Button } from "../../ui/button.tsx";
import { many, money } from "../../ui/format.ts";
import { now } from "../../ui/now.ts";
import { Page } from "../../ui/page.tsx";
import { Empty, Load } from "../../ui/states.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";
import { BarChart } from "./bar-chart.tsx";
import { type DayRange, daysIn, lastDays, PRESETS, readRange } from "./range.ts";
import { DIMENSIONS, type Dimension, sumBy, toCsv } from "./tally.ts";
import "./costs.css";

export function View() {
  const { query } = place.value;
  const range = readRange(query, now.peek());
  const by = DIMENSIONS.find((one) => one === query.get("by")) ?? "day";
  const costs = useLoaded(`${range.from}/${range.to}`, (signal) => get<CostView>("/costs", { query: { ...range }, signal }), {
    everyMs: 60_000,
  });
  return (
    <Page
      title="Costs"
      actions={
        <Button
          icon="download"
          unless={costs.state.kind === "ready" ? null : "They are being loaded."}
          run={() => costs.state.kind === "ready" && download(costs.state.value)}
        >
          CSV
        </Button>
      }
      below={<Range range={range} by={by} />}
    >
      <Load of={costs}>{(view) => <Sums view={view} by={by} range={range} />}</Load>
    </Page>
  );
}

function Range({ range, by }: { readonly range: DayRange; readonly by: Dimension }) {
  const set = (name: "from" | "to", value: string): void => {
    if (value === "") return;
    const next = { ...range, [name]: value };
    // The end that was not touched goes along.
    setQuery(next.from > next.to ? { from: value, to: value } : { ...next });
  };
  return (
    <div class="cost-range">
      <fieldset class="row wrap">
        <legend class="hidden">Days</legend>
        {PRESETS.map(({ name, days }) => {
          const preset = lastDays(days, now.peek());
          return (
            <button
              key={name}
              type="button"
              class="chip"
              aria-pressed={preset.from === range.from && preset.to === range.to}
              onClick={() => setQuery({ ...preset })}
            >
              {name}
            </button>
          );
        })}
        <label class="row">
          <span class="soft">from</span>
          <input type="date" value={range.from} max={range.to} onChange={({ currentTarget }) => set("from", currentTarget.value)} />
        </label>
        <label class="row">
          <span class="soft">to</span>
          <input type="date" value={range.to} min={range.from} onChange={({ currentTarget }) => set("to", currentTarget.value)} />
        </label>
      </fieldset>
      <fieldset class="row wrap">
        <legend class="hidden">Sums by</legend>
        {DIMENSIONS.map((one) => (
          <button
            key={one}
            type="button"
            class="chip"
            aria-pressed={one === by}
            onClick={() => setQuery({ by: one === "day" ? null : one })}
          >
            by {one}
          </button>
        ))}
      </fieldset>
    </div>
  );
}

function Sums({ view, by, range }: { readonly view: CostView; readonly by: Dimension; readonly range: DayRange }) {
  const days = daysIn(range);
  const attempts = view.rows.reduce((sum, row) => sum + row.attempts, 0);
  if (view.rows.length === 0)
    return (
      <Empty title="Nothing was spent in these days" icon="cost">
        Steps that ask agents cost money, and others that say so.
      </Empty>
    );
  return (
    <div class="stack">
      <dl class="facts cost-facts">
        <div>
          <dt>Total</dt>
          <dd class="cost-total">{money(view.totalUsd)}</dd>
        </div>
        <div>
          <dt>A day, in the mean</dt>
          <dd class="cost-total">{money(view.totalUsd / days.length)}</dd>
        </div>
        <div>
          <dt>Attempts</dt>
          <dd class="cost-total">{attempts.toLocaleString("en-US")}</dd>
        </div>
      </dl>
      <BarChart sums={sumBy(view.rows, by, days)} by={by} total={view.totalUsd} />
      <p class="soft small">
        {many(days.length, "day")} of UTC, {range.from} to {range.to}, of tenant {view.tenant}.
      </p>
    </div>
  );
}

function download(view: CostView): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([toCsv(view.rows)], { type: "text/csv" }));
  link.download = `costs-${view.from}-${view.to}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}
