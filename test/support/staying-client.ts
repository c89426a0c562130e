/** Clients that follow runs and come back after whatever ended their connection, as a browser does; they note what they were told. */
import { once } from "node:events";
import { WebSocket } from "ws";
import type { EventView } from "../../src/contract/event-view.ts";
import type { StreamMessage } from "../../src/contract/stream-message.ts";
import { elapse } from "./elapse.ts";

export interface ClientOf {
  readonly url: string;
  readonly token: string;
}

export interface Noted {
  /** As told, over all connections. */
  readonly events: readonly EventView[];
  readonly connections: number;
}

const COMES_BACK_MS = 50;

function isEnd({ stepId, to = "" }: EventView): boolean {
  return stepId === undefined && ["succeeded", "failed", "canceled"].includes(to);
}

/** Follows one run by Server-Sent Events to its end. */
export async function staySse({ url, token }: ClientOf, run: string): Promise<Noted> {
  const events: EventView[] = [];
  let connections = 0;
  for (; events.every((event) => !isEnd(event)); await elapse(COMES_BACK_MS)) {
    const last = events.at(-1)?.seq;
    const headers = {
      authorization: `Bearer ${token}`,
      accept: "text/event-stream",
      ...(last !== undefined && { "last-event-id": String(last) }),
    };
    try {
      const response = await fetch(`${url}/api/v1/runs/${run}/events`, { headers });
      if (response.status !== 200) continue;
      connections += 1;
      let text = "";
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        text += chunk;
        const parts = text.split("\n\n");
        text = parts.pop() ?? "";
        for (const part of parts) {
          const data = /^data: (.*)$/m.exec(part)?.[1];
          if (data !== undefined) events.push(JSON.parse(data) as EventView); // From the server under test.
        }
      }
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown; // There is no server just now.
    }
  }
  return { events, connections };
}

/** Follows runs, or with `*` all of them, over one WebSocket at a time, until each of `runs` has ended. */
export async function stayWebSocket({ url, token }: ClientOf, wanted: readonly string[], runs: readonly string[]): Promise<Noted> {
  const events: EventView[] = [];
  const last = new Map<string, number>();
  const open = new Set(runs);
  let connections = 0;
  for (; open.size > 0; await elapse(COMES_BACK_MS)) {
    const socket = new WebSocket(`${url.replace("http", "ws")}/api/v1/stream`, { headers: { authorization: `Bearer ${token}` } });
    const closed = once(socket, "close");
    socket.on("error", () => {});
    socket.on("message", (data) => {
      const message = JSON.parse(String(data)) as StreamMessage; // From the server under test.
      if (message.type === "ready") {
        connections += 1;
        for (const run of wanted) socket.send(JSON.stringify({ type: "subscribe", run, after: last.get(run) ?? 0 }));
      }
      if (message.type !== "event") return;
      const { event, position } = message;
      events.push(event);
      if (wanted.includes("*")) last.set("*", position);
      last.set(event.runId, event.seq);
      if (isEnd(event)) open.delete(event.runId);
      if (open.size === 0) socket.close();
    });
    await closed.catch(() => {});
  }
  return { events, connections };
}
