import type { ToolView } from "../../../src/contract/tool-view.ts";
import { count, duration } from "../../ui/format.ts";
import { Marked } from "../../ui/marked.tsx";
import { Money } from "../../ui/texts.tsx";
import { BreakerPanel } from "./breaker-panel.tsx";

export function ToolCard({ tool, reload }: { readonly tool: ToolView; readonly reload: () => void }) {
  const { name, kind, available, version, problem, capabilities, breaker } = tool;
  return (
    <li class="panel tool">
      <header>
        <h2 class="ellipsis">{name}</h2>
        <span class="tag">{kind.replaceAll("_", " ")}</span>
        <span class="grow" />
        <span class="badge" data-family={available ? "succeeded" : "skipped"}>
          <span class="badge-sign" aria-hidden="true">
            {available ? "✓" : "–"}
          </span>
          {available ? "available" : "not here"}
        </span>
      </header>
      <div class="panel-body stack">
        {problem !== null && (
          <p class="tool-problem">
            <Marked text={problem} />
          </p>
        )}
        <dl class="facts">
          <Fact name="Version" value={version ?? "—"} />
          <Fact name="Calls" value={count(tool.calls)} />
          <Fact name="Succeeded" value={tool.calls === 0 ? "—" : `${Math.floor((100 * tool.successes) / tool.calls)}%`} />
          <Fact name="Median time" value={tool.p50Ms === null ? "—" : duration(tool.p50Ms)} />
          <div>
            <dt>Cost</dt>
            <dd>
              <Money usd={tool.costUsd} />
            </dd>
          </div>
        </dl>
        {capabilities.length > 0 && (
          <p class="row wrap">
            <span class="soft small">Does</span>
            {capabilities.map((one) => (
              <span key={one} class="tag">
                {one}
              </span>
            ))}
          </p>
        )}
        <BreakerPanel breaker={breaker} reload={reload} />
      </div>
    </li>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
