/** Sessions of browsers: opened with a ticket or a key, looked at, ended. */
import type { CookieSerializeOptions } from "@fastify/cookie";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { SessionView } from "../../contract/session-view.ts";
import { RequestError } from "../../core/errors.ts";
import { type Caller, rightsOf } from "../access.ts";
import type { Api } from "../api.ts";
import { calledBy, callerOf, type Entrant, entrantOf } from "../guard.ts";
import { Ended, ProblemAnswer, Session, SessionBody, StreamTicket } from "../schemas.ts";
import { cookieName, csrfOf, type Proof, type Sessions } from "../sessions.ts";
import type { Tickets } from "../tickets.ts";

/** Secrets are too long to be guessed; whoever tries is made to wait all the same. */
const ATTEMPTS_A_MINUTE = 30;
const TAGS = ["session"];

export interface SessionRoutesOptions {
  readonly sessions: Sessions;
  readonly streamTickets: Tickets<Entrant>;
  readonly isProxied: (host: string) => boolean;
  readonly version: string;
}

export function sessionRoutes(app: Api, { sessions, streamTickets, isProxied, version }: SessionRoutesOptions): void {
  const viewOf = ({ name, role, tenant }: Caller, token: string | null): SessionView => {
    return { name, role, tenant, rights: rightsOf({ role }), csrf: token === null ? null : csrfOf(token), version };
  };
  const setCookie = (request: FastifyRequest, reply: FastifyReply, token: string, maxAge: number): void => {
    const called = calledBy(request, isProxied);
    const cookie: CookieSerializeOptions = { path: "/", httpOnly: true, sameSite: "strict", secure: called.isSecure, maxAge };
    reply.setCookie(cookieName(called), token, cookie);
  };

  app.post(
    "/session",
    {
      config: { right: "nobody", rateLimit: { max: ATTEMPTS_A_MINUTE, timeWindow: "1 minute" } },
      schema: {
        summary: "Open a session with the ticket of a link, or with a key",
        description: "Sets a cookie that no script can read. What changes something needs `csrf` of the answer as `x-troupe-csrf`.",
        tags: TAGS,
        body: SessionBody,
        response: { 201: Session, "4xx": ProblemAnswer },
      },
    },
    (request, reply) => {
      const opened = sessions.open(request.body as Proof); // The schema says what it is.
      if (opened === null) throw new RequestError("API_LOGIN");
      setCookie(request, reply, opened.token, Math.round((opened.endsAt - Date.now()) / 1_000));
      reply.code(201).header("cache-control", "no-store");
      return viewOf(opened.caller, opened.token);
    },
  );
  app.get(
    "/session",
    { config: { right: "read" }, schema: { summary: "Who is calling, and what that one may do", tags: TAGS, response: { 200: Session } } },
    (request, reply) => {
      reply.header("cache-control", "no-store");
      return viewOf(callerOf(request), request.session);
    },
  );
  app.delete(
    "/session",
    { config: { right: "read" }, schema: { summary: "End the session", tags: TAGS, response: { 204: Ended } } },
    (request, reply) => {
      if (request.session !== null) sessions.close(request.session);
      setCookie(request, reply, "", 0);
      return reply.code(204).send(undefined);
    },
  );
  app.post(
    "/session/stream-ticket",
    {
      config: { right: "read" },
      schema: {
        summary: "A ticket for one WebSocket",
        description: "Sent in its first message within a minute, in the place of a key.",
        tags: TAGS,
        response: { 201: StreamTicket },
      },
    },
    (request, reply) => {
      reply.code(201).header("cache-control", "no-store");
      return { ticket: streamTickets.issue(entrantOf(request)) };
    },
  );
}
