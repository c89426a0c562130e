/**
 * Who gets in. In this order, before a handler sees anything: the host that was called (S-23), the page that calls (S-25, S-26), the key or
 * the session (S-22, S-24, S-28), the right of the route that matched (S-27).
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { RequestError } from "../core/errors.ts";
import { type Caller, demandRight, type FindCaller, type Right } from "./access.ts";
import { type CalledBy, CSRF_HEADER, cookieName, isCsrfOf, type Sessions } from "./sessions.ts";

type NeededRight = Right | "nobody" | "signature";

declare module "fastify" {
  interface FastifyContextConfig {
    /**
     * What the caller needs; `nobody` for a route that tells nothing, `signature` for one that asks for a signature of its own (S-21). A
     * route that says nothing is not admitted.
     */
    readonly right?: NeededRight;
    /** It holds no data, and whoever follows a link of another site may come to it. */
    readonly isPage?: true;
    /** It becomes a WebSocket, whose first message says who is there. */
    readonly isSocket?: true;
  }
  interface FastifyInstance {
    /** For routes of a plug-in that cannot say what they need. */
    readonly rightOf?: (url: string) => NeededRight;
  }
  interface FastifyRequest {
    caller: Caller | null;
    /** Token of the session by which the caller came; null for a key. */
    session: string | null;
    isStillIn: (() => boolean) | null;
  }
}

export interface GuardOptions {
  readonly findCaller: FindCaller;
  readonly sessions: Sessions;
  /** `host:port` as clients may call it; asked at each request, since the port is known late. */
  readonly isAllowedHost: (host: string) => boolean;
  /** Whether a proxy calls by this name, which may have TLS before it. */
  readonly isProxied: (host: string) => boolean;
}

interface Credential {
  readonly caller: Caller;
  readonly session: string | null;
}

export function guard(app: FastifyInstance, { findCaller, sessions, isAllowedHost, isProxied }: GuardOptions): void {
  app.decorateRequest("caller", null);
  app.decorateRequest("session", null);
  app.decorateRequest("isStillIn", null);
  app.addHook("onRoute", function (route) {
    const right = route.config?.right ?? this.rightOf?.(route.url);
    if (right === undefined) throw new Error(`the route ${String(route.method)} ${route.url} says nothing of the right that it needs`);
    route.config = { ...route.config, right };
  });

  /** A key that is shown counts, also beside a cookie: whoever shows it means it. */
  function credentialOf(request: FastifyRequest): Credential | null {
    const { authorization, cookie } = request.headers;
    if (authorization !== undefined) {
      const caller = findCaller(tokenOf(authorization));
      return caller && { caller, session: null };
    }
    const session = app.parseCookie(cookie ?? "")[cookieName(calledBy(request, isProxied))];
    const caller = session === undefined ? null : sessions.find(session);
    return session === undefined || caller === null ? null : { caller, session };
  }

  app.addHook("onRequest", async (request) => {
    const { host = "", origin, "sec-fetch-site": site } = request.headers;
    if (!isAllowedHost(host.toLowerCase())) throw new RequestError("API_HOST", { host: host.slice(0, 100) });
    const { right, isPage, isSocket } = request.routeOptions.config;
    const isLink = (isPage || request.is404) && isNavigation(request);
    if (isForeign(origin, site, isAllowedHost) && !isLink) throw new RequestError("API_ORIGIN");
    if (request.ws && !isSocket && !request.is404) throw new RequestError("API_REQUEST", { problem: "There is no WebSocket here." });
    if (request.is404 || right === "nobody" || right === "signature") return;
    // S-24: a browser shows no key here, and a cookie comes along with whatever page asks. Its first message tells.
    if (isSocket && request.ws && origin !== undefined && request.headers.authorization === undefined) return;
    const credential = credentialOf(request);
    if (credential === null || (isSocket && request.ws && credential.session !== null)) throw new RequestError("API_TOKEN");
    const { caller, session } = credential;
    if (session !== null && !isHarmless(request.method) && !isCsrfOf(session, request.headers[CSRF_HEADER]))
      throw new RequestError("API_CSRF");
    if (right === undefined) throw new RequestError("API_RIGHT", { role: caller.role, right: "do that" });
    demandRight(caller, right);
    request.caller = caller;
    request.session = session;
    request.isStillIn = () => credentialOf(request) !== null;
  });
}

/** Its right has been asked for. */
export function callerOf({ caller }: FastifyRequest): Caller {
  if (caller === null) throw new RequestError("API_TOKEN");
  return caller;
}

/** Who was let in for longer than one request. */
export interface Entrant {
  readonly caller: Caller;
  /** Whether its key or session would still be let in. */
  readonly isStillIn: () => boolean;
}

export function entrantOf(request: FastifyRequest): Entrant {
  return { caller: callerOf(request), isStillIn: request.isStillIn ?? (() => false) };
}

export function calledBy({ headers }: FastifyRequest, isProxied: (host: string) => boolean): CalledBy {
  const host = (headers.host ?? "").toLowerCase();
  const isTls = headers["x-forwarded-proto"] === "https" || headers.origin?.startsWith("https://") === true;
  return { host, isSecure: isProxied(host) && isTls };
}

/** Neither changes anything here. */
export function isHarmless(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

function tokenOf(authorization: string): string {
  return /^Bearer (\S{1,200})$/i.exec(authorization)?.[1] ?? "";
}

/** A person who follows a link, or types an address. */
function isNavigation({ method, headers }: FastifyRequest): boolean {
  return isHarmless(method) && headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
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
