/** The server of a state directory: the API and its pages before the engine that drives its runs. */
import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { chooseFormat } from "../../observability/metrics/accept.ts";
import { CONTENT_TYPES } from "../../observability/metrics/exposition.ts";
import { createReuse } from "../../observability/metrics/metrics-server.ts";
import type { Metrics } from "../../observability/metrics/open-metrics.ts";
import type { Scrape } from "../api/routes/metrics.ts";
import { createServer, type HttpServer, type ServerOptions } from "../api/server.ts";
import type { NotifyRule } from "../plan/notify-rule.ts";
import { FINAL_SLOT_OUTCOMES, type SlotOutcome } from "../ports/triggers.ts";
import { callerOfKey, mintKey, openKeyRing } from "./api-keys.ts";
import { createEventFeed } from "./event-feed.ts";
import { createPlant } from "./plant.ts";
import type { Driver, Project } from "./project-shape.ts";
import { createRunReader } from "./run-reader.ts";
import { createRunService } from "./run-service.ts";
import { serveInspector } from "./serve-inspector.ts";
import { openSessionDesk } from "./session-desk.ts";
import { createTeller } from "./teller.ts";
import { openTriggers } from "./triggers/open-triggers.ts";
import { createWorkflowService } from "./workflow-desk.ts";

export interface ServeOptions extends Pick<ServerOptions, "allowedHosts" | "version" | "warn" | "requestsAMinute"> {
  readonly project: Project;
  readonly driver: Driver;
  /** Who is told of what. */
  readonly rules: readonly NotifyRule[];
  /** That of the owner's key. */
  readonly tenant: string;
  /** Of this process; nothing answers at `/metrics` without them. */
  readonly metrics?: Metrics | undefined;
}

export interface Serving extends AsyncDisposable {
  readonly http: HttpServer;
  /** May do everything, until the process ends. It is on no disk, where a step could read it (S-36). */
  readonly ownToken: string;
  /** An address that opens the dashboard as the owner, once. The ticket stands behind the `#`, which browsers send to nobody (S-28). */
  loginLink(origin: string): string;
}

export type ServicesOptions = Pick<ServeOptions, "project" | "driver" | "rules" | "metrics" | "version" | "warn">;

type Services = Pick<ServerOptions, "service" | "reader" | "workflows" | "plant" | "feed" | "inspect" | "triggers">;

/** All that the routes ask. */
export function createServices({ project, driver, rules, metrics, version, warn }: ServicesOptions): Services & AsyncDisposable {
  const stack = new AsyncDisposableStack();
  const teller = stack.use(createTeller(project.directory, project.store, project.compiled));
  const plant = stack.use(createPlant({ project, driver, version }));
  const settled = (outcome: SlotOutcome): void => metrics?.slotsSettled(outcome, 1);
  for (const outcome of FINAL_SLOT_OUTCOMES) metrics?.slotsSettled(outcome, 0); // A rate needs a first value.
  const triggers = stack.use(openTriggers({ project, driver, env: process.env, settled, warn }));
  const inspector = serveInspector(project.store, warn);
  return {
    service: createRunService(project, driver, rules),
    reader: createRunReader(project, teller),
    workflows: createWorkflowService(project, teller),
    plant,
    triggers: triggers.service,
    feed: createEventFeed(project),
    inspect: (arrival) => inspector.add(arrival),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export async function openServer({ project, driver, rules, metrics, ...how }: ServeOptions): Promise<Serving> {
  const { tenant, version, warn } = how;
  const { key, token } = mintKey({ name: "owner", role: "admin", tenant });
  const { directory } = project;
  const keys = openKeyRing(directory, [key], warn);
  const sessions = openSessionDesk({ directory, keys, warn });
  await using stack = new AsyncDisposableStack();
  const services = stack.use(createServices({ project, driver, rules, metrics, version, warn }));
  const http = stack.use(
    await createServer({
      ...services,
      findCaller: (shown) => {
        const found = keys.find(shown);
        return found && callerOfKey(found);
      },
      sessions,
      scrape: metrics === undefined ? null : scrapeOf(metrics),
      pages: findPages(),
      ...how,
    }),
  );
  metrics?.watchClients(() => http.streams());
  const open = stack.move();
  return {
    http,
    ownToken: token,
    loginLink: (origin) => `${origin}/login#ticket=${sessions.newTicket(callerOfKey(key))}`,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

function scrapeOf(metrics: Metrics): Scrape {
  const read = createReuse(
    (format) => metrics.text(format),
    () => performance.now(),
  );
  return async (accept) => {
    const format = chooseFormat(accept);
    return { type: CONTENT_TYPES[format], text: await read(format) };
  };
}

/** Sources and the published package lie at different depths below `package.json`; the built dashboard does not. */
function findPages(): string | null {
  const file = findPackageJSON(".", import.meta.url);
  return file === undefined ? null : join(dirname(file), "dist", "web");
}
