/** Rules and deliveries as people and programs see them. */
import type { DeliveryView, NotificationsView, NotifyRuleView } from "../../contract/notification-view.ts";
import type { TenantId } from "../../core/ids.ts";
import { isJsonObject } from "../../core/json.ts";
import type { NotifyRule } from "../../plan/notify-rule.ts";
import type { DeliveryFilter, DeliveryRow, OutboxReader } from "../../ports/outbox.ts";

const DELIVERIES_SHOWN = 100;

/** Of one tenant: rules are everybody's, deliveries are about somebody's runs (S-31). */
export function notificationsOf(
  store: Pick<OutboxReader, "deliveries">,
  rules: readonly NotifyRule[],
  tenant: TenantId,
): NotificationsView {
  return { rules: rules.map(ruleView), deliveries: deliveryViews(store, { tenant, limit: DELIVERIES_SHOWN }) };
}

export function deliveryViews(store: Pick<OutboxReader, "deliveries">, filter: DeliveryFilter): readonly DeliveryView[] {
  return store.deliveries(filter).map(deliveryView);
}

export function ruleView({ name, target, on, when, oncePer, throttleMs }: NotifyRule): NotifyRuleView {
  return { name, channel: target.channel, on, conditional: when !== null, oncePer, throttleMs };
}

function deliveryView({
  id,
  rule,
  channel,
  type,
  action,
  run,
  facts,
  state,
  events,
  attempts,
  at,
  dueAt,
  endedAt,
  error,
}: DeliveryRow): DeliveryView {
  const what = isJsonObject(facts) && typeof facts.what === "string" ? facts.what : type;
  return {
    id,
    rule,
    channel,
    type,
    action,
    run,
    what,
    state,
    events,
    attempts,
    at,
    dueAt: state === "pending" ? dueAt : null,
    endedAt,
    error,
  };
}
