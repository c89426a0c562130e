/** A step that is not in quarantine any more: somebody else was faster. */
import type { StepDetail } from "../../../src/contract/step-detail.ts";
import { get } from "../../api/request.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { Load } from "../../ui/states.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";

export function Released({ run, step }: { readonly run: string; readonly step: string | null }) {
  const path = `/runs/${encodeURIComponent(run)}/steps/${encodeURIComponent(step ?? "")}`;
  const detail = useLoaded(step === null ? null : path, (signal) => get<StepDetail>(path, { signal }));
  return (
    <div class="stack">
      <h2>This step is not in quarantine</h2>
      {step !== null && (
        <Load of={detail}>
          {(found) => (
            <p class="row">
              <code>{step}</code> <StateBadge state={found.step.state} detail={found.step.detail} />
            </p>
          )}
        </Load>
      )}
      <p>
        <a href={`/runs/${run}`}>Look at the run</a>
      </p>
    </div>
  );
}
