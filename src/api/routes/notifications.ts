/** Who is told of what, and what has become of it. */
import { Type } from "typebox";
import type { NotificationsView } from "../../contract/notification-view.ts";
import type { Api } from "../api.ts";
import { callerOf } from "../guard.ts";
import type { RunService } from "../service.ts";

const maybeTime = Type.Union([Type.Integer(), Type.Null()], { description: "Epoch milliseconds." });
const maybeText = Type.Union([Type.String(), Type.Null()]);

const Notifications = Type.Unsafe<NotificationsView>(
  Type.Object({
    rules: Type.Array(
      Type.Object({
        name: Type.String(),
        channel: Type.String(),
        on: Type.Array(Type.String()),
        conditional: Type.Boolean(),
        oncePer: maybeText,
        throttleMs: maybeTime,
      }),
    ),
    deliveries: Type.Array(
      Type.Object({
        id: Type.String(),
        rule: Type.String(),
        channel: Type.String(),
        type: Type.String(),
        action: Type.String(),
        run: maybeText,
        what: Type.String(),
        state: Type.String(),
        events: Type.Integer(),
        attempts: Type.Integer(),
        at: Type.Integer(),
        dueAt: maybeTime,
        endedAt: maybeTime,
        error: maybeText,
      }),
    ),
  }),
);

export function notificationRoutes(app: Api, service: Pick<RunService, "notifications">): void {
  app.get(
    "/notifications",
    {
      config: { right: "read" },
      schema: {
        summary: "Rules, and the latest hundred notifications of the caller's tenant",
        tags: ["notifications"],
        response: { 200: Notifications },
      },
    },
    (request) => service.notifications(callerOf(request)),
  );
}
