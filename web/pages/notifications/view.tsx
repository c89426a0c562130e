/** Who is told of what, and what has become of it. */
import { useEffect } from "preact/hooks";
import type { DeliveryView, NotificationsView, NotifyRuleView } from "../../../src/contract/notification-view.ts";
import { get } from "../../api/request.ts";
import { place, setQuery } from "../../shell/router.ts";
import { duration, many, shortId } from "../../ui/format.ts";
import { Page } from "../../ui/page.tsx";
import { Empty, Load } from "../../ui/states.tsx";
import { Time } from "../../ui/texts.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";
import "./notifications.css";
import { Heads } from "../../ui/heads.tsx";

export function View() {
  const loaded = useLoaded("notifications", (signal) => get<NotificationsView>("/notifications", { signal }), { everyMs: 10_000 });
  return (
    <Page title="Notifications">
      <Load of={loaded}>{(view) => <Notifications view={view} />}</Load>
    </Page>
  );
}

function Notifications({ view: { rules, deliveries } }: { readonly view: NotificationsView }) {
  const asked = place.value.query.get("rule");
  const rule = rules.some(({ name }) => name === asked) ? asked : null;
  useEffect(() => {
    if (asked !== null && rule === null) setQuery({ rule: null });
  }, [asked, rule]);
  if (rules.length === 0 && deliveries.length === 0)
    return (
      <Empty title="Nobody is told of anything" icon="bell">
        Rules stand in <code>troupe.config.yaml</code>, under <code>notify</code>.
      </Empty>
    );
  const shown = rule === null ? deliveries : deliveries.filter((one) => one.rule === rule);
  return (
    <div class="stack">
      <section class="stack tight" aria-labelledby="rules-title">
        <h2 id="rules-title">Rules</h2>
        <ul class="rules">
          {rules.map((one) => (
            <Rule key={one.name} rule={one} isChosen={one.name === rule} />
          ))}
        </ul>
      </section>
      <section class="stack tight" aria-labelledby="deliveries-title">
        <h2 id="deliveries-title">Latest{rule !== null && ` of ${rule}`}</h2>
        {shown.length === 0 ? <p class="soft">Nothing was to be told yet.</p> : <Deliveries deliveries={shown} />}
      </section>
    </div>
  );
}

function Rule({ rule, isChosen }: { readonly rule: NotifyRuleView; readonly isChosen: boolean }) {
  const { name, channel, on, conditional, oncePer, throttleMs } = rule;
  const limits = [
    ...(conditional ? ["some of them only"] : []),
    ...(oncePer === null ? [] : [`once per ${oncePer}`]),
    ...(throttleMs === null ? [] : [`at most every ${duration(throttleMs)}`]),
  ];
  return (
    <li>
      <button type="button" class="rule" aria-pressed={isChosen} onClick={() => setQuery({ rule: isChosen ? null : name })}>
        <span class="row">
          <b class="grow ellipsis">{name}</b>
          <span class="tag">{channel}</span>
        </span>
        <span class="soft small mono">{on.join(", ")}</span>
        {limits.length > 0 && <span class="soft small">{limits.join(" · ")}</span>}
      </button>
    </li>
  );
}

const LOOKS = {
  pending: { family: "pending", sign: "○" },
  sent: { family: "succeeded", sign: "✓" },
  failed: { family: "failed", sign: "✗" },
  dropped: { family: "skipped", sign: "–" },
  grouped: { family: "skipped", sign: "＋" },
} as const;

function Deliveries({ deliveries }: { readonly deliveries: readonly DeliveryView[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
    <div class="grid-holder" tabIndex={0}>
      <table class="grid">
        <caption class="hidden">Latest notifications, newest first</caption>
        <Heads of={["What", "Rule", "State", "When", "Run"]} />
        <tbody>
          {deliveries.map((one) => (
            <tr key={one.id}>
              <th scope="row" class="what">
                {one.what}
                <span class="soft small mono what-type">
                  {one.type}
                  {one.events > 1 && ` · ${many(one.events, "event")}`}
                </span>
              </th>
              <td>
                {one.rule} <span class="soft">({one.channel})</span>
              </td>
              <td class="delivery-state">
                <span class="badge" data-family={LOOKS[one.state].family}>
                  <span class="badge-sign" aria-hidden="true">
                    {LOOKS[one.state].sign}
                  </span>
                  {one.state}
                </span>
                {one.error !== null && (
                  <span class="delivery-error small">
                    {one.error} <span class="soft">({many(one.attempts, "attempt")})</span>
                  </span>
                )}
              </td>
              <td>
                <Time at={one.at} />
                {one.dueAt !== null && (
                  <span class="soft small what-type">
                    due <Time at={one.dueAt} />
                  </span>
                )}
              </td>
              <td>
                {one.run === null ? (
                  <span class="soft">—</span>
                ) : (
                  <a class="mono" href={`/runs/${one.run}`}>
                    {shortId(one.run)}
                  </a>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
