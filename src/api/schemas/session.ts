/** Sessions of browsers, and metrics. */
import { Type } from "typebox";
import { ROLES } from "../../contract/role.ts";
import { RIGHTS, type SessionView } from "../../contract/session-view.ts";
import { component, strict, text, textOrNull } from "./shared.ts";

/** One or the other, so that nobody wonders which of them counted. */
export const SessionBody = Type.Union([
  Type.Object({ ticket: text("Of a login link.") }, strict),
  Type.Object({ key: text("As `troupe keys create` told it.") }, strict),
]);

export const Session = component<SessionView>(
  "Session",
  Type.Object({
    name: Type.String(),
    role: Type.Enum(ROLES),
    tenant: Type.String(),
    rights: Type.Array(Type.Enum(RIGHTS)),
    csrf: { ...textOrNull, description: "For `x-troupe-csrf`; null for a key." },
    version: Type.String(),
  }),
);
export const Ended = Type.Unsafe<undefined>({ type: "null", description: "It is none any more." });
export const StreamTicket = Type.Object({ ticket: Type.String() });
export const MetricsText = Type.String({ description: "In a text format of Prometheus or in OpenMetrics." });
