/** Random small workflows for property tests: any graph without a circle, with durations, priorities, locks and policies. */
import fc from "fast-check";
import type { CompiledWorkflow } from "../../src/plan/workflow.ts";
import { buildWorkflow, type StepSpec } from "./workflow-builder.ts";

const STEPS_MAX = 9;

/** A step may need any step before it, so there is no circle. */
function anyStep(index: number): fc.Arbitrary<StepSpec> {
  const before = Array.from({ length: index }, (_, earlier) => `s${earlier}`);
  return fc.record({
    id: fc.constant(`s${index}`),
    needs: fc.subarray(before, { maxLength: Math.min(3, index) }),
    durationMs: fc.integer({ min: 0, max: 50 }),
    priority: fc.constantFrom(1, 2, 3, 4, 5),
    locks: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray(["db", "web"]) }),
    timeout: fc.record({ afterMs: fc.integer({ min: 1, max: 100 }), graceMs: fc.nat({ max: 10 }) }),
    retry: fc.record({ max: fc.nat({ max: 3 }), baseMs: fc.nat({ max: 20 }) }),
  });
}

export const anyWorkflow: fc.Arbitrary<CompiledWorkflow> = fc
  .nat({ max: STEPS_MAX })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => anyStep(index))))
  .map((specs) => buildWorkflow(specs));
