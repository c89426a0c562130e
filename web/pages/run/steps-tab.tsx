import { useMemo, useState } from "preact/hooks";
import type { RunAnswer, StepView } from "../../../src/contract/run-view.ts";
import { familyOf, signOf } from "../../look/look.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { duration, many } from "../../ui/format.ts";
import { SearchField } from "../../ui/search-field.tsx";
import { Empty } from "../../ui/states.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { Elapsed, Money } from "../../ui/texts.tsx";
import { stepAddress } from "./address.ts";

const STATES = ["pending", "running", "retrying", "waiting", "succeeded", "failed", "skipped", "canceled", "quarantined"] as const;

const keyOf = ({ id }: StepView): string => id;
const linkOf = ({ id }: StepView): string => stepAddress(id);

export function StepsTab({ run, chosen }: { readonly run: RunAnswer; readonly chosen: string | null }) {
  const [text, setText] = useState("");
  const [states, setStates] = useState<readonly string[]>([]);
  const counts = useMemo(() => countBy(run.steps), [run.steps]);
  const rows = run.steps.filter(
    ({ id, title, state, tool, type }) =>
      (states.length === 0 || states.includes(state)) &&
      `${id} ${title ?? ""} ${tool ?? ""} ${type}`.toLowerCase().includes(text.toLowerCase()),
  );
  return (
    <div class="steps">
      <div class="filters steps-filters">
        <SearchField class="filter-text" label="Search steps" value={text} change={setText} />
        <fieldset class="filter-states" aria-label="States">
          {STATES.filter((state) => (counts.get(state) ?? 0) > 0 || states.includes(state)).map((state) => (
            <button
              key={state}
              type="button"
              class="chip"
              data-family={familyOf(state)}
              aria-pressed={states.includes(state)}
              onClick={() => setStates(states.includes(state) ? states.filter((one) => one !== state) : [...states, state])}
            >
              <span aria-hidden="true">{signOf(state)}</span>
              {counts.get(state) ?? 0} {state}
            </button>
          ))}
        </fieldset>
      </div>
      <div class="steps-table">
        <Table
          label="Steps"
          rows={rows}
          keyOf={keyOf}
          linkOf={linkOf}
          nameOf={keyOf}
          columns={COLUMNS}
          narrow={narrow}
          narrowHeight={60}
          rowHeight={36}
          currentKey={chosen}
          foot={many(rows.length, "step")}
          empty={<Empty title="No step fits" />}
        />
      </div>
    </div>
  );
}

function countBy(steps: readonly StepView[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { state } of steps) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}

function Took({ step: { startedAt, endedAt, state } }: { readonly step: StepView }) {
  if (startedAt === null) return <span class="faint">–</span>;
  return endedAt === null && state === "pending" ? <span class="faint">–</span> : <Elapsed from={startedAt} to={endedAt} />;
}

function Note({ step }: { readonly step: StepView }) {
  const text = step.error?.title ?? step.skippedBecause ?? step.quarantinedBecause ?? (step.cached ? "reused" : "");
  return (
    <span class={step.error === null ? "soft" : "bad-text"} title={text}>
      {text}
    </span>
  );
}

const COLUMNS: readonly Column<StepView>[] = [
  { head: "State", width: "126px", cell: ({ state, detail }) => <StateBadge state={state} detail={detail} /> },
  {
    head: "Step",
    width: "minmax(140px, 1.4fr)",
    cell: ({ id, title, itemKey }) => (
      <span class={itemKey === null ? "strong" : "item-name"} title={title ?? id}>
        {id}
        {title !== null && <span class="soft step-title"> {title}</span>}
      </span>
    ),
  },
  { head: "Type", width: "80px", needs: 640, cell: ({ type }) => <span class="soft">{type}</span> },
  { head: "Note", width: "minmax(80px, 1fr)", cell: (step) => <Note step={step} /> },
  { head: "Tool", width: "90px", needs: 900, cell: ({ tool }) => <span class="soft">{tool ?? ""}</span> },
  {
    head: "Attempts",
    width: "72px",
    needs: 760,
    isNumber: true,
    cell: ({ attempts }) => (attempts === 0 ? <span class="faint">–</span> : attempts),
  },
  { head: "Duration", width: "82px", isNumber: true, cell: (step) => <Took step={step} /> },
  {
    head: "Work",
    width: "72px",
    isNumber: true,
    needs: 980,
    cell: ({ workMs }) => (workMs === null ? <span class="faint">–</span> : duration(workMs)),
  },
  { head: "Cost", width: "66px", needs: 860, isNumber: true, cell: ({ costUsd }) => <Money usd={costUsd} /> },
];

const narrow = (step: StepView) => (
  <>
    <span class="row">
      <StateBadge state={step.state} detail={step.detail} />
      <span class="ellipsis strong grow">{step.id}</span>
      <Took step={step} />
    </span>
    <span class="row small ellipsis">
      <Note step={step} />
    </span>
  </>
);
