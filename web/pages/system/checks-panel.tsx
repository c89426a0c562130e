import type { SystemView } from "../../../src/contract/system-view.ts";
import { many } from "../../ui/format.ts";
import { Panel } from "./panel.tsx";

/** What is wrong first, with what to do about it. */
export function ChecksPanel({ checks }: Pick<SystemView, "checks">) {
  const wrong = checks.filter(({ ok }) => !ok);
  return (
    <Panel
      title="Health"
      badge={
        <span class="badge" data-family={wrong.length === 0 ? "succeeded" : "failed"}>
          <span class="badge-sign" aria-hidden="true">
            {wrong.length === 0 ? "✓" : "✗"}
          </span>
          {wrong.length === 0 ? "all is well" : many(wrong.length, "problem")}
        </span>
      }
    >
      <ul class="checks">
        {checks
          .toSorted((left, right) => Number(left.ok) - Number(right.ok))
          .map(({ name, ok, detail, fix }) => (
            <li key={name} data-family={ok ? "succeeded" : "failed"}>
              <span class="state-mark" role="img" aria-label={ok ? "well" : "wrong"}>
                {ok ? "✓" : "✗"}
              </span>
              <div>
                <p>
                  <b>{name}</b> <span class="soft">{detail}</span>
                </p>
                {fix !== null && !ok && <p class="check-fix">{fix}</p>}
              </div>
            </li>
          ))}
      </ul>
    </Panel>
  );
}
