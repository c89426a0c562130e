/** What anybody can see of runs that somebody else drives: `top` and `show`, also when their engine is gone. */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RunForecast } from "../../../src/cli/run-forecast.ts";
import type { TopPicture } from "../../../src/cli/top/top-picture.ts";
import type { RunView } from "../../../src/contract/run-view.ts";
import { builtCommand } from "../../support/built.ts";
import { eventually } from "../../support/eventually.ts";
import { createFolder, type Folder } from "./in-process.ts";
import { runToEnd, start } from "./spawned.ts";

/** Half of the expected work is done when `second` starts; it ends when the file `go` appears. */
const WORKFLOW = `name: halves
steps:
  - { id: first, run: "true", cost: { duration: 50s } }
  - id: second
    needs: [first]
    cost: { duration: 50s }
    run: |
      echo half of it is done
      until [ -e go ]; do sleep 0.05; done
`;

// Several processes each, of which the first may have to be built.
vi.setConfig({ testTimeout: 60_000 });

let folder: Folder;

beforeEach(() => {
  folder = createFolder();
  writeFileSync(join(folder.path, "halves.troupe.yaml"), WORKFLOW);
});
afterEach(() => {
  writeFileSync(join(folder.path, "go"), "");
  folder[Symbol.dispose]();
});

type Shown = RunView & { readonly forecast: RunForecast | null };

const look = async (): Promise<{ readonly shown: Shown; readonly top: TopPicture }> => {
  const [show, top] = await Promise.all([["show"], ["top"]].map((words) => runToEnd([...words, "-o", "json"], { cwd: folder.path })));
  return { shown: JSON.parse(show?.out ?? ""), top: JSON.parse(top?.out ?? "") };
};

test("progress and time left survive the death of their engine, for whoever looks (O8)", async () => {
  const running = start(["run", "halves.troupe.yaml"], { cwd: folder.path });
  await running.saw("second started");
  const before = await look();
  expect(before.shown.forecast).toMatchObject({ percent: expect.any(Number), isDriven: true, endsAt: expect.any(Number) });
  expect(before.top).toMatchObject({ isDriven: true, unfinished: 1, running: 1, queued: 0 });

  running.child.kill("SIGKILL");
  await running.ended;
  const after = await look();
  expect(after.shown).toMatchObject({ state: "running", progress: { done: 1, total: 2 } });
  expect(after.shown.forecast).toMatchObject({ isDriven: false, endsAt: null });
  for (const { percent, remainingMs } of [after.shown.forecast, after.top.runs[0]].flatMap((one) => one ?? [])) {
    // Nothing is lost: the first half is done, and of the second only the time that has passed.
    expect(percent).toBeGreaterThanOrEqual(before.shown.forecast?.percent ?? 0);
    expect(percent).toBeLessThan(99);
    expect(remainingMs).toBeGreaterThan(10_000);
    expect(remainingMs).toBeLessThanOrEqual(50_000);
  }
  expect(after.top).toMatchObject({
    isDriven: false,
    runs: [{ workflow: "halves", done: 1, total: 2, steps: [{ id: "second", attempt: 1, lastLine: "half of it is done" }] }],
  });
  expect((await runToEnd(["show"], { cwd: folder.path })).out).toMatch(/^\d+ % done, about \d+ s left; nobody drives it at the moment$/m);

  writeFileSync(join(folder.path, "go"), "");
  expect((await runToEnd(["resume"], { cwd: folder.path })).code).toBe(0);
  const ended = await look();
  expect(ended.shown.forecast).toBeNull();
  expect(ended.top).toMatchObject({ unfinished: 0, runs: [{ state: "succeeded", percent: 100 }] });
});

describe("without a terminal", () => {
  test("a picture is printed once, also of nothing", async () => {
    const { code, out } = await folder.run(["top"]);
    expect([code, out]).toEqual([0, expect.stringContaining("There are no runs yet.")]);
    expect(JSON.parse((await folder.run(["top", "--once", "-o", "jsonl"])).out)).toMatchObject({
      hasState: false,
      runs: [],
      problem: null,
    });
  });

  test("a store that cannot be read is told in the picture", async () => {
    await folder.run(["run", join(folder.path, "halves.troupe.yaml"), "--dry-run"]);
    const state = join(folder.path, "broken");
    mkdirSync(state, { mode: 0o700 });
    writeFileSync(join(state, "troupe.db"), "this is no database, and it never was one, whatever its name may say");
    const { code, out } = await folder.run(["top", "--state", state, "-o", "json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out).problem).toContain("The store cannot be used");
  });

  test("with jsonl there is a picture at every change, over a state directory that comes and goes", async () => {
    const watching = start(["top", "-o", "jsonl"], { cwd: folder.path });
    await watching.saw('"hasState":false');
    const running = start(["run", "halves.troupe.yaml"], { cwd: folder.path });
    await running.saw("second started");
    await watching.saw('"lastLine":"half of it is done"');
    running.child.kill("SIGKILL");
    await running.ended;
    await watching.saw('"isDriven":false,"unfinished":1');
    const seen = lineCount(watching.written());
    writeFileSync(join(folder.path, "go"), "");
    rmSync(join(folder.path, ".troupe"), { recursive: true, force: true });
    await watching.sawAfter(seen, '"hasState":false');
    writeFileSync(join(folder.path, "other.troupe.yaml"), "name: other\nsteps: [{ id: only, run: 'true' }]\n");
    await runToEnd(["run", "other.troupe.yaml"], { cwd: folder.path });
    await watching.saw('"workflow":"other","state":"succeeded"');
    watching.child.kill("SIGINT");
    expect((await watching.ended).code).toBe(0);
  });
});

function lineCount(text: string): number {
  return text.split("\n").length - 1;
}

/** `script` of util-linux gives a command a terminal of its own. */
const hasTerminals = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") === true;

test.skipIf(!hasTerminals)("in a terminal it takes the screen, answers keys, and gives the screen back", async () => {
  writeFileSync(join(folder.path, "other.troupe.yaml"), "name: other\nsteps: [{ id: only, run: 'true' }]\n");
  await runToEnd(["run", "other.troupe.yaml"], { cwd: folder.path });
  const command = [process.execPath, builtCommand(), "top"].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qec", `stty cols 80 rows 12; ${command}`, "/dev/null"], {
    cwd: folder.path,
    env: { PATH: process.env.PATH, HOME: folder.path, TERM: "xterm", NO_COLOR: "1" },
  });
  let shown = "";
  child.stdout.on("data", (part: Buffer) => {
    shown += part;
  });
  const ended = new Promise((settle) => child.once("close", settle));
  await eventually(() => expect(shown).toMatch(/✔ other +succeeded/), 30_000);
  expect(shown).toContain("\u001b[?1049h");
  child.stdin.write("\u001b[Bq");
  expect(await ended).toBe(0);
  expect(shown.trimEnd().endsWith("\u001b[?1049l")).toBe(true);
  // What is painted is plain, and every line leaves the last column free.
  const picture = stripVTControlCharacters(shown).split("\r\n");
  for (const line of picture) expect(line.length).toBeLessThan(80);
});
