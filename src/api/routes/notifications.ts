/** Who is told of what, and what has become of it. */
import type { Api } from "../api.ts";
import { callerOf } from "../guard.ts";
import { Notifications } from "../schemas/notifications.ts";
import type { RunService } from "../service.ts";
import { about, needs } from "./about.ts";

export function notificationRoutes(app: Api, service: Pick<RunService, "notifications">): void {
  app.get(
    "/notifications",
    {
      config: needs("read"),
      schema: about({
        id: "listNotifications",
        summary: "Rules, and the latest hundred notifications of the caller's tenant",
        tag: "plant",
        answers: { 200: Notifications },
      }),
    },
    (request) => service.notifications(callerOf(request)),
  );
}
