/** The server of a state directory: the API before the engine that drives its runs. */
import { createServer, type HttpServer, type ServerOptions } from "../api/server.ts";
import { mintKey, openKeyRing } from "./api-keys.ts";
import { createPlant } from "./plant.ts";
import type { Driver, Project } from "./project-shape.ts";
import { createRunReader } from "./run-reader.ts";
import { createRunService } from "./run-service.ts";
import { createTeller } from "./teller.ts";
import { createWorkflowService } from "./workflow-desk.ts";

export interface ServeOptions extends Pick<ServerOptions, "allowedHosts" | "version" | "warn" | "requestsAMinute"> {
  readonly project: Project;
  readonly driver: Driver;
  /** That of the owner's key. */
  readonly tenant: string;
}

export interface Serving extends AsyncDisposable {
  readonly http: HttpServer;
  /** May do everything, until the process ends. It is on no disk, where a step could read it (S-36). */
  readonly ownToken: string;
}

type Services = Pick<ServerOptions, "service" | "reader" | "workflows" | "plant">;

/** All that the routes ask. */
export function createServices(project: Project, driver: Driver, version: string): Services & AsyncDisposable {
  const stack = new AsyncDisposableStack();
  const teller = stack.use(createTeller(project.directory, project.store, project.compiled));
  const plant = stack.use(createPlant({ project, driver, version }));
  return {
    service: createRunService(project, driver),
    reader: createRunReader(project, teller),
    workflows: createWorkflowService(project, teller),
    plant,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export async function openServer({ project, driver, tenant, ...how }: ServeOptions): Promise<Serving> {
  const { key, token } = mintKey({ name: "owner", role: "admin", tenant });
  const findCaller = openKeyRing(project.directory, [key], how.warn);
  await using stack = new AsyncDisposableStack();
  const services = stack.use(createServices(project, driver, how.version));
  const http = stack.use(await createServer({ ...services, findCaller, ...how }));
  const open = stack.move();
  return { http, ownToken: token, [Symbol.asyncDispose]: () => open.disposeAsync() };
}
