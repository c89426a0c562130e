import type { GatePolicy } from "../../src/plan/step-policies.ts";

/** As `gate: {}` compiles: every test that there is has passed. */
export const GATE_PLAIN: GatePolicy = {
  report: null,
  format: "auto",
  minPassed: 0,
  maxFailed: 0,
  maxSkipped: null,
  coverage: null,
  coverageReport: null,
  allowEmpty: false,
};
