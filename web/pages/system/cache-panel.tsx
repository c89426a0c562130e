import type { CacheView } from "../../../src/contract/cache-view.ts";
import { bytes, count, duration } from "../../ui/format.ts";
import { Heads } from "../../ui/heads.tsx";
import { Time } from "../../ui/texts.tsx";
import { Fact, Panel } from "./panel.tsx";

const ROWS_SHOWN = 50;

/** Which results are kept, so that steps need not be done again. */
export function CachePanel({ cache }: { readonly cache: CacheView }) {
  const { technology, entries, rows, complete } = cache;
  return (
    <Panel title="Step cache">
      <dl class="facts">
        <Fact name="Kept in">{technology}</Fact>
        <Fact name="Entries">
          {complete ? "" : "more than "}
          {count(entries)}
        </Fact>
        <Fact name="Size">{bytes(cache.bytes)}</Fact>
      </dl>
      {rows.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
        <div class="grid-holder" tabIndex={0}>
          <table class="grid">
            <caption class="hidden">Entries by step, used last first</caption>
            <Heads of={["Step", ["Entries", "number"], ["Size", "number"], ["A hit saves", "number"], "Used"]} />
            <tbody>
              {rows.slice(0, ROWS_SHOWN).map((row) => (
                <tr key={`${row.workflow}/${row.step}`}>
                  <th scope="row">
                    <span class="soft">{row.workflow} / </span>
                    {row.step}
                  </th>
                  <td class="number">{count(row.entries)}</td>
                  <td class="number">{bytes(row.bytes)}</td>
                  <td class="number">{duration(row.tookMs)}</td>
                  <td>
                    <Time at={row.usedAt} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rows.length > ROWS_SHOWN && <p class="soft small">Only the {ROWS_SHOWN} used last are shown; `troupe cache ls` shows all.</p>}
    </Panel>
  );
}
