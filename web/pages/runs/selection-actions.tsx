import type { RunSummary } from "../../../src/contract/run-summary.ts";
import { whyNotAllowed } from "../../api/session.ts";
import { Button } from "../../ui/button.tsx";
import { ask } from "../../ui/dialog.tsx";
import { many } from "../../ui/format.ts";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { type BulkResult, forAll } from "./bulk.ts";

interface SelectionProps {
  readonly runs: readonly RunSummary[];
  readonly clear: () => void;
  readonly done: () => void;
}

const NAMED_MAX = 5;

/** What can be done with all runs that are selected. */
export function SelectionActions({ runs, clear, done }: SelectionProps) {
  if (runs.length === 0) return null;
  const open = runs.filter(({ endedAt }) => endedAt === null);
  const unsuccessful = runs.filter(({ state }) => state === "failed" || state === "canceled");
  const denied = whyNotAllowed("operate");
  const tell = (verb: string, { done: count, problems }: BulkResult): void => {
    if (count > 0) toast(`${verb} ${many(count, "run")}.`);
    const [first] = problems;
    if (first !== undefined) toastProblem({ ...first, detail: `Not done for ${many(problems.length, "run")}: ${first.detail}` });
    clear();
    done();
  };
  const cancel = async (): Promise<void> => {
    const answers = await ask({
      title: `Cancel ${many(open.length, "run")}?`,
      body: <Names runs={open} />,
      yes: `Cancel ${many(open.length, "run")}`,
      tone: "danger",
      fields: [{ name: "reason", label: "Reason, for the journal" }],
    });
    if (answers !== null)
      tell(
        "Canceled",
        await forAll(
          open.map(({ id }) => id),
          "cancel",
          answers,
        ),
      );
  };
  const retry = async (): Promise<void> => {
    const answers = await ask({
      title: `Retry ${many(unsuccessful.length, "run")}?`,
      body: (
        <>
          <p>Each becomes a new run, which takes over what has succeeded.</p>
          <Names runs={unsuccessful} />
        </>
      ),
      yes: `Retry ${many(unsuccessful.length, "run")}`,
    });
    if (answers !== null)
      tell(
        "Started again",
        await forAll(
          unsuccessful.map(({ id }) => id),
          "retry",
        ),
      );
  };
  return (
    <div class="row wrap">
      <span class="num" role="status">
        {runs.length} selected
      </span>
      <Button icon="stop" unless={denied ?? (open.length === 0 ? "All of them have ended." : null)} run={cancel}>
        Cancel
      </Button>
      <Button icon="retry" unless={denied ?? (unsuccessful.length === 0 ? "None of them has failed or was canceled." : null)} run={retry}>
        Retry
      </Button>
      <Button icon="close" label="Clear the selection" tone="quiet" run={clear} />
    </div>
  );
}

function Names({ runs }: { readonly runs: readonly RunSummary[] }) {
  return (
    <ul>
      {runs.slice(0, NAMED_MAX).map(({ id, workflow }) => (
        <li key={id}>
          {workflow} <span class="mono soft">{id}</span>
        </li>
      ))}
      {runs.length > NAMED_MAX && <li class="soft">and {many(runs.length - NAMED_MAX, "other")}</li>}
    </ul>
  );
}
