/** Latency of the API, asked by this process of a server in another one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import autocannon from "autocannon";
import { answer, readParameters } from "../meter.ts";

interface Parameters {
  readonly directory: string;
  readonly stored: number;
  readonly active: number;
  readonly seconds: number;
  /** Requests a second. */
  readonly rate: number;
  /** What is asked, `{run}` and `{busy}` being runs that there are; null for starts of runs. */
  readonly paths: readonly string[] | null;
}

const { paths, seconds, rate, ...server } = readParameters<Parameters>();
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
  // What is compiled and folded for the first time is warm-up.
  await autocannon({ url, headers, requests, connections: CONNECTIONS, duration: 2, overallRate: rate });
  const before = processorMs(child.pid ?? 0);
  const {
    latency,
    non2xx,
    errors,
    timeouts,
    requests: done,
  } = await autocannon({
    url,
    headers,
    requests,
    connections: CONNECTIONS,
    duration: seconds,
    overallRate: rate,
  });
  if (non2xx + errors + timeouts > 0)
    throw new Error(`${non2xx} refusals, ${errors} errors and ${timeouts} time-outs of ${done.total} requests`);
  const serverCpuMs = (processorMs(child.pid ?? 0) - before) / done.total;
  answer({ serverCpuMs, p99Ms: latency.p99, p50Ms: latency.p50, maxMs: latency.max, requestsPerS: done.average });
} finally {
  child.kill("SIGTERM");
  await once(child, "exit");
}
