/**
 * Who gets in. In this order, before a handler sees anything: the host that was called (S-23), the page that calls (S-25, S-26), the key
 * (S-22, S-28), the right of the route that matched (S-27).
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { RequestError } from "../core/errors.ts";
import { type Caller, demandRight, type FindCaller, type Right } from "./access.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What the caller needs; `nobody` for a route that tells nothing. A route that says nothing is not admitted. */
    readonly right?: Right | "nobody";
  }
  interface FastifyRequest {
    caller: Caller | null;
  }
}

export interface GuardOptions {
  readonly findCaller: FindCaller;
  /** `host:port` as clients may call it; asked at each request, since the port is known late. */
  readonly isAllowedHost: (host: string) => boolean;
}

export function guard(app: FastifyInstance, { findCaller, isAllowedHost }: GuardOptions): void {
  app.decorateRequest("caller", null);
  app.addHook("onRoute", ({ config, url, method }) => {
    if (config?.right === undefined) throw new Error(`the route ${String(method)} ${url} says nothing of the right that it needs`);
  });
  app.addHook("onRequest", async (request) => {
    const { host = "", origin, "sec-fetch-site": site } = request.headers;
    if (!isAllowedHost(host.toLowerCase())) throw new RequestError("API_HOST", { host: host.slice(0, 100) });
    if (isForeign(origin, site, isAllowedHost)) throw new RequestError("API_ORIGIN");
    const right = request.routeOptions.config.right;
    if (request.is404 || right === "nobody") return;
    const caller = findCaller(tokenOf(request));
    if (caller === null) throw new RequestError("API_TOKEN");
    if (right === undefined) throw new RequestError("API_RIGHT", { role: caller.role, right: "do that" });
    demandRight(caller, right);
    request.caller = caller;
  });
}

/** Its right has been asked for. */
export function callerOf({ caller }: FastifyRequest): Caller {
  if (caller === null) throw new RequestError("API_TOKEN");
  return caller;
}

function tokenOf({ headers: { authorization = "" } }: FastifyRequest): string {
  return /^Bearer (\S{1,200})$/i.exec(authorization)?.[1] ?? "";
}

/** A browser names the page's origin for everything but plain navigation; programs do not. */
function isForeign(origin: string | undefined, site: unknown, isAllowedHost: (host: string) => boolean): boolean {
  if (site === "cross-site" || site === "same-site") return true;
  if (origin === undefined) return false;
  try {
    const { host, protocol } = new URL(origin);
    return (protocol !== "http:" && protocol !== "https:") || !isAllowedHost(host.toLowerCase());
  } catch {
    return true; // `null`, or no origin at all.
  }
}
