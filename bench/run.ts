/**
 * Measures Troupe beside the limits of the machine and, with --peers, beside the engines and queues of others.
 *
 *     npm run bench -- [w1 w2 …] [--quick | --once] [--peers] [--json]
 *
 * Contenders take turns within each repeat, so that a machine that slows down slows all of them. Figures are medians.
 */
import { cpus, loadavg, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { findWorkRoot, measure } from "./child-process.ts";
import { isInstalled, listPeers } from "./peers.ts";
import { printFigures, printTable, type Row } from "./report.ts";
import { type Figures, medians } from "./tally.ts";
import { type Contender, listWorkloads, type Workload } from "./workloads.ts";

const REPEATS = 3;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    once: { type: "boolean", default: false },
    peers: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const wanted = new Set(positionals.map((id) => id.toLowerCase()));
const workloads = listWorkloads(flags.quick).filter(({ id }) => wanted.size === 0 || wanted.has(id));
const known = [...new Set(listWorkloads(false).map(({ id }) => id))];
const strangers = [...wanted].filter((id) => !known.includes(id));
if (strangers.length > 0) {
  process.stderr.write(`There is no workload ${strangers.join(", ")}. There are: ${known.join(", ")}.\n`);
  process.exit(2);
}

const machine = {
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryGib: Math.round(totalmem() / 2 ** 30),
  node: process.versions.node,
  sqlite: process.versions.sqlite,
  directory: findWorkRoot(),
  loadBefore: loadavg()[0] ?? 0,
};
if (!flags.json) {
  const { cpu, cores, memoryGib, node, sqlite, directory, loadBefore } = machine;
  process.stdout.write(`${cores} x ${cpu}, ${memoryGib} GiB; Node ${node}, SQLite ${sqlite}; state in ${directory}\n`);
  if (loadBefore > cores)
    process.stdout.write(`The machine is busy (load ${loadBefore.toFixed(1)}): look at CPU times, not at wall times.\n`);
}

const results: { readonly workload: string; readonly title: string; readonly rows: readonly Row[] }[] = [];
for (const workload of workloads) {
  const rows = await measureWorkload(workload, flags.quick || flags.once ? 1 : REPEATS);
  results.push({ workload: workload.id, title: workload.title, rows });
  if (!flags.json) printTable(workload, rows);
}
// Last: they keep the processors and the disk busy, and a machine that lends its time out is slower for a while after that.
const limits = await measure({ script: new URL("./limits/machine.ts", import.meta.url), parameters: {} });
if (!flags.json) printFigures("Limits of this machine", limits);
if (flags.json) process.stdout.write(`${JSON.stringify({ machine, limits, results }, null, 2)}\n`);

async function measureWorkload(workload: Workload, repeats: number): Promise<readonly Row[]> {
  const [own] = workload.contenders;
  const peers = flags.peers && own !== undefined ? listPeers(workload.id, own.parameters) : [];
  const contenders = [...workload.contenders, ...peers];
  const measured = new Map<Contender, Figures[]>(contenders.map((contender) => [contender, []]));
  const problems = new Map<Contender, string>();
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const contender of contenders) {
      if (problems.has(contender)) continue;
      try {
        if (contender.kind === "peer" && peers.includes(contender) && !isInstalled(contender))
          throw new Error("run `npm ci` in its folder");
        measured.get(contender)?.push(await measure(contender));
      } catch (error) {
        problems.set(contender, error instanceof Error ? error.message : String(error));
      }
    }
  }
  return contenders.map((contender) => {
    const { name, kind, durability } = contender;
    const figures = measured.get(contender) ?? [];
    return { name, kind, durability, repeats: figures, median: medians(figures), problem: problems.get(contender) ?? null };
  });
}
