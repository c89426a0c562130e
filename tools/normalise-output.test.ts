import { expect, test } from "vitest";
import { normaliseOutput } from "./normalise-output.ts";

test.each([
  ["run_0190f3a1b2c37d4e8f90a1b2c3d4e5f6 succeeded", "run_ID succeeded"],
  ["ended 2026-11-21T12:00:00.123Z, 12:00:01", "ended TIME, TIME"],
  ["took 850 ms, 4.2 s, 3 m 05 s, 2 h 10 m and 5 d 3 h", "took DURATION, DURATION, DURATION, DURATION and DURATION"],
  ['{"durationMs": 12.5,"startedAt":1700000000000}', '{"durationMs": N,"startedAt": N}'],
  ["\u001b[32mok\u001b[0m   ", "ok"],
  ["in /tmp/troupe-examples-aB3/01-hello", "in TMP/01-hello"],
  ["3 steps, 2 files, version 1.2.0", "3 steps, 2 files, version 1.2.0"],
])("%s is shown as %s", (printed, shown) => {
  expect(normaliseOutput(printed)).toBe(shown);
});
