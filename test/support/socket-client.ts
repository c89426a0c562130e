/** A WebSocket client that collects what it hears. */
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { eventually } from "./eventually.ts";

export interface SocketClient<TMessage> {
  readonly socket: WebSocket;
  readonly heard: readonly TMessage[];
  /** Code and reason. */
  readonly closed: Promise<readonly [code: number, reason: string]>;
  say(message: unknown): void;
  /** The first message that this says is the one. */
  first(isIt: (message: TMessage) => boolean): Promise<TMessage>;
}

/** Resolves when it is open; with the status that refused it otherwise. */
export async function connectSocket<TMessage>(
  url: string,
  options: ClientOptions & { readonly protocol?: string } = {},
): Promise<SocketClient<TMessage> | number> {
  const { protocol, ...rest } = options;
  const socket = new WebSocket(url.replace(/^http/, "ws"), protocol === undefined ? [] : [protocol], rest);
  onTestFinished(() => socket.terminate());
  const heard: TMessage[] = [];
  socket.on("message", (data) => heard.push(JSON.parse(String(data)) as TMessage)); // From the server under test.
  const refused = new Promise<number>((resolve) =>
    socket.on("unexpected-response", (_, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }),
  );
  socket.on("error", () => {});
  const closed = new Promise<readonly [number, string]>((resolve) => socket.on("close", (code, reason) => resolve([code, String(reason)])));
  const status = await Promise.race([once(socket, "open").then(() => null), refused]);
  if (status !== null) return status;
  return {
    socket,
    heard,
    closed,
    say: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    first: (isIt) =>
      eventually(() => {
        const found = heard.find(isIt);
        if (found === undefined) throw new Error(`not yet: ${JSON.stringify(heard).slice(0, 500)}`);
        return found;
      }, 10_000),
  };
}
