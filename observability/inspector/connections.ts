/** The clients of the inspector: who they are, what they ask, and when each is sent more. */
import type { WebSocket } from "ws";
import { toError } from "../../src/core/errors.ts";
import { isRunId, type RunId } from "../../src/core/ids.ts";
import { chartOf, MACHINES } from "./chart.ts";
import { parseClientMessage } from "./client-message.ts";
import { clippedText } from "./clip.ts";
import { type InspectedStore, readLines } from "./journal.ts";
import { CLOSE, type ClientMessage, PROTOCOL_STATELY, type ServerMessage } from "./message.ts";
import type { Arrival } from "./page-server.ts";
import { isStatelyInstalled, openStately } from "./stately.ts";
import { createStatelyViewer, createViewer, type Line, type Viewer } from "./viewer.ts";

/** How often the journal is looked at while somebody looks on. */
const LOOK_EVERY_MS = 50;
/** For a client to say who it is. */
const HELLO_MS = 5_000;
/** Runs that a client of Stately's events is shown at once. */
const STATELY_RUNS_MAX = 20;
/** What clients get at the end to take the last entries. */
const FAREWELL_MS = 500;

export interface Connections {
  /** @param letIn asked for the secret of the first message; null for one that is none */
  add(arrival: Arrival, letIn: (secret: string) => Admitted | null): void;
  /** Sends what there still is, and says goodbye. */
  end(): Promise<void>;
}

/** Whoever was let in. */
export interface Admitted {
  /** Opens later connections of the same page. */
  readonly token: string;
  /** What this client may see. */
  readonly store: InspectedStore;
}

export interface ConnectionsOptions {
  readonly link: (run?: RunId) => string;
  readonly clientsMax: number;
  readonly warn: (error: unknown) => void;
}

export function createConnections(options: ConnectionsOptions): Connections {
  const { link, clientsMax, warn } = options;
  const viewers = new Map<WebSocket, Viewer>();
  let ticking: NodeJS.Timeout | null = null;
  let hasWarned = false;

  function fail(socket: WebSocket, error: unknown): void {
    if (!hasWarned) warn(error);
    hasWarned = true;
    socket.close(1011, "The inspector failed; the run goes on.");
  }

  function pump(): void {
    let hasMore = false;
    for (const [socket, viewer] of viewers) {
      try {
        hasMore = viewer.pump(performance.now()) || hasMore;
      } catch (error) {
        viewers.delete(socket);
        fail(socket, error);
      }
    }
    if (hasMore) setImmediate(pump).unref();
  }

  function admit(socket: WebSocket, viewer: Viewer): void {
    if (socket.readyState !== socket.OPEN) return; // It left while it was let in.
    viewers.set(socket, viewer);
    ticking ??= setInterval(pump, LOOK_EVERY_MS).unref();
  }

  function leave(socket: WebSocket): void {
    viewers.delete(socket);
    if (viewers.size > 0 || ticking === null) return;
    clearInterval(ticking);
    ticking = null;
  }

  async function enter({ socket, protocol }: Arrival, admitted: Admitted | null): Promise<void> {
    if (admitted === null) return socket.close(CLOSE.refused, "This link has been used or is not known.");
    const { token, store } = admitted;
    if (viewers.size >= clientsMax) socket.close(CLOSE.tooMany, `There are ${clientsMax} windows already.`);
    else if (protocol === PROTOCOL_STATELY) await openStatelyViewer(store, socket, admit);
    else {
      const charts = { run: chartOf(MACHINES.run), step: chartOf(MACHINES.step) };
      say(socket, { kind: "welcome", token, charts, runs: readLines(store), hasStately: isStatelyInstalled() });
      admit(socket, createViewer(store, lineTo(socket)));
    }
  }

  async function answer(socket: WebSocket, viewer: Viewer, message: ClientMessage): Promise<void> {
    if (message.kind === "link") say(socket, { kind: "link", url: isRunId(message.runId) ? link(message.runId) : link() });
    if (message.kind === "open" && isRunId(message.runId)) await viewer.open(message.runId);
    if (message.kind !== "payload" || !isRunId(message.runId)) return;
    const { runId, seq } = message;
    const data = viewer.payload(runId, seq);
    if (data !== null) say(socket, { kind: "payload", runId, seq, text: clippedText(data) });
  }

  return {
    add(arrival, letIn) {
      const { socket, bearer } = arrival;
      const impatience = setTimeout(() => socket.close(CLOSE.refused, "Nobody said who is there."), HELLO_MS).unref();
      const handle = async (message: ClientMessage | null): Promise<void> => {
        const viewer = viewers.get(socket);
        if (message === null) return socket.close(CLOSE.badMessage, "This message is not known.");
        if (viewer !== undefined) return await answer(socket, viewer, message);
        clearTimeout(impatience);
        if (message.kind !== "hello") return socket.close(CLOSE.refused, "Nobody said who is there.");
        await enter(arrival, letIn(message.secret));
      };
      socket.on("message", (data, isBinary) => {
        handle(isBinary ? null : parseClientMessage(String(data))).catch((error) => fail(socket, error));
      });
      socket.on("close", () => {
        clearTimeout(impatience);
        leave(socket);
      });
      if (bearer !== null) handle({ kind: "hello", secret: bearer }).catch((error) => fail(socket, error));
    },
    async end() {
      pump();
      const sockets = [...viewers.keys()];
      for (const socket of sockets) socket.close(CLOSE.ended, "The process that ran this has ended.");
      const closed = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve))));
      // The timer is what keeps the process alive meanwhile: no connection does.
      const { promise: late, resolve: giveUp } = Promise.withResolvers<void>();
      const timer = setTimeout(giveUp, FAREWELL_MS);
      await Promise.race([closed, late]);
      clearTimeout(timer);
    },
  };
}

async function openStatelyViewer(
  store: InspectedStore,
  socket: WebSocket,
  admit: (socket: WebSocket, viewer: Viewer) => void,
): Promise<void> {
  const feed = await openStately((event) => socket.send(JSON.stringify(event))).catch(toError);
  if (feed instanceof Error) return socket.close(CLOSE.noStately, feed.message);
  const viewer = createStatelyViewer(store, lineTo(socket), feed);
  const [newest, ...older] = readLines(store);
  const shown = [newest, ...older.filter(({ endedAt }) => endedAt === null)].slice(0, STATELY_RUNS_MAX);
  for (const line of shown.toReversed()) if (line !== undefined && isRunId(line.id)) await viewer.open(line.id);
  admit(socket, viewer);
}

function say(socket: WebSocket, message: ServerMessage): void {
  socket.send(JSON.stringify(message));
}

function lineTo(socket: WebSocket): Line {
  return {
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    send: (text) => socket.send(text),
    drop: () => socket.close(CLOSE.tooSlow, "This window took nothing for a while. It may come back: nothing is lost."),
  };
}
