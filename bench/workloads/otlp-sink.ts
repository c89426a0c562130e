/** A collector that takes every span and keeps none, and a Prometheus that asks every five seconds and reads the answer: a process of their own. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const SCRAPE_EVERY_MS = 5_000;

let bytes = 0;
const server = createServer((request, response) => {
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.byteLength;
  });
  request.on("end", () => response.writeHead(200, { "content-type": "application/json" }).end("{}"));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
process.on("message", (message: { readonly scrape: string } | "bytes") => {
  if (message === "bytes") {
    process.send?.(bytes);
    return;
  }
  setInterval(() => void scrape(message.scrape), SCRAPE_EVERY_MS);
});
process.on("disconnect", () => process.exit());
process.send?.((server.address() as AddressInfo).port); // It listens on a port.

async function scrape(url: string): Promise<void> {
  try {
    await (await fetch(url, { headers: { accept: "application/openmetrics-text" } })).text();
  } catch {
    // The engine has gone; so will this process.
  }
}
