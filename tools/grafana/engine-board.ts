/** The engine itself: is it the disk, the main thread, or the worker threads? */
import { type Board, nameOf, quantiles, rate } from "./board.ts";

export const engineBoard: Board = {
  uid: "troupe-engine",
  title: "Troupe / Engine",
  description: "Journal, event lag, worker threads and memory.",
  rows: [
    {
      title: "Journal",
      panels: [
        {
          kind: "graph",
          title: "Time of a commit",
          description: "From handing a batch to the store until it is on disk. One fsync takes 0.1 to 10 ms.",
          unit: "s",
          width: 8,
          alarmFrom: 0.1,
          queries: quantiles("journalCommit", [0.5, 0.99]),
        },
        {
          kind: "graph",
          title: "Entries in a commit",
          description: "Batches grow with load; that is what keeps commits few.",
          unit: "short",
          width: 8,
          queries: [
            { expr: `${rateOf("journalBatch", "_sum")} / ${rateOf("journalBatch", "_count")}`, legend: "mean" },
            ...quantiles("journalBatch", [0.95]),
          ],
        },
        {
          kind: "graph",
          title: "Commits and entries",
          description: "Entries are transitions of runs and steps.",
          unit: "ops",
          width: 8,
          queries: [
            { expr: rateOf("journalCommit", "_count"), legend: "commits" },
            { expr: rate("transitions", "", ["actor"]), legend: "entries of {{actor}}s" },
          ],
        },
      ],
    },
    {
      title: "Pace",
      panels: [
        {
          kind: "graph",
          title: "Event lag",
          description: "From a decision until those who watch hear of it.",
          unit: "s",
          width: 8,
          queries: quantiles("eventLag", [0.5, 0.99]),
        },
        {
          kind: "graph",
          title: "How busy the threads are",
          description: "The main thread decides and dispatches; worker threads run functions.",
          unit: "percentunit",
          width: 8,
          queries: [
            { expr: `max(${nameOf("loopUtilization")})`, legend: "main thread" },
            { expr: `max(${nameOf("poolUtilization")})`, legend: "worker threads" },
          ],
        },
        {
          kind: "graph",
          title: "Places and queue",
          description: "Attempts that hold a place, and the share of the queue's bound in use.",
          unit: "percentunit",
          width: 8,
          queries: [
            { expr: `sum(${nameOf("workers")}{state="busy"}) / sum(${nameOf("workers")})`, legend: "places in use" },
            { expr: `max(${nameOf("backpressure")})`, legend: "queue in use" },
          ],
        },
      ],
    },
    {
      title: "Clients of the server",
      panels: [
        {
          kind: "graph",
          title: "Clients that stay",
          description: "Streams of events and WebSockets that are open at `troupe serve`.",
          unit: "short",
          width: 12,
          queries: [
            { expr: `sum(${nameOf("sseClients")})`, legend: "event streams" },
            { expr: `sum(${nameOf("websocketClients")})`, legend: "WebSockets" },
          ],
        },
      ],
    },
    {
      title: "Process",
      panels: [
        {
          kind: "graph",
          title: "Memory",
          description: "Of the engine's process; shell steps are processes of their own.",
          unit: "bytes",
          width: 12,
          queries: [
            { expr: `sum(${ofTroupe("processMemory")})`, legend: "in RAM" },
            { expr: `sum(${nameOf("heapUsed")})`, legend: "heap in use" },
            { expr: `sum(${nameOf("heapTotal")})`, legend: "heap reserved" },
            { expr: `sum(${nameOf("externalMemory")})`, legend: "outside the heap" },
          ],
        },
        {
          kind: "graph",
          title: "CPU",
          description: "Cores in use by the engine's process.",
          unit: "short",
          width: 12,
          queries: [
            { expr: `sum(rate(${ofTroupe("processCpuUser")}[$__rate_interval]))`, legend: "own code" },
            { expr: `sum(rate(${ofTroupe("processCpuSystem")}[$__rate_interval]))`, legend: "operating system" },
          ],
        },
      ],
    },
  ],
};

function rateOf(key: "journalBatch" | "journalCommit", part: "_sum" | "_count"): string {
  return `sum(rate(${nameOf(key, part)}[$__rate_interval]))`;
}

/** Prometheus has metrics of these names too. */
function ofTroupe(key: "processMemory" | "processCpuUser" | "processCpuSystem"): string {
  return `${nameOf(key)}{job="troupe"}`;
}
