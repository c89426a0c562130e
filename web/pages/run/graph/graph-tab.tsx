import { useMemo } from "preact/hooks";
import type { GraphView } from "../../../../src/contract/graph-view.ts";
import type { RunAnswer } from "../../../../src/contract/run-view.ts";
import { get } from "../../../api/request.ts";
import { go } from "../../../shell/router.ts";
import { Load } from "../../../ui/states.tsx";
import { useLoaded } from "../../../ui/use-loaded.ts";
import { stepAddress } from "../address.ts";
import { Dag } from "./dag.tsx";
import { looksOf, parentOf } from "./looks.ts";

export function GraphTab({ run, chosen }: { readonly run: RunAnswer; readonly chosen: string | null }) {
  const graph = useLoaded(`graph ${run.id}`, (signal) => get<GraphView>(`/runs/${run.id}/graph`, { signal }));
  const looks = useMemo(() => looksOf(run.steps), [run.steps]);
  return (
    <Load of={graph}>
      {(view) => <Dag graph={view} looks={looks} chosen={chosen === null ? null : parentOf(chosen)} choose={(id) => go(stepAddress(id))} />}
    </Load>
  );
}
