import type { GraphView } from "../../../src/contract/graph-view.ts";
import { place, setQuery } from "../../shell/router.ts";
import { Dag } from "../run/graph/dag.tsx";

/** Nothing runs: no step has a state to be shown. */
const NO_LOOKS = new Map<string, never>();

/** The steps as they follow each other, and what is known of the one that is looked at. */
export function Graph({ graph }: { readonly graph: GraphView }) {
  const chosen = graph.nodes.find(({ id }) => id === place.value.query.get("step"));
  const of = (side: "from" | "to", other: "from" | "to"): readonly string[] => [
    ...new Set(graph.edges.filter((edge) => edge[side] === chosen?.id).map((edge) => edge[other])),
  ];
  return (
    <div class="panel workflow-graph">
      <div class="workflow-dag">
        <Dag
          graph={graph}
          looks={NO_LOOKS}
          chosen={chosen?.id ?? null}
          choose={(id) => setQuery({ step: id === chosen?.id ? null : id })}
        />
      </div>
      {chosen !== undefined && (
        <dl class="facts workflow-step" aria-label={`Step ${chosen.id}`}>
          <div>
            <dt>Step</dt>
            <dd>
              {chosen.id} {chosen.title !== null && <span class="soft">{chosen.title}</span>}
            </dd>
          </div>
          <div>
            <dt>Type</dt>
            <dd>
              {chosen.type}
              {chosen.fansOut && ", for each item"}
            </dd>
          </div>
          <div>
            <dt>Wave</dt>
            <dd>
              {chosen.wave}
              {chosen.critical && ", on the critical path"}
            </dd>
          </div>
          <Names name="Waits for" ids={of("to", "from")} />
          <Names name="Others that wait for it" ids={of("from", "to")} />
        </dl>
      )}
    </div>
  );
}

function Names({ name, ids }: { readonly name: string; readonly ids: readonly string[] }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{ids.length === 0 ? "none" : ids.join(", ")}</dd>
    </div>
  );
}
