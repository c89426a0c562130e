/** An approval that does not wait any more: what became of it, and by whom. */
import type { StepDetail } from "../../../src/contract/step-detail.ts";
import { isJsonObject, textOf } from "../../api/json.ts";
import { get } from "../../api/request.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Load } from "../../ui/states.tsx";
import { Time } from "../../ui/texts.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";

export function Gone({ run, step }: { readonly run: string; readonly step: string | null }) {
  const path = `/runs/${encodeURIComponent(run)}/steps/${encodeURIComponent(step ?? "")}`;
  const detail = useLoaded(step === null ? null : path, (signal) => get<StepDetail>(path, { signal }));
  return (
    <div class="stack">
      <h2 class="row">
        <Icon name="approval" /> This does not wait any more
      </h2>
      {step !== null && <Load of={detail}>{(found) => <Outcome detail={found} />}</Load>}
      <p>
        <a href={`/runs/${run}`}>Look at the run</a>
      </p>
    </div>
  );
}

function Outcome({ detail: { step } }: { readonly detail: StepDetail }) {
  // An approval tells who in its output, a rejection in its failure.
  const told = isJsonObject(step.output) && step.output.decision !== undefined ? step.output : (step.error?.extra ?? null);
  const [decision, by, comment] = [
    textOf(told ?? undefined, "decision"),
    textOf(told ?? undefined, "by"),
    textOf(told ?? undefined, "comment"),
  ];
  const at = Date.parse(textOf(told ?? undefined, "at") ?? "");
  return (
    <div class="stack tight">
      <p class="row wrap">
        <StateBadge state={step.state} detail={step.detail} />
        <span>
          {decision === null ? (step.error?.title ?? `Step ${step.id} is ${step.state}.`) : `${by ?? "Nobody"} ${decision} it`}
          {!Number.isNaN(at) && (
            <>
              {" "}
              <Time at={at} />
            </>
          )}
        </span>
      </p>
      {comment !== null && <blockquote class="quote">{comment}</blockquote>}
    </div>
  );
}
