import type { GraphView } from "../../../src/contract/graph-view.ts";
import type { RunPage } from "../../../src/contract/run-summary.ts";
import type { WorkflowView } from "../../../src/contract/workflow-view.ts";
import { get } from "../../api/request.ts";
import { useFeed } from "../../live/use-feed.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { count, many, shortId } from "../../ui/format.ts";
import { Heads } from "../../ui/heads.tsx";
import { Load } from "../../ui/states.tsx";
import { CopyId, Elapsed, Money, Time } from "../../ui/texts.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";
import { Graph } from "./graph.tsx";

const RUNS = 10;

export function Overview({ view }: { readonly view: WorkflowView }) {
  const { name, version, steps, deployedAt, deployedBy, findings } = view;
  const path = `/workflows/${encodeURIComponent(name)}/graph`;
  const graph = useLoaded(`${name}@${version}`, (signal) => get<GraphView>(path, { query: { version }, signal }));
  return (
    <div class="stack">
      <dl class="facts">
        <div>
          <dt>Version</dt>
          <dd>
            <CopyId id={version} text={version.slice(0, 12)} />
          </dd>
        </div>
        <div>
          <dt>Deployed</dt>
          <dd>
            <Time at={deployedAt} /> by {deployedBy}
          </dd>
        </div>
        <div>
          <dt>Steps</dt>
          <dd>{count(steps)}</dd>
        </div>
      </dl>
      {findings.length > 0 && (
        <p class="notice">
          {many(findings.length, "remark")} about its text: <a href={`/workflows/${encodeURIComponent(name)}/source`}>look at the source</a>
          .
        </p>
      )}
      <section class="stack tight" aria-labelledby="steps-title">
        <h2 id="steps-title">Steps</h2>
        <Load of={graph}>{(found) => <Graph graph={found} />}</Load>
      </section>
      <LatestRuns name={name} />
    </div>
  );
}

function LatestRuns({ name }: { readonly name: string }) {
  const runs = useLoaded(name, (signal) => get<RunPage>("/runs", { query: { workflow: name, limit: RUNS }, signal }));
  useFeed({ heard: ({ type }) => type.startsWith("run.") && type !== "run.progress" && runs.reload(), joined: runs.reload });
  return (
    <section class="stack tight" aria-labelledby="runs-title">
      <h2 id="runs-title">Latest runs</h2>
      <Load of={runs}>
        {({ runs: latest, next }) =>
          latest.length === 0 ? (
            <p class="soft">It has not been run yet.</p>
          ) : (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
            <div class="grid-holder" tabIndex={0}>
              <table class="grid">
                <Heads of={["Run", "State", "Started", ["Took", "number"], ["Cost", "number"]]} />
                <tbody>
                  {latest.map(({ id, state, createdAt, startedAt, endedAt, costUsd }) => (
                    <tr key={id}>
                      <th scope="row">
                        <a class="mono" href={`/runs/${id}`}>
                          {shortId(id)}
                        </a>
                      </th>
                      <td>
                        <StateBadge state={state} />
                      </td>
                      <td>
                        <Time at={createdAt} />
                      </td>
                      <td class="number">{startedAt === null ? "—" : <Elapsed from={startedAt} to={endedAt} />}</td>
                      <td class="number">
                        <Money usd={costUsd} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
              {next !== null && (
                <p class="more">
                  <a href={`/runs?workflow=${encodeURIComponent(name)}`}>All runs of {name}</a>
                </p>
              )}
            </div>
          )
        }
      </Load>
    </section>
  );
}
