/** The server of a state directory: the API before the engine that drives its runs. */
import { createServer, type HttpServer } from "../api/server.ts";
import { mintKey, openKeyRing } from "./api-keys.ts";
import type { Driver, Project } from "./project-shape.ts";
import { createRunService } from "./run-service.ts";

export interface ServeOptions {
  readonly project: Project;
  readonly driver: Driver;
  readonly tenant: string;
  readonly allowedHosts: readonly string[];
  readonly version: string;
  readonly warn: (message: string) => void;
}

export interface Serving extends AsyncDisposable {
  readonly http: HttpServer;
  /** May do everything, until the process ends. It is on no disk, where a step could read it (S-36). */
  readonly ownToken: string;
}

export async function openServer({ project, driver, tenant, allowedHosts, version, warn }: ServeOptions): Promise<Serving> {
  const { key, token } = mintKey({ name: "owner", role: "admin", tenant });
  const findCaller = openKeyRing(project.directory, [key], warn);
  const http = await createServer({ service: createRunService(project, driver), findCaller, allowedHosts, version, warn });
  return { http, ownToken: token, [Symbol.asyncDispose]: () => http[Symbol.asyncDispose]() };
}
