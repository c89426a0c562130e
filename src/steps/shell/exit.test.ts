import { expect, test } from "vitest";
import type { ProcessResult } from "../../ports/processes.ts";
import { meaningOf } from "./exit.ts";

const STREAM = { bytes: 0, sha256: "", headBytes: 0, tailBytes: 0, truncated: false };
const timedOut: ProcessResult = {
  token: "",
  exitCode: null,
  signal: null,
  stopped: "timeout",
  unkillable: false,
  outOfMemory: null,
  spawnError: null,
  startedAt: 0,
  endedAt: 0,
  stdout: STREAM,
  stderr: STREAM,
  outputBytes: null,
  cleanup: null,
};

test.each([
  ["heard TERM", { signal: "SIGTERM" }, "It was told to end, and ended by SIGTERM."],
  ["tidied up and left", { exitCode: 3 }, "It was told to end, and ended with exit code 3."],
  ["heard nothing", { signal: "SIGKILL" }, "It was told to end, and killed when it did not."],
  ["could not even be killed", { unkillable: true }, "It did not end even when killed; it may still be running."],
  ["had not begun", {}, "It was told to end."],
])("a command at its time limit that %s is told as such", (_, result, detail) => {
  expect(meaningOf({ ...timedOut, ...result }, [0], "")).toEqual({ kind: "timed_out", detail });
});
