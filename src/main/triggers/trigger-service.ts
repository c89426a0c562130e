/** What the API asks of schedules and events, answered by a project and whoever drives it. */
import type { TriggerService } from "../../api/trigger-service.ts";
import { RequestError } from "../../core/errors.ts";
import type { TenantId } from "../../core/ids.ts";
import type { Driver, Project } from "../project-shape.ts";
import { runAnswer } from "../run-pages.ts";
import type { Deliveries } from "./deliveries.ts";
import { HEADERS_ALLOWED } from "./event-plan.ts";
import type { HookDesk } from "./hooks.ts";
import { createScheduleDesk } from "./schedule-desk.ts";
import { verifySignature } from "./signature.ts";

export interface TriggerParts {
  readonly project: Project;
  readonly driver: Driver;
  readonly deliveries: Deliveries;
  readonly hooks: HookDesk;
  readonly warn: (message: string) => void;
}

export function createTriggerService({ project, driver, deliveries, hooks, warn }: TriggerParts): TriggerService {
  const desk = createScheduleDesk(project, warn);
  return {
    schedules: (query, { tenant }) => desk.list(tenant, query),
    slots: (id, limit, { tenant }) => desk.slots(tenant, id, limit),
    pause: (id, reason, { tenant, name }) => desk.pause(tenant, id, name, reason),
    resume: (id, { tenant, name }) => desk.resume(tenant, id, name),
    async run(id, { tenant, name }) {
      const runId = await desk.run(tenant, id, name, driver);
      return runAnswer(project.store, await project.snapshots.get(runId));
    },
    send({ name, body, headers, key }, { tenant }) {
      const replay = key === undefined ? null : `key:${key}`;
      return deliveries.deliver({ tenant, name, id: key ?? "", body, headers: allowed(headers), replay, expires: true });
    },
    async receive({ name, hook: id, bytes, headers, parse }) {
      const hook = hooks.find(id);
      // A hook that is not there is asked like one whose secret is not to be had, so that both take as long.
      const header = (wanted: string): string | undefined => headers[wanted];
      const secret = hook === null || hook.event !== name ? "" : hooks.secretOf(hook);
      const genuine = verifySignature(hook?.scheme ?? "standard", secret, { body: bytes, header }, Date.now());
      if (hook === null || genuine === null) throw new RequestError("HOOK_SIGNATURE");
      return deliveries.deliver({
        tenant: hook.tenant as TenantId, // Any text names a tenant.
        name,
        id: genuine.id,
        body: parse(),
        headers: allowed(headers),
        replay: `${hook.id}:${genuine.replay}`,
        expires: genuine.expires,
      });
    },
  };
}

function allowed(headers: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(HEADERS_ALLOWED.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));
}
