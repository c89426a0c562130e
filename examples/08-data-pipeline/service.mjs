// Exchange rates and a place for reports, on a free port of this machine. Writes its address to the file given, ends on GET /stop, and by
// itself after a minute. It is busy the first time, and takes only reports that are signed with $REPORT_SECRET.
import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

const LIFETIME_MS = 60_000;
const seen = [];
const reports = new Map();

const routes = {
  "GET /rates": () => (seen.length === 1 ? { status: 503 } : { status: 200, body: { EUR: 1, USD: 0.9, GBP: 1.2 } }),
  "POST /reports": (request, body) => {
    if (!isSigned(request, body)) return { status: 401 };
    // Whoever sends the same report again gets the same answer.
    const key = request.headers["idempotency-key"];
    if (!reports.has(key)) reports.set(key, { id: `r-${reports.size + 1}` });
    return { status: 201, body: reports.get(key) };
  },
  "GET /log": () => ({ status: 200, body: `${seen.join("\n")}\n` }),
  "GET /stop": () => {
    server.close();
    return { status: 200, body: "stopped\n" };
  },
};

function isSigned({ headers }, body) {
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const expected = createHmac("sha256", process.env.REPORT_SECRET).update(signed).digest("base64");
  return headers["webhook-signature"] === `v1,${expected}`;
}

async function answer(request, response) {
  const name = `${request.method} ${request.url}`;
  const sent = await text(request);
  const entry = seen.push(name) - 1;
  const { status, body = "" } = routes[name]?.(request, sent) ?? { status: 404 };
  seen[entry] += `  ${status}`;
  const isText = typeof body === "string";
  const headers = { connection: "close", "content-type": isText ? "text/plain" : "application/json" };
  response.writeHead(status, headers).end(isText ? body : JSON.stringify(body));
}

const server = createServer((request, response) => void answer(request, response));
server.listen(0, "127.0.0.1", () => writeFileSync(process.argv[2], `http://127.0.0.1:${server.address().port}`));
setTimeout(() => process.exit(0), LIFETIME_MS).unref();
