/** The page's way to the process: a WebSocket that comes back by itself, unless the process said goodbye. */
import { CLOSE, type ClientMessage, PROTOCOL, PROTOCOL_STATELY, type ServerMessage } from "../inspector/message.ts";

export type Health =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** For good: the page shows what it knows. */
  | { readonly kind: "ended"; readonly text: string }
  | { readonly kind: "refused"; readonly text: string };

export interface Connection {
  send(message: ClientMessage): void;
  /** Opens a second connection that speaks Stately's inspection events. */
  openStately(heard: (event: unknown) => void, failed: (text: string) => void): void;
}

export interface ConnectionOptions {
  readonly heard: (message: ServerMessage) => void;
  readonly changed: (health: Health) => void;
}

const TOKEN = "troupe.inspect.token";
const RETRY_MS = 1_000;
/** A process that cannot be reached so often has ended. */
const RETRIES_MAX = 5;
const ADDRESS = `ws://${location.host}/inspect`;

/** The ticket of the link, once; later the token that it was exchanged for. */
function takeSecret(): string {
  const asked = new URLSearchParams(location.hash.slice(1));
  const ticket = asked.get("ticket");
  if (ticket === null) return sessionStorage.getItem(TOKEN) ?? "";
  asked.delete("ticket");
  history.replaceState(null, "", asked.size === 0 ? location.pathname : `#${asked}`);
  return ticket;
}

/** The run that the link is about; null when it leaves that to the page. */
export function askedRun(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get("run");
}

export function connect({ heard, changed }: ConnectionOptions): Connection {
  let secret = takeSecret();
  let failures = 0;
  let socket: WebSocket;

  function listen(event: MessageEvent): void {
    const message = JSON.parse(String(event.data)) as ServerMessage; // From our own server.
    if (message.kind === "welcome") {
      failures = 0;
      secret = message.token;
      sessionStorage.setItem(TOKEN, secret);
      changed({ kind: "live" });
    }
    heard(message);
  }

  function part({ code, reason }: CloseEvent): void {
    if (code === CLOSE.refused) changed({ kind: "refused", text: reason });
    else if (code === CLOSE.ended || code === CLOSE.tooMany) changed({ kind: "ended", text: reason });
    else if (++failures > RETRIES_MAX) changed({ kind: "ended", text: "The process cannot be reached any more." });
    else {
      changed({ kind: "connecting" });
      setTimeout(open, RETRY_MS);
    }
  }

  function open(): void {
    socket = new WebSocket(ADDRESS, PROTOCOL);
    socket.addEventListener("open", () => socket.send(JSON.stringify({ kind: "hello", secret } satisfies ClientMessage)));
    socket.addEventListener("message", listen);
    socket.addEventListener("close", part);
  }

  changed({ kind: "connecting" });
  open();
  return {
    send(message) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    openStately(told, failed) {
      const second = new WebSocket(ADDRESS, PROTOCOL_STATELY);
      second.addEventListener("open", () => second.send(JSON.stringify({ kind: "hello", secret } satisfies ClientMessage)));
      second.addEventListener("message", (event) => told(JSON.parse(String(event.data))));
      second.addEventListener("close", ({ reason }) => failed(reason));
    },
  };
}
