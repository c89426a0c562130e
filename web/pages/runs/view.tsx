/** All runs of the tenant, newest first and live. */
import { useCallback, useMemo, useState } from "preact/hooks";
import type { RunSummary } from "../../../src/contract/run-summary.ts";
import { place } from "../../shell/router.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { duration, many, shortId } from "../../ui/format.ts";
import { now } from "../../ui/now.ts";
import { Page } from "../../ui/page.tsx";
import { Empty, ProblemBox, Skeleton } from "../../ui/states.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { Elapsed, Money, Progress, Time } from "../../ui/texts.tsx";
import { remainingMs, type Usual, usualDurations } from "./eta.ts";
import { FilterBar } from "./filter-bar.tsx";
import { isFiltered, readFilters } from "./filters.ts";
import { SelectionActions } from "./selection-actions.tsx";
import { useRunList } from "./use-run-list.ts";
import "./runs.css";

const linkOf = ({ id }: RunSummary): string => `/runs/${id}`;
const keyOf = ({ id }: RunSummary): string => id;
const nameOf = ({ id, workflow }: RunSummary): string => `${workflow} ${shortId(id)}`;

export function View() {
  const { query } = place.value;
  const filters = useMemo(() => readFilters(query), [query]);
  const list = useRunList(filters);
  const [selected, select] = useState<ReadonlySet<string>>(new Set());
  const usual = useMemo(() => usualDurations(list.rows), [list.rows]);
  const columns = useMemo(() => columnsOf(usual), [usual]);
  const narrow = useCallback((run: RunSummary) => <NarrowRun run={run} usual={usual} />, [usual]);
  const workflows = useMemo(() => [...new Set(list.rows.map(({ workflow }) => workflow))].toSorted(), [list.rows]);
  const chosen = list.rows.filter(({ id }) => selected.has(id));
  return (
    <Page
      title="Runs"
      isFilled
      actions={<SelectionActions runs={chosen} clear={() => select(new Set())} done={list.reload} />}
      below={<FilterBar filters={filters} workflows={workflows} />}
    >
      {list.kind === "loading" && <Skeleton lines={12} says="Loading runs" />}
      {list.kind === "failed" && list.problem !== null && <ProblemBox problem={list.problem} retry={list.reload} />}
      {list.kind === "ready" && (
        <Table
          label="Runs"
          rows={list.rows}
          keyOf={keyOf}
          linkOf={linkOf}
          nameOf={nameOf}
          columns={columns}
          narrow={narrow}
          selection={{ keys: selected, change: select }}
          nearEnd={list.more}
          foot={list.next === null ? many(list.rows.length, "run") : "Loading more …"}
          empty={<NoRuns isFiltered={isFiltered(filters)} />}
        />
      )}
    </Page>
  );
}

function columnsOf(usual: Usual): readonly Column<RunSummary>[] {
  return [
    { head: "State", width: "132px", cell: ({ state }) => <StateBadge state={state} /> },
    {
      head: "Workflow",
      width: "minmax(140px, 2fr)",
      cell: ({ id, workflow, parent }) => (
        <span class="run-name">
          <span class="ellipsis strong">{workflow}</span>
          <span class="mono soft">{shortId(id)}</span>
          {parent !== null && <span class="tag">from {shortId(parent)}</span>}
        </span>
      ),
    },
    { head: "Progress", width: "minmax(110px, 1fr)", cell: ({ progress, state }) => <Progress {...progress} state={mainOf(state)} /> },
    { head: "Left", width: "76px", isNumber: true, cell: (run) => <Left run={run} usual={usual} /> },
    { head: "Started", width: "88px", isNumber: true, cell: ({ createdAt, startedAt }) => <Time at={startedAt ?? createdAt} /> },
    { head: "Duration", width: "84px", isNumber: true, cell: (run) => <Took run={run} /> },
    { head: "Cost", width: "72px", isNumber: true, cell: ({ costUsd }) => <Money usd={costUsd} /> },
  ];
}

const mainOf = (state: string): string => state.split(".")[0] ?? state;

function Took({ run: { startedAt, endedAt } }: { readonly run: RunSummary }) {
  return startedAt === null ? <span class="faint">–</span> : <Elapsed from={startedAt} to={endedAt} />;
}

function Left({ run, usual }: { readonly run: RunSummary; readonly usual: Usual }) {
  if (run.endedAt !== null) return <span class="faint">–</span>;
  const left = remainingMs(run, usual, now.value);
  return left === null ? <span class="faint">–</span> : <span title="An estimate">≈ {duration(left)}</span>;
}

function NarrowRun({ run, usual }: { readonly run: RunSummary; readonly usual: Usual }) {
  return (
    <>
      <span class="row">
        <StateBadge state={run.state} />
        <span class="ellipsis strong grow">{run.workflow}</span>
        <span class="mono soft">{shortId(run.id)}</span>
      </span>
      <span class="row small soft">
        <span class="grow">
          <Time at={run.startedAt ?? run.createdAt} />
        </span>
        {run.endedAt === null && (
          <>
            <span class="num">{run.progress.percent}%</span>
            <Left run={run} usual={usual} />
          </>
        )}
        <Took run={run} />
        <Money usd={run.costUsd} />
      </span>
    </>
  );
}

function NoRuns({ isFiltered }: { readonly isFiltered: boolean }) {
  return isFiltered ? (
    <Empty title="No run fits these filters">
      <a href="/runs">Show all runs</a>
    </Empty>
  ) : (
    <Empty title="No runs yet" icon="runs">
      Start one with <code>troupe run FILE</code>, or from the page of a workflow. It appears here at once.
    </Empty>
  );
}
