/** Engines and queues of others, each in a folder of its own with its own packages; they never enter Troupe's dependencies. */
import { existsSync } from "node:fs";
import type { Contender } from "./workloads.ts";

interface Peer {
  readonly name: string;
  readonly folder: string;
  readonly durability: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

const PEERS: readonly Peer[] = [
  { name: "BullMQ, AOF always", folder: "bullmq", durability: "fsync, grouped", options: { appendfsync: "always" } },
  { name: "BullMQ, AOF everysec", folder: "bullmq", durability: "no fsync per step", options: { appendfsync: "everysec" } },
  { name: "pg-boss", folder: "pg-boss", durability: "fsync" },
  { name: "OpenWorkflow", folder: "openworkflow", durability: "fsync, not grouped" },
  { name: "DBOS", folder: "dbos", durability: "fsync" },
  { name: "Restate", folder: "restate", durability: "fsync" },
];

/** Workloads of the engine that peers do as well; their scripts take the same parameters as ours. */
const SHARED: ReadonlySet<string> = new Set(["w1", "w2", "w3", "w4"]);

/** Time until parked runs wake: longer than the slowest peer takes to park them. */
const PEER_PARK_MS = 90_000;

/** Empty for a workload that peers have no counterpart of. */
export function listPeers(workload: string, parameters: Readonly<Record<string, unknown>>): readonly Contender[] {
  if (!SHARED.has(workload)) return [];
  return PEERS.map(({ name, folder, durability, options = {} }) => ({
    name,
    kind: "peer" as const,
    durability,
    script: new URL(`./peers/${folder}/run.ts`, import.meta.url),
    parameters: { workload, ...parameters, ...(workload === "w4" && { parkMs: PEER_PARK_MS }), ...options },
    timeoutMs: 300_000,
  }));
}

export function isInstalled({ script }: Contender): boolean {
  return existsSync(new URL("./node_modules", script));
}
