/** WebSockets: events of many runs, and what the inspector speaks. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import { RequestError } from "../../core/errors.ts";
import { type Caller, type FindCaller, mayDo } from "../access.ts";
import type { Api } from "../api.ts";
import type { EventFeed } from "../feed.ts";
import { type Entrant, entrantOf } from "../guard.ts";
import { keepSocket } from "../socket.ts";
import { streamOverSocket } from "../socket-stream.ts";
import type { Streams } from "../streams.ts";
import type { Tickets } from "../tickets.ts";

/** A client of the inspector, whose first message says who it is. */
export interface Inspecting {
  readonly socket: WebSocket;
  /** Key of a client that is no browser; it counts as the first message. */
  readonly key: string | null;
  /** Whose runs it may see, and a ticket with which it may come back once; null for a secret that is none. */
  readonly admit: (secret: string) => { readonly caller: Caller; readonly ticket: string } | null;
}

export interface StreamRoutesOptions {
  readonly feed: EventFeed;
  readonly streams: Streams;
  readonly streamTickets: Tickets<Entrant>;
  readonly findCaller: FindCaller;
  readonly patienceMs: number;
  /** Null where nobody inspects. */
  readonly inspect: ((arrival: Inspecting) => void) | null;
  readonly warn: (message: string) => void;
}

export function streamRoutes(app: Api, options: StreamRoutesOptions): void {
  const { feed, streams, streamTickets, findCaller, patienceMs, inspect, warn } = options;
  const config = { right: "read", isSocket: true } as const;
  const refuse = (): never => {
    throw new RequestError("API_UPGRADE");
  };
  /** S-24: a key or a ticket, never a cookie. */
  const admit = (token: string): Entrant | null => {
    const byTicket = streamTickets.redeem(token);
    if (byTicket !== null) return byTicket.isStillIn() ? byTicket : null;
    const caller = findCaller(token);
    return caller !== null && mayDo(caller, "read") ? { caller, isStillIn: () => findCaller(token) !== null } : null;
  };
  /** Keeps the socket, and remembers who came. */
  const keep = (socket: WebSocket, first: Entrant | null) => {
    let entrant = first;
    const isKept = keepSocket(socket, { streams, entrant: () => entrant });
    const letIn = (token: string): Entrant | null => {
      const found = admit(token);
      if (found !== null) entrant = found;
      return found;
    };
    return { isKept, letIn };
  };
  const open = (url: string, wsHandler: (socket: WebSocket, request: FastifyRequest) => void): void =>
    void app.route({
      method: "GET",
      url,
      config,
      schema: { hide: true },
      handler: (_request: FastifyRequest, _reply: FastifyReply) => refuse(),
      wsHandler,
    });

  open("/stream", (socket, request) => {
    const entrant = request.caller === null ? null : entrantOf(request);
    const { isKept, letIn } = keep(socket, entrant);
    if (isKept) streamOverSocket(socket, { feed, entrant, admit: letIn, patienceMs, warn });
  });
  if (inspect === null) return;
  open("/inspect", (socket, request) => {
    const { isKept, letIn } = keep(socket, null);
    if (!isKept) return;
    const key = request.caller === null ? null : (/^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? null);
    inspect({
      socket,
      key,
      admit(secret) {
        const entrant = letIn(secret);
        return entrant && { caller: entrant.caller, ticket: streamTickets.issue(entrant) };
      },
    });
  });
}
