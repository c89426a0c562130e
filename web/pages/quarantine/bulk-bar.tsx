/** The same decision about several steps. Outputs differ from step to step, so they are given one by one. */
import { useState } from "preact/hooks";
import type { QuarantinedView } from "../../../src/contract/quarantined-view.ts";
import { whyNotAllowed } from "../../api/session.ts";
import { Button } from "../../ui/button.tsx";
import { ask } from "../../ui/dialog.tsx";
import { many } from "../../ui/format.ts";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { takeOutAll } from "./take-out.ts";
import { byWorkflow, WAYS_OUT, type WayOut } from "./ways-out.ts";

interface BulkBarProps {
  readonly selected: readonly QuarantinedView[];
  readonly total: number;
  readonly selectAll: () => void;
  readonly left: () => void;
}

export function BulkBar({ selected, total, selectAll, left }: BulkBarProps) {
  const [done, setDone] = useState<number | null>(null);
  const take = async (way: WayOut): Promise<void> => {
    const answer = await confirm(way, selected);
    if (answer === null || way.kind === "override") return;
    const decision = way.kind === "release" ? { kind: way.kind } : { kind: way.kind, reason: answer.reason ?? null };
    setDone(0);
    const outcome = await takeOutAll(selected, decision, setDone);
    setDone(null);
    if (outcome.done > 0) toast(`${many(outcome.done, "step")} ${way.done}.`);
    for (const { of, problem } of outcome.problems)
      toastProblem({ detail: `${of.workflow}, ${of.step}: ${problem.detail}`, fix: problem.fix });
    left();
  };
  return (
    <div class="bulk-bar">
      <button type="button" class="chip" aria-pressed={selected.length > 0 && selected.length === total} onClick={selectAll}>
        All {total}
      </button>
      <span class="soft small grow" role="status">
        {done !== null ? `${done} of ${selected.length} done` : selected.length === 0 ? "" : `${selected.length} selected`}
      </span>
      {selected.length > 0 &&
        WAYS_OUT.filter(({ kind }) => kind !== "override").map((way) => (
          <Button
            key={way.kind}
            icon={way.icon}
            label={`${way.name}: ${many(selected.length, "step")}`}
            tone="quiet"
            unless={whyNotAllowed(way.right)}
            run={() => take(way)}
          />
        ))}
    </div>
  );
}

function confirm(way: WayOut, selected: readonly QuarantinedView[]) {
  return ask({
    title: `${way.name}: ${many(selected.length, "step")}`,
    body: (
      <>
        <p>{way.does}</p>
        <p class="soft">
          {byWorkflow(selected)
            .map(({ workflow, count }) => `${count} of ${workflow}`)
            .join(", ")}
          .
        </p>
      </>
    ),
    yes: way.name,
    tone: way.kind === "fail" ? "danger" : "primary",
    fields: way.kind === "release" ? [] : [{ name: "reason", label: "Reason, for the journal", kind: "long" }],
  });
}
