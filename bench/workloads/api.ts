/** Latency of the API, asked by this process of a server in another one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import autocannon from "autocannon";
import { answer, readParameters } from "../meter.ts";
import { quantileOf } from "../tally.ts";

interface Parameters {
  readonly directory: string;
  readonly stored: number;
  readonly active: number;
  readonly seconds: number;
  /** Requests a second. */
  readonly rate: number;
  /** What is asked, `{run}` and `{busy}` being runs that there are; null for starts of runs. */
  readonly paths: readonly string[] | null;
  /** Whether the clients begin each second at the same time. */
  readonly arrive: "together" | "in turns";
}

const { paths, seconds, rate, arrive, ...server } = readParameters<Parameters>();
/** As many as a dashboard's users have open. */
const CONNECTIONS = 10;

const child = spawn(process.execPath, [new URL("./api-server.ts", import.meta.url).pathname, JSON.stringify(server)], {
  stdio: ["ignore", "pipe", "inherit"],
});
const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
const { url, token } = JSON.parse(line) as { readonly url: string; readonly token: string };
const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };

/** What a process has used of all processors; times of the kernel come in hundredths of a second. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function call<TBody>(method: string, path: string, body?: unknown): Promise<TBody> {
  const response = await fetch(`${url}/api/v1${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as TBody;
}

/** Milliseconds of every answer to clients that send their share of a second's requests one after the other, as fast as they are answered. */
async function askFor(requests: autocannon.Request[], duration: number, connections: number): Promise<readonly number[]> {
  const times: number[] = [];
  await new Promise<void>((resolve, reject) => {
    const overallRate = (rate / CONNECTIONS) * connections;
    const asking = autocannon({ url, headers, requests, connections, duration, overallRate }, (error, { non2xx, errors, timeouts }) => {
      if (error) reject(error);
      else if (non2xx + errors + timeouts === 0) resolve();
      else reject(new Error(`${non2xx} refusals, ${errors} errors and ${timeouts} time-outs`));
    });
    asking.on("response", (_client, _status, _bytes, ms) => times.push(ms));
  });
  return times;
}

/** All begin their second at once: ten are at the server at any time, until the second's requests are done. */
const askTogether = (requests: autocannon.Request[], duration: number): Promise<readonly number[]> =>
  askFor(requests, duration, CONNECTIONS);

/** Each begins its second a tenth later than the one before, as clients do that know nothing of each other. */
async function askInTurns(requests: autocannon.Request[], duration: number): Promise<readonly number[]> {
  const begin = async (_: unknown, client: number): Promise<readonly number[]> => {
    await setTimeout((client * 1_000) / CONNECTIONS);
    return askFor(requests, duration, 1);
  };
  return (await Promise.all(Array.from({ length: CONNECTIONS }, begin))).flat();
}

const firstOf = async (query: string): Promise<string> =>
  (await call<{ runs: readonly { id: string }[] }>("GET", `/runs?limit=1&${query}`)).runs[0]?.id ?? "";

try {
  const [run, busy] = [await firstOf("workflow=done"), await firstOf("workflow=busy")];
  const source = 'name: hello\nsteps:\n  - { id: a, type: template, template: "hello" }\n';
  await call("PUT", "/workflows/hello", { source });
  const requests: autocannon.Request[] =
    paths === null
      ? [{ method: "POST", path: "/api/v1/runs", body: JSON.stringify({ workflow: "hello" }) }]
      : paths.map((path) => ({ method: "GET", path: `/api/v1${path.replaceAll("{run}", run).replaceAll("{busy}", busy)}` }));
  const ask = arrive === "together" ? askTogether : askInTurns;
  // What is compiled and folded for the first time is warm-up.
  await ask(requests, 2);
  const before = processorMs(child.pid ?? 0);
  const times = await ask(requests, seconds);
  const serverCpuMs = (processorMs(child.pid ?? 0) - before) / times.length;
  answer({
    serverCpuMs,
    p99Ms: quantileOf(times, 0.99),
    p50Ms: quantileOf(times, 0.5),
    maxMs: quantileOf(times, 1),
    requestsPerS: times.length / seconds,
  });
} finally {
  child.kill("SIGTERM");
  await once(child, "exit");
}
