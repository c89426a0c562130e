import type { RetryView, WorkflowView } from "../../../src/contract/workflow-view.ts";
import { get } from "../../api/request.ts";
import { count, duration } from "../../ui/format.ts";
import { Heads } from "../../ui/heads.tsx";
import { Empty, Load } from "../../ui/states.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";

const DELAYS_SHOWN = 8;

/** What happens to each step after a failed attempt. */
export function RetryTab({ view: { name, version } }: { readonly view: WorkflowView }) {
  const path = `/workflows/${encodeURIComponent(name)}/retry`;
  const retries = useLoaded(`${name}@${version}`, (signal) => get<readonly RetryView[]>(path, { query: { version }, signal }));
  return (
    <Load of={retries}>
      {(all) =>
        all.length === 0 ? (
          <Empty title="No step is tried again" icon="retry" />
        ) : (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
          <div class="grid-holder" tabIndex={0}>
            <table class="grid">
              <caption class="hidden">How steps are tried again</caption>
              <Heads of={["Step", ["Attempts", "number"], "Strategy", "Waits between attempts", "After failures of", "Then"]} />
              <tbody>
                {all.map(({ step, maxAttempts, strategy, delaysMs, on, onExhausted }) => (
                  <tr key={step}>
                    <th scope="row" class="mono">
                      {step}
                    </th>
                    <td class="number">{count(maxAttempts)}</td>
                    <td>{maxAttempts > 1 ? strategy : <span class="soft">—</span>}</td>
                    <td>
                      <Delays delays={delaysMs} />
                    </td>
                    <td>{maxAttempts <= 1 || on.length === 0 ? <span class="soft">—</span> : on.join(", ")}</td>
                    <td>{onExhausted}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )
      }
    </Load>
  );
}

/** As bars and as numbers: how they grow is what one wants to see. */
function Delays({ delays }: { readonly delays: readonly number[] }) {
  if (delays.length === 0) return <span class="soft">—</span>;
  const most = Math.max(...delays, 1);
  const total = delays.reduce((sum, delay) => sum + delay, 0);
  return (
    <span class="delays" title={`${duration(total)} in all, without jitter`}>
      <span class="delay-bars" aria-hidden="true">
        {delays.slice(0, DELAYS_SHOWN).map((delay, index) => (
          <span key={index} style={{ height: `${Math.max(8, (100 * delay) / most)}%` }} />
        ))}
      </span>
      <span class="num">
        {delays
          .slice(0, DELAYS_SHOWN)
          .map((delay) => duration(delay))
          .join(", ")}
        {delays.length > DELAYS_SHOWN && `, … ${delays.length} in all`}
      </span>
    </span>
  );
}
