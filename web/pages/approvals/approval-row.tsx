import type { PendingDecision } from "../../../src/contract/pending-decision.ts";
import { ago } from "../../ui/format.ts";
import { now } from "../../ui/now.ts";
import { readRequest } from "./read-request.ts";
import { RiskBadge } from "./risk.tsx";

export function ApprovalRow({ pending }: { readonly pending: PendingDecision }) {
  const { prompt, workflow, risk } = readRequest(pending.request);
  return (
    <div class="split-row">
      <div class="row">
        <span class="ellipsis">{prompt || pending.step}</span>
      </div>
      <div class="row small">
        <span class="soft ellipsis">
          {workflow} / {pending.step}
        </span>
        <span class="row">
          {pending.dueAt !== null && <Due at={pending.dueAt} />}
          {risk !== null && risk.level !== "low" && <RiskBadge level={risk.level} />}
        </span>
      </div>
    </div>
  );
}

function Due({ at }: { readonly at: number }) {
  return at > now.value ? <span class="soft num">due {ago(at, now.value)}</span> : <span class="late num">too late</span>;
}
