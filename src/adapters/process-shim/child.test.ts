/** One child, however it is started: by the C library, or by Node with FIFOs or with pipes of its own. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openCapture } from "./capture.ts";
import { type ChildEnd, type ChildOptions, startChild } from "./child.ts";
import { type Libc, loadLibc } from "./libc.ts";
import { createFifos, createPipes, type Pipes } from "./pipes.ts";
import { createSpawner } from "./posix-spawn.ts";

const folder = mkdtempSync(join(tmpdir(), "troupe-test-"));
const libc = loadLibc() as Libc; // Koffi has a binary for every machine that runs the tests.
const fifos = createFifos(folder);
const EMFILE = 24;
const none: Pipes = { open: () => Promise.resolve(null), close: () => undefined };
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let children = 0;

describe.each([
  { by: "the C library", pipes: createPipes(libc), spawner: createSpawner(libc), isOpenable: true },
  { by: "Node, with FIFOs", pipes: fifos, spawner: null, isOpenable: true },
  { by: "Node alone", pipes: none, spawner: null, isOpenable: false },
])("started by $by", ({ pipes, spawner, isOpenable }) => {
  async function start(
    wanted: Partial<ChildOptions>,
  ): Promise<{ ended: Promise<ChildEnd & { out: string; err: string }>; stop: () => void }> {
    const scratch = join(folder, `child-${++children}`);
    mkdirSync(scratch);
    const [stdout, stderr] = ["out", "err"].map((name) => openCapture(join(scratch, name), 1_024, [])) as [Capture, Capture]; // two names
    const child = await startChild({
      script: null,
      argv: ["true"],
      cwd: scratch,
      env: { PATH: process.env.PATH ?? "" },
      stdin: null,
      graceMs: 200,
      stdout,
      stderr,
      scratch,
      pipes,
      spawner,
      ...wanted,
    });
    const textOf = (name: string, capture: Capture): string =>
      capture.finish().bytes === 0 ? "" : readFileSync(join(scratch, name), "utf8");
    const ended = child.ended.then((end) => ({ ...end, out: textOf("out", stdout), err: textOf("err", stderr) }));
    return { ended, stop: child.stop };
  }
  type Capture = ReturnType<typeof openCapture>;
  const run = async (wanted: Partial<ChildOptions>): Promise<ChildEnd & { out: string; err: string }> => await (await start(wanted)).ended;

  test("its streams are captured apart, and its end is told", async () => {
    const end = await run({ argv: ["sh", "-c", "echo one; echo two >&2; exit 3"] });
    expect(end).toEqual({ exitCode: 3, signal: null, spawnError: null, unkillable: false, out: "one\n", err: "two\n" });
  });

  test("it reads what it is given, and nothing else", async () => {
    expect(await run({ argv: ["cat"], stdin: "given" })).toMatchObject({ out: "given" });
    expect(await run({ argv: ["cat"] })).toMatchObject({ out: "" });
  });

  test(`it ${isOpenable ? "may" : "cannot"} open its streams by name`, async () => {
    const { out, err } = await run({ argv: ["bash", "-c", "echo one > /proc/self/fd/1; echo two > /proc/self/fd/2"] });
    if (isOpenable) expect([out, err]).toEqual(["one\n", "two\n"]);
    else expect(err).toContain("No such device or address");
  });

  test("a stop is TERM, and KILL after the grace", async () => {
    const willing = await start({ argv: ["sleep", "60"] });
    willing.stop();
    expect(await willing.ended).toMatchObject({ exitCode: null, signal: "SIGTERM" });
    const unwilling = await start({ argv: ["sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"] });
    unwilling.stop();
    expect(await unwilling.ended).toMatchObject({ exitCode: null, unkillable: false, signal: expect.stringMatching(/^SIG(TERM|KILL)$/) });
  });

  test("what holds its output open after its end does not hold it up", async () => {
    expect(await run({ argv: ["sh", "-c", "echo left; sleep 60 & exit 0"] })).toMatchObject({ exitCode: 0, out: "left\n" });
  });

  test.each([
    ["ENOENT", { argv: ["no-such-program"] }],
    ["EACCES", { argv: ["/etc"] }],
    ["CWD_MISSING", { cwd: "/nowhere" }],
    ["E2BIG", { argv: ["true", ...Array.from({ length: 40 }, () => "x".repeat(100_000))] }],
    ["ERR_INVALID_ARG_VALUE", { argv: ["echo", "a\0b"] }],
  ])("what cannot be started is told as %s", async (spawnError, wanted) => {
    expect(await run(wanted)).toMatchObject({ spawnError, exitCode: null, signal: null });
  });
});

test("a machine without descriptors is told as that, whoever would have used them (F-19)", async () => {
  const pipes = createPipes({ ...libc, pipe2: () => -1, errno: () => EMFILE });
  const capture = openCapture(join(folder, "none"), 1_024, []);
  const options = { script: null, argv: ["true"], cwd: folder, env: {}, stdin: null, graceMs: 200, scratch: folder, spawner: null };
  const child = await startChild({ ...options, stdout: capture, stderr: capture, pipes });
  expect(child.pid).toBeNull();
  expect(await child.ended).toMatchObject({ spawnError: "EMFILE" });
});
