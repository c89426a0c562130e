/** The server, the engine behind it and the store, and what is wrong with them. */
import type { CacheView } from "../../../src/contract/cache-view.ts";
import type { SystemView } from "../../../src/contract/system-view.ts";
import type { TenantView } from "../../../src/contract/tenant-view.ts";
import { get } from "../../api/request.ts";
import { Icon } from "../../ui/icon.tsx";
import { Page } from "../../ui/page.tsx";
import { Load } from "../../ui/states.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";
import { CachePanel } from "./cache-panel.tsx";
import { ChecksPanel } from "./checks-panel.tsx";
import { EnginePanel, JournalPanel, QueuePanel } from "./engine-panels.tsx";
import { TenantPanel } from "./tenant-panel.tsx";
import "./system.css";

export function View() {
  const system = useLoaded("system", (signal) => get<SystemView>("/system", { signal }), { everyMs: 3_000 });
  const tenants = useLoaded("tenants", (signal) => get<readonly TenantView[]>("/tenants", { signal }), { everyMs: 10_000 });
  const cache = useLoaded("cache", (signal) => get<CacheView>("/cache", { signal }), { everyMs: 30_000 });
  return (
    <Page
      title="System"
      actions={
        <>
          <a class="button plain" href="/docs" target="_blank" rel="noreferrer">
            <Icon name="outside" />
            <span>API reference</span>
          </a>
          <a class="button plain" href="/openapi.json" target="_blank" rel="noreferrer">
            <Icon name="outside" />
            <span>OpenAPI</span>
          </a>
        </>
      }
    >
      <div class="stack">
        <Load of={system}>
          {(view) => (
            <>
              <ChecksPanel checks={view.checks} />
              <div class="system-panels">
                <EnginePanel view={view} />
                <QueuePanel view={view} />
                <JournalPanel view={view} />
                <Load of={tenants}>{(all) => all.map((one) => <TenantPanel key={one.tenant} tenant={one} />)}</Load>
              </div>
            </>
          )}
        </Load>
        <Load of={cache}>{(view) => <CachePanel cache={view} />}</Load>
      </div>
    </Page>
  );
}
