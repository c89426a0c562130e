/** The process that serves, as the API tells it. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { DATABASE } from "../adapters/store-sqlite/directory.ts";
import type { Caller } from "../api/access.ts";
import type { ProcessView } from "../api/plant-service.ts";
import type { SystemView } from "../contract/system-view.ts";
import type { Driver, Project } from "./project-shape.ts";

export interface SystemParts {
  readonly project: Project;
  readonly driver: Driver;
  readonly version: string;
  readonly caller: Caller;
  readonly startedAt: number;
}

export function systemOf({ project: { store, directory }, driver, caller, version, startedAt }: SystemParts): ProcessView {
  const load = driver.load();
  const { runs, quarantinedSteps, pendingApprovals } = store.census(caller.tenant);
  const depths = load?.waiting ?? [];
  const limit = load?.queueBound ?? 0;
  const backpressure = load !== null && depths.reduce((sum, depth) => sum + depth, 0) >= limit;
  const check = (name: string, ok: boolean, detail: string, fix: string): SystemView["checks"][number] => ({
    name,
    ok,
    detail,
    fix: ok ? null : fix,
  });
  return {
    version,
    startedAt,
    engine: { kind: driver.kind, epoch: store.epoch(), safeMode: driver.safeMode },
    queue: { depths, limit, backpressure },
    workers: { busy: load?.running ?? 0, limit: load?.limit ?? 0 },
    runs: Object.fromEntries(runs),
    quarantined: quarantinedSteps,
    pendingApprovals,
    store: { bytes: bytesOf(directory), lastPosition: store.lastPosition() },
    checks: [
      check(
        "engine",
        !driver.safeMode,
        driver.safeMode ? "it has crashed too often and starts nothing" : driver.kind === "local" ? "here" : "in another process",
        "`troupe recover` tells more.",
      ),
      check(
        "queue",
        !backpressure,
        `${depths.reduce((sum, depth) => sum + depth, 0)} of ${limit}`,
        "Let runs end, or give it more workers.",
      ),
    ],
  };
}

function bytesOf(directory: string): number {
  const file = join(directory, DATABASE);
  return [file, `${file}-wal`].reduce((sum, one) => sum + (statSync(one, { throwIfNoEntry: false })?.size ?? 0), 0);
}
