import type { GraphView } from "../../../src/contract/graph-view.ts";

/** Steps by the wave in which they can begin, with what each waits for. */
export function Waves({ graph: { nodes, edges } }: { readonly graph: GraphView }) {
  const waves = [...Map.groupBy(nodes, ({ wave }) => wave)].toSorted(([left], [right]) => left - right);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
    <section class="waves" aria-label="Waves of steps" tabIndex={0}>
      {waves.map(([wave, steps], index) => (
        <section key={wave} class="wave" aria-label={`Wave ${index + 1}`}>
          <h3 class="soft small">Wave {index + 1}</h3>
          <ul>
            {steps.map(({ id, title, type, critical, fansOut }) => (
              <li key={id} class={critical ? "wave-step critical" : "wave-step"}>
                <span class="row">
                  <b class="ellipsis" title={id}>
                    {id}
                  </b>
                  <span class="tag">{type}</span>
                </span>
                {title !== null && <span class="soft small ellipsis">{title}</span>}
                <span class="soft small">
                  {needsText(edges.filter(({ to }) => to === id).map(({ from }) => from))}
                  {fansOut && " · for each item"}
                  {critical && " · critical"}
                </span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </section>
  );
}

function needsText(needs: readonly string[]): string {
  return needs.length === 0 ? "starts at once" : `after ${[...new Set(needs)].join(", ")}`;
}
