/** Tools that steps may ask, how they have done, and the breakers that keep steps from what does not answer. */
import type { BreakerView, ToolView } from "../../../src/contract/tool-view.ts";
import { get } from "../../api/request.ts";
import { useFeed } from "../../live/use-feed.ts";
import { Page } from "../../ui/page.tsx";
import { Empty, Load } from "../../ui/states.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";
import { BreakerPanel } from "./breaker-panel.tsx";
import { ToolCard } from "./tool-card.tsx";
import "./tools.css";

interface Desk {
  readonly tools: readonly ToolView[];
  readonly breakers: readonly BreakerView[];
}

export function View() {
  const desk = useLoaded<Desk>(
    "tools",
    async (signal) => {
      const [tools, breakers] = await Promise.all([
        get<readonly ToolView[]>("/tools", { signal }),
        get<readonly BreakerView[]>("/breakers", { signal }),
      ]);
      return { tools, breakers };
    },
    { everyMs: 10_000 },
  );
  useFeed({ heard: (event) => event.type.startsWith("breaker.") && desk.reload(), joined: desk.reload });
  return (
    <Page title="Tools">
      <Load of={desk}>{({ tools, breakers }) => <Desks tools={tools} breakers={breakers} reload={desk.reload} />}</Load>
    </Page>
  );
}

function Desks({ tools, breakers, reload }: Desk & { readonly reload: () => void }) {
  const others = breakers.filter(({ tool }) => !tools.some(({ name }) => name === tool));
  if (tools.length === 0 && others.length === 0)
    return (
      <Empty title="No tools" icon="tool">
        Tools are found on the machine, and declared in <code>troupe.router.yaml</code>.
      </Empty>
    );
  return (
    <div class="stack">
      <ul class="tools" aria-label="Tools">
        {tools.map((tool) => (
          <ToolCard key={tool.name} tool={tool} reload={reload} />
        ))}
      </ul>
      {others.length > 0 && (
        <section class="stack" aria-labelledby="other-breakers">
          <h2 id="other-breakers">Other breakers</h2>
          <ul class="tools">
            {others.map((breaker) => (
              <li key={breaker.tool} class="panel">
                <header>
                  <h3 class="grow mono ellipsis" title={breaker.tool}>
                    {breaker.tool}
                  </h3>
                </header>
                <div class="panel-body">
                  <BreakerPanel breaker={breaker} reload={reload} />
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
