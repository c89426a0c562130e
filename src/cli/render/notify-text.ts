/** Rules and notifications as tables. */
import type { DeliveryView, NotifyRuleView } from "../../contract/notification-view.ts";
import type { Look, Style } from "./look.ts";
import { shortRunId } from "./run-id.ts";
import { renderTable } from "./table.ts";
import { timeText } from "./value.ts";

export interface RuleRow extends NotifyRuleView {
  readonly pending: number;
  readonly failed: number;
  readonly dropped: number;
  readonly breaker: string;
}

export function renderRules(rows: readonly RuleRow[], look: Look): string[] {
  const bad = (count: number): readonly [Style, string] => [count > 0 ? "yellow" : "gray", String(count)];
  return renderTable(
    [
      { title: "RULE" },
      { title: "CHANNEL" },
      { title: "BREAKER" },
      { title: "PENDING", align: "right" },
      { title: "FAILED", align: "right" },
      { title: "DROPPED", align: "right" },
      { title: "ON" },
    ],
    rows.map(({ name, channel, breaker, pending, failed, dropped, on, conditional }) => [
      name,
      channel,
      breaker === "closed" ? breaker : ["yellow", breaker],
      String(pending),
      bad(failed),
      bad(dropped),
      `${on.join(", ")}${conditional ? " when …" : ""}`,
    ]),
    look,
  );
}

const STYLES: Readonly<Record<DeliveryView["state"], Style>> = {
  sent: "green",
  pending: "yellow",
  failed: "red",
  dropped: "red",
  grouped: "gray",
};

export function renderDeliveries(rows: readonly DeliveryView[], now: number, look: Look): string[] {
  return renderTable(
    [{ title: "AT" }, { title: "RULE" }, { title: "STATE" }, { title: "TRIES", align: "right" }, { title: "RUN" }, { title: "WHAT" }],
    rows.map(({ at, rule, state, attempts, run, what, events, error, action }) => [
      timeText(at, now),
      rule,
      [STYLES[state], state],
      String(attempts),
      run === null ? "" : shortRunId(run),
      `${action === "trigger" ? "" : `${action}: `}${events > 1 ? `${events} × ` : ""}${what}${error === null ? "" : ` (${error})`}`,
    ]),
    look,
  );
}
