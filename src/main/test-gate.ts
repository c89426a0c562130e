/** The gate that stands behind attempts. */
import { createCaptures } from "../adapters/cache-fs/captures.ts";
import { createSystemClock } from "../adapters/clock-system/clock.ts";
import { createReports } from "../adapters/reports/reports.ts";
import type { AttemptLayer } from "../ports/attempt-layer.ts";
import { createGateLayer } from "../runtime/gate/layer.ts";

/** `attempts`: where attempts keep their captured output. */
export function createTestGate(attempts: string): { readonly layer: AttemptLayer } {
  return { layer: createGateLayer({ reports: createReports(), captures: createCaptures(attempts), clock: createSystemClock() }) };
}
