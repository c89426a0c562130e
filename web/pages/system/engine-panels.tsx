import type { SystemView } from "../../../src/contract/system-view.ts";
import { bytes, count, duration, many } from "../../ui/format.ts";
import { now } from "../../ui/now.ts";
import { Fact, Panel } from "./panel.tsx";

interface ViewProps {
  readonly view: SystemView;
}

export function EnginePanel({ view }: ViewProps) {
  const { engine, version, startedAt, streams } = view;
  return (
    <Panel
      title="Engine"
      badge={
        <span class="badge" data-family={engine.safeMode ? "failed" : "succeeded"}>
          <span class="badge-sign" aria-hidden="true">
            {engine.safeMode ? "!" : "✓"}
          </span>
          {engine.safeMode ? "safe mode" : "runs"}
        </span>
      }
    >
      <dl class="facts">
        <Fact name="Version">{version}</Fact>
        <Fact name="Up for">{duration(Math.max(0, now.value - startedAt))}</Fact>
        <Fact name="Where">{engine.kind === "local" ? "in this process" : "in another process"}</Fact>
        <Fact name="Epoch">{count(engine.epoch)}</Fact>
        <Fact name="Event streams">{count(streams.sse)}</Fact>
        <Fact name="WebSockets">{count(streams.websocket)}</Fact>
      </dl>
      {engine.safeMode && (
        <p>
          It has crashed too often, and starts nothing until somebody has looked: <code>troupe recover</code>.
        </p>
      )}
    </Panel>
  );
}

/** The most urgent first. */
export function QueuePanel({ view }: ViewProps) {
  const { queue, workers } = view;
  const waiting = queue.depths.reduce((sum, depth) => sum + depth, 0);
  const most = Math.max(1, ...queue.depths);
  return (
    <Panel
      title="Queue"
      badge={
        queue.backpressure ? (
          <span class="badge" data-family="retrying">
            <span class="badge-sign" aria-hidden="true">
              ↻
            </span>
            takes no more
          </span>
        ) : undefined
      }
    >
      <Meter
        name="Workers"
        value={workers.busy}
        of={workers.limit}
        text={`${count(workers.busy)} of ${many(workers.limit, "worker")} busy`}
      />
      <Meter name="Places" value={waiting} of={queue.limit} text={`${count(waiting)} of ${count(queue.limit)} places in the queue taken`} />
      <table class="queue">
        <caption class="soft small">Attempts that wait, by priority</caption>
        <tbody>
          {queue.depths.map((depth, index) => (
            <tr key={index}>
              <th scope="row">{index + 1}</th>
              <td class="queue-bar" aria-hidden="true">
                <span style={{ width: `${(100 * depth) / most}%` }} />
              </td>
              <td class="number">{count(depth)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Meter({ name, value, of, text }: { readonly name: string; readonly value: number; readonly of: number; readonly text: string }) {
  return (
    <div class="system-meter">
      <meter min={0} max={Math.max(1, of)} value={value} aria-label={name} title={text} />
      <span class="small num">{text}</span>
    </div>
  );
}

export function JournalPanel({ view }: ViewProps) {
  const { store, runs, quarantined, pendingApprovals } = view;
  return (
    <Panel title="Journal and runs">
      <dl class="facts">
        <Fact name="Size">{bytes(store.bytes)}</Fact>
        <Fact name="Last position">{count(store.lastPosition)}</Fact>
        <Fact name="Waiting for approval">
          <a href="/approvals">{count(pendingApprovals)}</a>
        </Fact>
        <Fact name="Quarantined steps">
          <a href="/quarantine">{count(quarantined)}</a>
        </Fact>
      </dl>
      <RunCounts runs={runs} />
    </Panel>
  );
}

export function RunCounts({ runs }: { readonly runs: Readonly<Record<string, number>> }) {
  const some = Object.entries(runs).filter(([, number]) => number > 0);
  if (some.length === 0) return <p class="soft">No runs.</p>;
  return (
    <ul class="run-counts" aria-label="Runs by state">
      {some.map(([state, number]) => (
        <li key={state}>
          <a href={`/runs?state=${encodeURIComponent(state.split(".")[0] ?? state)}`}>
            <span class="num">{count(number)}</span> {state}
          </a>
        </li>
      ))}
    </ul>
  );
}
