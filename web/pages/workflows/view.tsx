/** The catalogue: workflows that are deployed, and can be started by name. */
import type { WorkflowPage, WorkflowSummary } from "../../../src/contract/workflow-view.ts";
import { get } from "../../api/request.ts";
import { whyNotAllowed } from "../../api/session.ts";
import { useFeed } from "../../live/use-feed.ts";
import { go, place, setQuery } from "../../shell/router.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { count, many } from "../../ui/format.ts";
import { Page } from "../../ui/page.tsx";
import { Empty, Load } from "../../ui/states.tsx";
import { Table } from "../../ui/table.tsx";
import { Time } from "../../ui/texts.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";
import "./workflows.css";
import { SearchField } from "../../ui/search-field.tsx";

const PAGE = 500;

export function View() {
  const all = useLoaded("workflows", loadAll, { everyMs: 30_000 });
  const { query } = place.value;
  const text = (query.get("q") ?? "").toLowerCase();
  // Runs come and go: the last one of each is shown.
  useFeed({
    heard: ({ type }) => (type === "run.created" || type === "run.succeeded" || type === "run.failed") && all.reload(),
    joined: all.reload,
  });
  return (
    <Page
      title="Workflows"
      isFilled
      actions={
        <Button icon="plus" tone="primary" unless={whyNotAllowed("edit")} run={() => go("/workflows/+new")}>
          New workflow
        </Button>
      }
      below={
        <SearchField class="workflow-search" label="Search by name or title" value={query.get("q") ?? ""} change={(q) => setQuery({ q })} />
      }
    >
      <Load of={all}>{(found) => <Catalogue all={found} text={text} />}</Load>
    </Page>
  );
}

async function loadAll(signal: AbortSignal): Promise<readonly WorkflowSummary[]> {
  const found: WorkflowSummary[] = [];
  for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
    const page: WorkflowPage = await get<WorkflowPage>("/workflows", { query: { limit: PAGE, cursor }, signal });
    found.push(...page.workflows);
    cursor = page.next;
  }
  return found;
}

function Catalogue({ all, text }: { readonly all: readonly WorkflowSummary[]; readonly text: string }) {
  const rows = all.filter(({ name, title }) => `${name} ${title ?? ""}`.toLowerCase().includes(text));
  return (
    <Table
      label="Workflows"
      rows={rows}
      keyOf={({ name }) => name}
      linkOf={({ name }) => `/workflows/${encodeURIComponent(name)}`}
      nameOf={({ name }) => name}
      columns={[
        { head: "Workflow", width: "minmax(200px, 2fr)", cell: (one) => <Name one={one} /> },
        { head: "Steps", width: "60px", isNumber: true, cell: ({ steps }) => count(steps) },
        { head: "Versions", width: "70px", isNumber: true, cell: ({ versions }) => count(versions) },
        { head: "Last run", width: "minmax(200px, 1fr)", cell: (one) => <LastRun one={one} /> },
        {
          head: "Deployed",
          width: "minmax(140px, 1fr)",
          cell: ({ deployedAt, deployedBy }) => (
            <span class="soft">
              <Time at={deployedAt} /> by {deployedBy}
            </span>
          ),
        },
      ]}
      narrow={(one) => (
        <>
          <Name one={one} />
          <span class="row small">
            <LastRun one={one} />
            <span class="soft">{many(one.steps, "step")}</span>
          </span>
        </>
      )}
      empty={
        all.length === 0 ? (
          <Empty title="No workflow is deployed" icon="workflow">
            <p>
              Deploy one with <code>troupe deploy FILE</code>, or <a href="/workflows/+new">write one here</a>.
            </p>
          </Empty>
        ) : (
          <Empty title={`No workflow fits “${text}”`} />
        )
      }
    />
  );
}

function Name({ one: { name, title } }: { readonly one: WorkflowSummary }) {
  return (
    <span class="ellipsis">
      <b class="workflow-name">{name}</b> {title !== null && <span class="soft">{title}</span>}
    </span>
  );
}

function LastRun({ one: { lastRun } }: { readonly one: WorkflowSummary }) {
  if (lastRun === null) return <span class="soft">never run</span>;
  return (
    <a class="last-run" href={`/runs/${lastRun.id}`}>
      <StateBadge state={lastRun.state} />{" "}
      <span class="soft">
        <Time at={lastRun.createdAt} />
      </span>
    </a>
  );
}
