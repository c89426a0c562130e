/** The API over a real store and engine in this process, on a port of its own. */

import type { RouteOf } from "../../src/api/server.ts";
import { createServer as createHttpServer } from "../../src/api/server.ts";
import type { Role } from "../../src/contract/role.ts";
import { mintKey, type NewKey, openKeyRing } from "../../src/main/api-keys.ts";
import { openProject } from "../../src/main/project.ts";
import { createServices } from "../../src/main/serve.ts";

export interface OpenApi extends AsyncDisposable {
  readonly url: string;
  readonly state: string;
  readonly routes: readonly RouteOf[];
  readonly openApi: () => unknown;
  readonly warnings: readonly string[];
  token(role: Role, tenant?: string): string;
  /** As a client with this key. */
  call(token: string, method: string, path: string, more?: Omit<RequestInit, "method">): Promise<Response>;
}

const ROLES: readonly Role[] = ["viewer", "operator", "approver", "admin"];
const TENANTS = ["default", "other"];

export async function openApi(state: string): Promise<OpenApi> {
  const stack = new AsyncDisposableStack();
  const warnings: string[] = [];
  const project = stack.use(await openProject({ state }));
  const driver = stack.use(await project.drive({ adopt: "all" }));
  const keys = new Map<string, NewKey>();
  for (const role of ROLES)
    for (const tenant of TENANTS) keys.set(`${role}/${tenant}`, mintKey({ name: `${role} of ${tenant}`, role, tenant }));
  const server = stack.use(
    await createHttpServer({
      ...stack.use(createServices(project, driver, "0.0.0")),
      findCaller: openKeyRing(
        state,
        [...keys.values()].map(({ key }) => key),
        (message) => void warnings.push(message),
      ),
      allowedHosts: ["troupe.example.org"],
      version: "0.0.0",
      warn: (message) => void warnings.push(message),
    }),
  );
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  return {
    url,
    state,
    routes: server.routes,
    openApi: server.openApi,
    warnings,
    token: (role, tenant = "default") => keys.get(`${role}/${tenant}`)?.token ?? "",
    call: (token, method, path, more = {}) =>
      fetch(`${url}${path}`, { ...more, method, headers: { ...(token !== "" && { authorization: `Bearer ${token}` }), ...more.headers } }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export function json(body: unknown, headers: Readonly<Record<string, string>> = {}): Omit<RequestInit, "method"> {
  return { body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } };
}
