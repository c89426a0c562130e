import type { TenantView } from "../../../src/contract/tenant-view.ts";
import { count } from "../../ui/format.ts";
import { Money } from "../../ui/texts.tsx";
import { RunCounts } from "./engine-panels.tsx";
import { Fact, Panel } from "./panel.tsx";

export function TenantPanel({ tenant }: { readonly tenant: TenantView }) {
  return (
    <Panel title={`Tenant ${tenant.tenant}`}>
      <dl class="facts">
        <Fact name="Workflows">
          <a href="/workflows">{count(tenant.workflows)}</a>
        </Fact>
        <Fact name="Cost today">
          <Money usd={tenant.costTodayUsd} />
        </Fact>
        <Fact name="Cost of 30 days">
          <a href="/costs">
            <Money usd={tenant.cost30DaysUsd} />
          </a>
        </Fact>
        <Fact name="Approvals">{count(tenant.pendingApprovals)}</Fact>
        <Fact name="Quarantined">{count(tenant.quarantinedSteps)}</Fact>
      </dl>
      <RunCounts runs={tenant.runs} />
    </Panel>
  );
}
