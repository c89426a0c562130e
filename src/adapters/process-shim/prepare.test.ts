/** What a control directory that was made ahead of its attempt's record tells a later engine (reliability §5). */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RUN_MARK, useProcesses } from "../../../test/support/processes.ts";
import type { ProcessSpec } from "../../ports/processes.ts";
import { createProcesses } from "./processes.ts";

const bench = useProcesses();
const never = new AbortController().signal;
let attempts = 0;

interface Prepared {
  readonly directory: string;
  readonly token: string;
  readonly spec: ProcessSpec;
}

/** An attempt whose directory the engine of the bench has made; its command would leave the file `ran`. */
function prepared(): Prepared {
  const id = `${RUN_MARK}q.s${++attempts}`;
  const directory = join(bench.directory, "control", id, "1");
  const token = `${id}.1.`;
  bench.processes.prepare(directory, token, 1);
  const spec: ProcessSpec = {
    directory,
    token: `${token}${crypto.randomUUID()}`,
    epoch: 1,
    argv: bench.processes.interpreter,
    script: `touch ran${attempts}`,
    cwd: bench.workspace,
    env: bench.processes.inherited,
    confinement: null,
    stdin: null,
    deadlineAt: null,
    graceMs: 300,
    captureMaxBytes: 1_024,
    masks: [],
    cleanup: null,
  };
  return { directory, token, spec };
}

test("an attempt whose engine died before it could start it is known never to have begun", async () => {
  const { directory, token } = prepared();
  const next = createProcesses({ directory: join(bench.directory, "next") });
  expect(await next.judge(directory, token)).toMatchObject({ kind: "not_started" });
  await next[Symbol.asyncDispose]();
});

test("an engine that wakes up after that starts nothing any more (I-10)", async () => {
  const { directory, token, spec } = prepared();
  const next = createProcesses({ directory: join(bench.directory, "next") });
  await next.judge(directory, token);
  expect(await bench.processes.run(spec, never)).toMatchObject({ kind: "not_started" });
  expect(existsSync(join(bench.workspace, `ran${attempts}`))).toBe(false);
  await next[Symbol.asyncDispose]();
});

test("a directory that is gone tells nothing: it may have been removed", async () => {
  const { directory, token } = prepared();
  rmSync(directory, { recursive: true });
  expect(await bench.processes.judge(directory, token)).toMatchObject({ kind: "lost" });
});

test("the attempt runs in the directory that was made for it, and another dispatch in another", async () => {
  const { directory, token, spec } = prepared();
  expect(await bench.processes.run(spec, never)).toMatchObject({ kind: "recorded", directory });
  bench.processes.prepare(directory, token, 1);
  expect(await bench.processes.run(spec, never)).toMatchObject({ kind: "recorded", directory: `${directory}.2` });
  expect(await bench.processes.run(spec, never)).toMatchObject({ kind: "recorded", directory: `${directory}.3` });
  expect(readdirSync(join(directory, "..")).toSorted()).toEqual(["1", "1.2", "1.3"]);
});

test("a place that cannot be made is complained of by the attempt, not before", async () => {
  const { spec } = prepared();
  const nowhere = "/dev/null/nowhere/1";
  bench.processes.prepare(nowhere, spec.token, 1);
  expect(await bench.processes.run({ ...spec, directory: nowhere }, never)).toMatchObject({
    kind: "not_started",
    reason: expect.stringContaining("cannot be made"),
  });
});
