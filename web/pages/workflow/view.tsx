/** One workflow: how it does, what it will do, how it is written, what it was before; and where it is started. */
import type { WorkflowView } from "../../../src/contract/workflow-view.ts";
import { whyNotAllowed } from "../../api/session.ts";
import { useKeys } from "../../shell/keys.ts";
import type { PageProps } from "../../shell/page-props.ts";
import { go } from "../../shell/router.ts";
import { Button } from "../../ui/button.tsx";
import { Page } from "../../ui/page.tsx";
import { Empty, Load } from "../../ui/states.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";
import { type Deployed, loadWorkflow } from "./deployed.ts";
import { NewWorkflow } from "./new-workflow.tsx";
import { Overview } from "./overview.tsx";
import { PlanTab } from "./plan-tab.tsx";
import { RetryTab } from "./retry-tab.tsx";
import { SourceTab } from "./source-tab.tsx";
import { StartTab } from "./start-tab.tsx";
import { VersionsTab } from "./versions-tab.tsx";
import "./workflow.css";

const TABS = ["overview", "plan", "source", "versions", "retries"] as const;

export function View({ parts: { name = "", tab = "overview" } }: PageProps) {
  if (name === "+new") return <NewWorkflow />;
  return <OneWorkflow key={name} name={name} tab={tab} />;
}

function OneWorkflow({ name, tab }: { readonly name: string; readonly tab: string }) {
  const at = `/workflows/${encodeURIComponent(name)}`;
  const loaded = useLoaded(name, (signal) => loadWorkflow(name, signal));
  const start = (): void => go(`${at}/start`);
  useKeys("Workflow", [{ keys: "s", says: "Start it", run: start }]);
  const view = loaded.state.kind === "ready" ? loaded.state.value.view : null;
  return (
    <Page
      title={name}
      heading={
        <>
          {name} {view !== null && view.title !== null && <span class="soft workflow-title">{view.title}</span>}
        </>
      }
      actions={
        <Button icon="play" tone="primary" keys="s" unless={whyNotAllowed("operate")} run={start}>
          Start…
        </Button>
      }
      below={
        <Tabs
          label={name}
          current={nameOfTab(tab)}
          tabs={TABS.map((one) => ({
            name: nameOfTab(one),
            to: one === "overview" ? at : `${at}/${one}`,
            ...(one === "versions" && view !== null && { count: view.versions }),
          }))}
        />
      }
    >
      <Load of={loaded}>{(deployed) => <Tab deployed={deployed} tab={tab} reload={loaded.reload} />}</Load>
    </Page>
  );
}

function Tab({ deployed, tab, reload }: { readonly deployed: Deployed; readonly tab: string; readonly reload: () => void }) {
  const { view } = deployed;
  switch (tab) {
    case "overview":
      return <Overview view={view} />;
    case "plan":
      return <PlanTab view={view} />;
    case "source":
      return <SourceTab deployed={deployed} reload={reload} />;
    case "versions":
      return <VersionsTab view={view} />;
    case "retries":
      return <RetryTab view={view} />;
    case "start":
      return <StartTab view={view} />;
    default:
      return (
        <Empty title="There is no such page">
          <a href={linkTo(view)}>Look at the workflow</a>
        </Empty>
      );
  }
}

function linkTo({ name }: WorkflowView): string {
  return `/workflows/${encodeURIComponent(name)}`;
}

function nameOfTab(tab: string): string {
  return tab.charAt(0).toUpperCase() + tab.slice(1);
}
