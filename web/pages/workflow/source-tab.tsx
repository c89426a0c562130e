/** The text of a workflow, to be read, and to be changed by who may. */
import type { WorkflowView } from "../../../src/contract/workflow-view.ts";
import { whyNotAllowed } from "../../api/session.ts";
import { place, setQuery } from "../../shell/router.ts";
import { Load } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";
import { type Deployed, loadVersion } from "./deployed.ts";
import { SourceEditor } from "./source-editor.tsx";

interface SourceTabProps {
  readonly deployed: Deployed;
  readonly reload: () => void;
}

export function SourceTab({ deployed, reload }: SourceTabProps) {
  const { view } = deployed;
  const asked = place.value.query.get("from");
  const from = asked !== null && asked !== view.version ? asked : null;
  const older = useLoaded(from, (signal) => loadVersion(view.name, from ?? "", signal));
  const done = (next: WorkflowView): void => {
    toast(next.version === view.version ? "Nothing differs: the version stays." : `Version ${next.version.slice(0, 12)} is deployed.`);
    setQuery({ from: null });
    reload();
  };
  const editor = (text: string) => (
    <SourceEditor key={from ?? ""} nameOf={() => view.name} text={text} deployed={deployed} unless={whyNotAllowed("edit")} done={done} />
  );
  return from === null ? editor(view.source) : <Load of={older}>{({ source }) => editor(source)}</Load>;
}
