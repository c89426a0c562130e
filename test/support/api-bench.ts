/** The API over a real store and engine in this process, on a port of its own. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { RouteOf } from "../../src/api/server.ts";
import { createServer as createHttpServer } from "../../src/api/server.ts";
import type { Role } from "../../src/contract/role.ts";
import { callerOfKey, mintKey, type NewKey, openKeyRing } from "../../src/main/api-keys.ts";
import { openProject } from "../../src/main/project.ts";
import type { Project } from "../../src/main/project-shape.ts";
import { createServices } from "../../src/main/serve.ts";
import { openSessionDesk, type SessionDesk } from "../../src/main/session-desk.ts";
import type { StreamCounts } from "../../src/ports/stream-counts.ts";

export interface OpenApi extends AsyncDisposable {
  readonly url: string;
  readonly state: string;
  readonly routes: readonly RouteOf[];
  readonly openApi: () => unknown;
  readonly warnings: readonly string[];
  readonly sessions: SessionDesk;
  readonly project: Project;
  readonly streams: () => StreamCounts;
  token(role: Role, tenant?: string): string;
  /** As a client with this key. */
  call(token: string, method: string, path: string, more?: Omit<RequestInit, "method">): Promise<Response>;
}

const ROLES: readonly Role[] = ["viewer", "operator", "approver", "admin"];
const TENANTS = ["default", "other"];

export interface ApiBenchOptions {
  /** Folder of a built dashboard. @defaultValue none */
  readonly pages?: string;
  /** What clients of streams may leave unread, in milliseconds. @defaultValue that of the server */
  readonly patienceMs?: number;
}

export async function openApi(state: string, { pages, patienceMs }: ApiBenchOptions = {}): Promise<OpenApi> {
  const stack = new AsyncDisposableStack();
  const warnings: string[] = [];
  const project = stack.use(await openProject({ state }));
  const driver = stack.use(await project.drive({ adopt: "all" }));
  const keys = new Map<string, NewKey>();
  for (const role of ROLES)
    for (const tenant of TENANTS) keys.set(`${role}/${tenant}`, mintKey({ name: `${role} of ${tenant}`, role, tenant }));
  const warn = (message: string): void => void warnings.push(message);
  const own = [...keys.values()].map(({ key }) => key);
  const ring = openKeyRing(state, own, warn);
  const sessions = openSessionDesk({ directory: state, keys: ring, warn });
  const server = stack.use(
    await createHttpServer({
      ...stack.use(createServices({ project, driver, rules: [], version: "0.0.0", warn })),
      ...(patienceMs !== undefined && { patienceMs }),
      findCaller: (token) => {
        const key = ring.find(token);
        return key && callerOfKey(key);
      },
      sessions,
      scrape: async () => ({ type: "text/plain", text: "troupe_up 1\n" }),
      tenant: "default",
      pages: pages ?? null,
      allowedHosts: ["troupe.example.org"],
      version: "0.0.0",
      warn,
    }),
  );
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  return {
    url,
    state,
    routes: server.routes,
    openApi: server.openApi,
    project,
    warnings,
    sessions,
    streams: server.streams,
    token: (role, tenant = "default") => keys.get(`${role}/${tenant}`)?.token ?? "",
    call: (token, method, path, more = {}) =>
      fetch(`${url}${path}`, { ...more, method, headers: { ...(token !== "" && { authorization: `Bearer ${token}` }), ...more.headers } }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A folder for a file of tests. What was opened in it is closed before it goes. */
export function folderOfFile(opened: () => AsyncDisposable): string {
  const folder = mkdtempSync(join(tmpdir(), "troupe-api-"));
  afterAll(async () => {
    await opened()[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, maxRetries: 5 });
  });
  return folder;
}

export function json(body: unknown, headers: Readonly<Record<string, string>> = {}): Omit<RequestInit, "method"> {
  return { body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } };
}
