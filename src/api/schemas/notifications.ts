/** Who is told of what, and what has become of it. */
import { Type } from "typebox";
import type { NotificationsView } from "../../contract/notification-view.ts";
import { at, component, count, milliseconds, textOrNull, time } from "./shared.ts";

export const Notifications = component<NotificationsView>(
  "Notifications",
  Type.Object({
    rules: Type.Array(
      Type.Object({
        name: Type.String(),
        channel: Type.String(),
        on: Type.Array(Type.String()),
        conditional: Type.Boolean(),
        oncePer: textOrNull,
        throttleMs: milliseconds,
      }),
    ),
    deliveries: Type.Array(
      Type.Object({
        id: Type.String(),
        rule: Type.String(),
        channel: Type.String(),
        type: Type.String(),
        action: Type.String(),
        run: textOrNull,
        what: Type.String(),
        state: Type.String(),
        events: count,
        attempts: count,
        at,
        dueAt: time,
        endedAt: time,
        error: textOrNull,
      }),
    ),
  }),
);
