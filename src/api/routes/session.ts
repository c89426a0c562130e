/** Sessions of browsers: opened with a ticket or a key, looked at, ended. */
import type { CookieSerializeOptions } from "@fastify/cookie";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { SessionView } from "../../contract/session-view.ts";
import { RequestError } from "../../core/errors.ts";
import { type Caller, rightsOf } from "../access.ts";
import type { Api } from "../api.ts";
import { calledBy, callerOf, type Entrant, entrantOf } from "../guard.ts";
import { Ended, Session, SessionBody, StreamTicket } from "../schemas/session.ts";
import { cookieName, csrfOf, type Proof, type Sessions } from "../sessions.ts";
import type { Tickets } from "../tickets.ts";
import { about, needs } from "./about.ts";

/** Secrets are too long to be guessed; whoever tries is made to wait all the same. */
const ATTEMPTS_A_MINUTE = 30;

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
        ...about({
          id: "openSession",
          summary: "Open a session with the ticket of a link, or with a key",
          tag: "session",
          description: "Sets a cookie that no script can read. What changes something needs `csrf` of the answer as `x-troupe-csrf`.",
          answers: { 201: Session },
        }),
        body: SessionBody,
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
    {
      config: needs("read"),
      schema: about({ id: "readSession", summary: "Who is calling, and what that one may do", tag: "session", answers: { 200: Session } }),
    },
    (request, reply) => {
      reply.header("cache-control", "no-store");
      return viewOf(callerOf(request), request.session);
    },
  );
  app.delete(
    "/session",
    {
      config: needs("read"),
      schema: about({ id: "endSession", summary: "End the session", tag: "session", answers: { 204: Ended } }),
    },
    (request, reply) => {
      if (request.session !== null) sessions.close(request.session);
      setCookie(request, reply, "", 0);
      return reply.code(204).send(undefined);
    },
  );
  app.post(
    "/session/stream-ticket",
    {
      config: needs("read"),
      schema: about({
        id: "issueStreamTicket",
        summary: "A ticket for one WebSocket",
        tag: "session",
        description: "Sent in its first message within a minute, in the place of a key.",
        answers: { 201: StreamTicket },
      }),
    },
    (request, reply) => {
      reply.code(201).header("cache-control", "no-store");
      return { ticket: streamTickets.issue(entrantOf(request)) };
    },
  );
}
