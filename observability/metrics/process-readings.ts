/** What the process itself uses. The names are those of other Prometheus clients, so that boards made for them fit. */
import { performance } from "node:perf_hooks";
import type { Tallies } from "./tallies.ts";

export function createProcessReadings({ counters, gauges }: Tallies): { refresh(): void } {
  const startedAtS = performance.timeOrigin / 1_000;
  let last = performance.eventLoopUtilization();
  return {
    refresh() {
      const { user, system } = process.cpuUsage();
      counters.processCpuUser.at().value = user / 1e6;
      counters.processCpuSystem.at().value = system / 1e6;
      const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, last);
      last = now;
      gauges.set("processMemory", [{ labels: {}, value: rss }]);
      gauges.set("processStart", [{ labels: {}, value: startedAtS }]);
      gauges.set("heapUsed", [{ labels: {}, value: heapUsed }]);
      gauges.set("heapTotal", [{ labels: {}, value: heapTotal }]);
      gauges.set("externalMemory", [{ labels: {}, value: external }]);
      gauges.set("loopUtilization", [{ labels: {}, value: utilization }]);
    },
  };
}
