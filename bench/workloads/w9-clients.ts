/** Clients of W9, in a process of their own: each follows one run by Server-Sent Events to its end, and notes how old events are when they come. */
import { get } from "node:http";

interface Order {
  readonly url: string;
  readonly token: string;
  /** One client each. */
  readonly runs: readonly string[];
}

export interface ClientsAnswer {
  readonly lagsMs: readonly number[];
  /** Clients that were told something twice, out of order, or not to the end. */
  readonly wrong: number;
}

function follow({ url, token }: Order, run: string, lagsMs: number[]): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
  return new Promise((resolve, reject) => {
    const request = get(`${url}/api/v1/runs/${run}/events`, { agent: false, headers }, (response) => {
      connected();
      let text = "";
      let seq = 0;
      let isRight = response.statusCode === 200;
      let isWhole = false;
      response.setEncoding("utf8").on("data", (chunk: string) => {
        const now = Date.now();
        text += chunk;
        const parts = text.split("\n\n");
        text = parts.pop() ?? "";
        for (const part of parts) {
          const id = /^id: (\d+)$/m.exec(part)?.[1];
          if (id === undefined) continue;
          isRight &&= Number(id) === ++seq;
          isWhole ||= part.includes("event: run.succeeded");
          // What is there when a client comes is history.
          if (hasBegun) lagsMs.push(now - Date.parse(/"at":"([^"]+)"/.exec(part)?.[1] ?? ""));
        }
      });
      response.on("end", () => resolve(isRight && isWhole));
      response.on("error", reject);
    });
    request.on("error", reject);
  });
}

let hasBegun = false;
let waiting = 0;
function connected(): void {
  waiting -= 1;
  if (waiting === 0) process.send?.("connected");
}

process.on("message", (message: Order | "begin") => {
  if (message === "begin") {
    hasBegun = true;
    return;
  }
  const lagsMs: number[] = [];
  waiting = message.runs.length;
  Promise.all(message.runs.map((run) => follow(message, run, lagsMs))).then(
    (all) => process.send?.({ lagsMs, wrong: all.filter((isRight) => !isRight).length } satisfies ClientsAnswer, () => process.exit(0)),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
