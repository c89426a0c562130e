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
import { callerOfKey, mintKey, openKeyRing } from "./api-keys.ts";
import type { Driver, Project } from "./project-shape.ts";
import { createRunService } from "./run-service.ts";
import { openSessionDesk } from "./session-desk.ts";
import { openTriggers } from "./triggers/open-triggers.ts";

export interface ServeOptions extends Pick<ServerOptions, "allowedHosts" | "version" | "warn"> {
  readonly project: Project;
  readonly driver: Driver;
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

export async function openServer({ project, driver, metrics, ...how }: ServeOptions): Promise<Serving> {
  const { tenant, warn } = how;
  const { key, token } = mintKey({ name: "owner", role: "admin", tenant });
  const { directory } = project;
  const keys = openKeyRing(directory, [key], warn);
  const sessions = openSessionDesk({ directory, keys, warn });
  const triggers = openTriggers({ project, driver, env: process.env, warn });
  const http = await createServer({
    service: createRunService(project, driver),
    triggers: triggers.service,
    findCaller: (shown) => {
      const found = keys.find(shown);
      return found && callerOfKey(found);
    },
    sessions,
    scrape: metrics === undefined ? null : scrapeOf(metrics),
    pages: findPages(),
    ...how,
  });
  metrics?.watchClients(() => http.streams());
  return {
    http,
    ownToken: token,
    loginLink: (origin) => `${origin}/login#ticket=${sessions.newTicket(callerOfKey(key))}`,
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]();
      await triggers[Symbol.asyncDispose]();
    },
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
