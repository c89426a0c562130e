import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXIT, exitCodeOf } from "../../../src/cli/exit-code.ts";
import { NODE_MIN, nodeProblem } from "../../../src/cli/node-version.ts";
import { runProgram } from "../../../src/cli/program.ts";
import type { RunView } from "../../../src/contract/run-view.ts";
import { createFolder, createPipes, type Folder } from "./in-process.ts";

let folder: Folder;

beforeAll(() => {
  folder = createFolder();
});
afterAll(() => folder[Symbol.dispose]());

function workflow(name: string, step: string): string {
  const path = join(folder.path, `${name}.troupe.yaml`);
  writeFileSync(path, `name: ${name}\nsteps:\n  - { id: only, ${step} }\n`);
  return path;
}

describe("the exit code of a run says what became of it", () => {
  test.each([
    ["succeeded", "run: 'true'", EXIT.succeeded],
    ["failed", "run: exit 3", EXIT.runFailed],
    ["timed_out", "run: sleep 20, timeout: { after: 100ms, grace: 100ms }", EXIT.timedOut],
    ["quarantined", "run: exit 75, retry: { max: 1, base: 1ms, on_exhausted: quarantine }", EXIT.quarantined],
  ])("%s", async (name, step, code) => {
    const answer = await folder.run(["run", workflow(name, step)]);
    expect([answer.code, answer.err]).toEqual([code, expect.any(String)]);
  });

  test("a run that failed for its budget has a code of its own, and one that another canceled did not succeed", () => {
    const failure = { class: "budget", code: "BUDGET", title: "" } as const;
    expect(exitCodeOf({ state: "failed", error: { step: "a", failure } })).toBe(EXIT.budget);
    expect(exitCodeOf({ state: "canceled", error: null })).toBe(EXIT.runFailed);
  });
});

test("a store that cannot be trusted has its own exit code", async () => {
  const state = join(folder.path, "damaged");
  mkdirSync(state, { mode: 0o700 });
  writeFileSync(join(state, "troupe.db"), "this is no database, and it has been one before it was overwritten");
  const { code, err } = await folder.run(["list", "--state", state]);
  expect(code).toBe(EXIT.storeUnusable);
  expect(err).toContain("(STORE_UNUSABLE)");
});

test("a fault of ours ends with 70 and asks for a report, with a stack only when asked for", async () => {
  const broken = { env: { TROUPE_DEBUG: "" } };
  Object.defineProperty(broken.env, "TROUPE_OUTPUT", {
    enumerable: true,
    get: () => {
      throw new TypeError("planted");
    },
  });
  const { terminal, written } = createPipes();
  const code = await runProgram(["version"], { terminal, env: broken.env, cwd: folder.path, version: "0", texts: new Map(), process });
  expect(code).toBe(EXIT.bug);
  expect(written.err).toContain("error planted (BUG)");
  expect(written.err).not.toContain("    at ");
});

test("a run goes on after a person's decision and ends with the code of its new end", async () => {
  const held = join(folder.path, "held");
  await folder.run(["run", workflow("held", "run: exit 75, retry: { max: 1, base: 1ms, on_exhausted: quarantine }"), "--state", held]);
  const listed = await folder.run(["quarantine", "list", "--state", held, "-o", "json"]);
  expect(JSON.parse(listed.out)).toMatchObject([{ workflow: "held", step: "only" }]);
  const wrong = await folder.run(["quarantine", "skip", "@latest", "nothing", "--state", held]);
  expect([wrong.code, wrong.err]).toEqual([EXIT.usage, expect.stringContaining("(STEP_NOT_FOUND)")]);
  const answer = await folder.run(["quarantine", "override", "@latest", "only", "--value", '{"n":1}', "--state", held, "-o", "json"]);
  expect(answer.code).toBe(EXIT.succeeded);
  const view: RunView = JSON.parse(answer.out);
  expect(view.steps[0]).toMatchObject({ state: "succeeded", output: { n: 1 } });
  const again = await folder.run(["quarantine", "release", "@latest", "only", "--state", held]);
  expect(again.code).toBe(EXIT.usage);
  expect((await folder.run(["retry", "--state", held])).err).toContain("nothing is left to run again");
});

describe("an old Node is told in one line", () => {
  test.each([
    ["20.20.0", true],
    ["24.15.9", true],
    ["24.16.0", false],
    ["26.0.0", false],
  ])("%s: %s", (version, isTooOld) => {
    expect(nodeProblem(version, NODE_MIN) !== null).toBe(isTooOld);
  });
});

test("tests that are chosen by a name that no case has are no success", async () => {
  workflow("named", "run: 'true'");
  const file = join(folder.path, "named.test.yaml");
  writeFileSync(file, 'mocks: { "*": { output: {} } }\ncases:\n  - { name: it goes well }\n');
  expect(await folder.run(["test", file, "--only", "well"])).toMatchObject({ code: 0 });
  const { code, err } = await folder.run(["test", file, "--only", "rollback"]);
  expect([code, err]).toEqual([EXIT.usage, expect.stringContaining("No case has `rollback` in its name.")]);
});
