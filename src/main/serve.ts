/** The server of a state directory: the API before the engine that drives its runs. */
import { createServer, type HttpServer, type ServerOptions } from "../api/server.ts";
import type { NotifyRule } from "../plan/notify-rule.ts";
import { mintKey, openKeyRing } from "./api-keys.ts";
import type { Driver, Project } from "./project-shape.ts";
import { createRunService } from "./run-service.ts";

export interface ServeOptions extends Pick<ServerOptions, "allowedHosts" | "version" | "warn"> {
  readonly project: Project;
  readonly driver: Driver;
  /** Who is told of what. */
  readonly rules: readonly NotifyRule[];
  /** That of the owner's key. */
  readonly tenant: string;
}

export interface Serving extends AsyncDisposable {
  readonly http: HttpServer;
  /** May do everything, until the process ends. It is on no disk, where a step could read it (S-36). */
  readonly ownToken: string;
}

export async function openServer({ project, driver, tenant, rules, ...how }: ServeOptions): Promise<Serving> {
  const { key, token } = mintKey({ name: "owner", role: "admin", tenant });
  const findCaller = openKeyRing(project.directory, [key], how.warn);
  const http = await createServer({ service: createRunService(project, driver, rules), findCaller, ...how });
  return { http, ownToken: token, [Symbol.asyncDispose]: () => http[Symbol.asyncDispose]() };
}
