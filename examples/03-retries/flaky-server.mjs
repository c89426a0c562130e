// A server that misbehaves on purpose, on a free port of this machine. Writes its address to the file given, ends on GET /stop, and by
// itself after a minute. Counts requests by path, and tells of repeated ones how many different
// idempotency keys they carried.
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const LIFETIME_MS = 60_000;
const SLOW_MS = 10_000;
const seen = new Map();
let isRepaired = false;

const routes = {
  // Busy twice, then well.
  "/price": (count) => (count <= 2 ? { status: 503, headers: { "retry-after": "1" } } : { status: 200, body: { price: 42 } }),
  // Never answers in time.
  "/advert": async () => {
    await sleep(SLOW_MS, undefined, { ref: false });
    return { status: 200, body: { text: "buy" } };
  },
  "/rating": async () => {
    await sleep(SLOW_MS, undefined, { ref: false });
    return { status: 200, body: { stars: 5 } };
  },
  // Too slow the first time only.
  "/stock": async (count) => {
    if (count === 1) await sleep(SLOW_MS, undefined, { ref: false });
    return { status: 200, body: { items: 7 } };
  },
  // Down until a person repairs it.
  "/order": () => (isRepaired ? { status: 201, body: { order: "A-1" } } : { status: 503 }),
  "/repair": () => {
    isRepaired = true;
    return { status: 200, body: "repaired\n" };
  },
  "/log": () => ({ status: 200, body: logText() }),
  "/stop": () => {
    server.close();
    return { status: 200, body: "stopped\n" };
  },
};

const server = createServer((request, response) => void answer(request, response));

async function answer(request, response) {
  const route = routes[request.url];
  const { status, headers = {}, body = "" } = route === undefined ? { status: 404 } : await route(note(request));
  response.writeHead(status, { connection: "close", ...headers }).end(typeof body === "string" ? body : JSON.stringify(body));
}

function note({ url, headers }) {
  const key = headers["idempotency-key"];
  const entry = seen.get(url) ?? { count: 0, keys: new Set() };
  entry.count++;
  if (key !== undefined) entry.keys.add(key);
  seen.set(url, entry);
  return entry.count;
}

function logText() {
  const repeated = [...seen].filter(([, { count }]) => count > 1);
  const lines = repeated.sort(([left], [right]) => (left < right ? -1 : 1));
  return lines.map(([url, { count, keys }]) => `${url.padEnd(8)} ${count} request(s), ${keys.size} idempotency key(s)\n`).join("");
}

server.listen(0, "127.0.0.1", () => writeFileSync(process.argv[2], `http://127.0.0.1:${server.address().port}`));
setTimeout(() => process.exit(0), LIFETIME_MS).unref();
