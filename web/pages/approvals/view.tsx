/** What runs ask people: the list, and all that one decision is about. */
import type { PendingDecision } from "../../../src/contract/pending-decision.ts";
import { get } from "../../api/request.ts";
import { useFeed } from "../../live/use-feed.ts";
import type { PageProps } from "../../shell/page-props.ts";
import { go } from "../../shell/router.ts";
import { isNarrow } from "../../ui/narrow.ts";
import { Page } from "../../ui/page.tsx";
import { Split } from "../../ui/split.tsx";
import { Empty, Load } from "../../ui/states.tsx";
import { Table } from "../../ui/table.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";
import { ApprovalRow } from "./approval-row.tsx";
import { Deciding } from "./deciding.tsx";
import { Gone } from "./gone.tsx";
import { readRequest } from "./read-request.ts";
import "./approvals.css";

export function View({ parts: { run, step } }: PageProps) {
  const waiting = useLoaded("approvals", async (signal) => inOrder(await get<readonly PendingDecision[]>("/approvals", { signal })), {
    everyMs: 15_000,
  });
  useFeed({ heard: (event) => mayChange(event.type) && waiting.reload(), joined: waiting.reload });
  return (
    <Page title="Approvals" isFilled>
      <Load of={waiting}>{(all) => <Approvals all={all} run={run} step={step} reload={waiting.reload} />}</Load>
    </Page>
  );
}

interface ApprovalsProps {
  readonly all: readonly PendingDecision[];
  readonly run: string | undefined;
  readonly step: string | undefined;
  readonly reload: () => void;
}

function Approvals({ all, run, step, reload }: ApprovalsProps) {
  const chosen = run === undefined ? all[0] : all.find((one) => one.run === run && (step === undefined || one.step === step));
  const decided = (): void => {
    reload();
    const next = all.find((one) => one !== chosen);
    go(next === undefined || isNarrow.peek() ? "/approvals" : linkTo(next), { replace: true });
  };
  const empty = (
    <Empty title="Nothing waits for a decision" icon="approval">
      A step of type <code>approval</code> asks here.
    </Empty>
  );
  if (all.length === 0 && run === undefined) return empty;
  return (
    <Split
      isChosen={run !== undefined}
      back={{ to: "/approvals", text: "All approvals" }}
      list={
        <Table
          label="Approvals"
          rows={all}
          keyOf={keyOf}
          linkOf={linkTo}
          nameOf={(one) => `${readRequest(one.request).prompt || one.step}, ${readRequest(one.request).workflow}`}
          columns={[{ head: "Waits for a decision", width: "1fr", cell: (one) => <ApprovalRow pending={one} /> }]}
          narrow={(one) => <ApprovalRow pending={one} />}
          rowHeight={72}
          currentKey={chosen === undefined || (isNarrow.value && run === undefined) ? null : keyOf(chosen)}
          empty={empty}
        />
      }
      detail={
        chosen === undefined ? (
          run !== undefined && <Gone run={run} step={step ?? null} />
        ) : (
          <Deciding key={chosen.digest} pending={chosen} decided={decided} reload={reload} />
        )
      }
    />
  );
}

function keyOf({ run, step }: PendingDecision): string {
  return `${run}/${step}`;
}

function linkTo({ run, step }: PendingDecision): string {
  return `/approvals/${encodeURIComponent(run)}/${encodeURIComponent(step)}`;
}

/** What is due first, first. */
function inOrder(all: readonly PendingDecision[]): readonly PendingDecision[] {
  return all.toSorted((left, right) => (left.dueAt ?? Number.MAX_SAFE_INTEGER) - (right.dueAt ?? Number.MAX_SAFE_INTEGER));
}

/** Somebody is asked, has answered, or is asked no more. */
function mayChange(type: string): boolean {
  return type.startsWith("approval.") || type === "step.waiting" || /^run\.(resumed|succeeded|failed|canceled)$/.test(type);
}
