import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { createProcesses } from "../../../src/adapters/process-shim/processes.ts";
import { useFolder } from "./in-process.ts";
import { runToEnd, start } from "./spawned.ts";

// Several processes each, of which the first may have to be built.
vi.setConfig({ testTimeout: 60_000 });

const folder = useFolder();

const TWO_ATTEMPTS = `name: logs
steps:
  - id: flaky
    retry: { max: 1, base: 1ms, jitter: none }
    run: |
      echo "out $TROUPE_ATTEMPT"
      echo "err $TROUPE_ATTEMPT" >&2
      [ "$TROUPE_ATTEMPT" = 2 ]
`;

describe("what is shown of a step", () => {
  beforeEach(async () => {
    expect((await folder.run(["run", folder.workflow(TWO_ATTEMPTS)])).code).toBe(0);
  });

  test.each([
    [[], "flaky │ out 1\nflaky │ err 1\nflaky #2 │ out 2\nflaky #2 │ err 2\n"],
    [["--attempt", "2"], "flaky #2 │ out 2\nflaky #2 │ err 2\n"],
    [["--stderr"], "flaky │ err 1\nflaky #2 │ err 2\n"],
    [["--stdout", "--attempt", "1"], "flaky │ out 1\n"],
    [["--stdout", "--stderr", "--attempt", "1"], "flaky │ out 1\nflaky │ err 1\n"],
    [["--raw", "--stdout"], "out 1\nout 2\n"],
  ])("%j", async (words, shown) => {
    expect((await folder.run(["logs", "@latest", "flaky", ...words])).out).toBe(shown);
  });

  test("following what has ended shows it and ends", async () => {
    const { code, out } = await folder.run(["logs", "@latest", "flaky", "--follow", "--stdout"]);
    expect([code, out]).toEqual([0, "flaky │ out 1\nflaky #2 │ out 2\n"]);
  });

  test("lines have the time at which they came, whoever was there to see it", async () => {
    const json = await folder.run(["logs", "@latest", "flaky", "--timestamps", "-o", "jsonl"]);
    const lines = json.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { at: string; attempt: number; line: string });
    const { steps } = JSON.parse((await folder.run(["show", "-o", "json"])).out) as { steps: [{ startedAt: number; endedAt: number }] };
    expect(lines.map(({ line }) => line)).toEqual(["out 1", "err 1", "out 2", "err 2"]);
    const at = lines.map((line) => Date.parse(line.at));
    for (const time of at) expect(time >= steps[0].startedAt && time <= steps[0].endedAt).toBe(true);
    expect(Math.max(...at.slice(0, 2))).toBeLessThanOrEqual(Math.min(...at.slice(2)));
    expect((await folder.run(["logs", "@latest", "flaky", "-t", "--stdout"])).out).toMatch(/^\d\d:\d\d:\d\d\.\d{3} flaky │ out 1\n/);
    expect((await folder.run(["logs", "--raw", "--timestamps"])).err).toContain("(CLI_USAGE)");
  });
});

test("items of a fan-out are found by their keys as they are written, and by their step", async () => {
  const each = 'name: logs\nsteps:\n  - { id: each, for_each: [src/a, src/b], key: "{{ item.value }}", run: "echo {{ item.key }}" }\n';
  expect((await folder.run(["run", folder.workflow(each), "--sequential"])).code).toBe(0);
  expect((await folder.run(["logs", "@latest", "each[src/b]", "--raw"])).out).toBe("src/b\n");
  expect((await folder.run(["logs", "@latest", "each", "--raw"])).out).toBe("src/a\nsrc/b\n");
  expect((await folder.run(["logs", "@latest", "each[src/b]", "--follow", "--raw"])).out).toBe("src/b\n");
  expect((await folder.run(["show", "--request", "each[src/b]"])).out).toMatch(/^each\[src%2Fb\], attempt 1/);
});

test("a step is followed over its retries until it has ended, and no longer", async () => {
  folder.workflow(`name: follow
steps:
  - id: flaky
    retry: { max: 2, base: 300ms, jitter: none }
    run: |
      echo "attempt $TROUPE_ATTEMPT begins"
      until [ -e "go$TROUPE_ATTEMPT" ]; do sleep 0.02; done
      echo "attempt $TROUPE_ATTEMPT ends"
      [ "$TROUPE_ATTEMPT" = 2 ]
  - { id: other, run: "until [ -e go ]; do sleep 0.05; done" }
`);
  const running = start(["run", "x.troupe.yaml"], { cwd: folder.path });
  await running.saw("flaky started");
  const following = start(["logs", "@latest", "flaky", "-f", "--timestamps"], { cwd: folder.path });
  await following.saw("attempt 1 begins");
  writeFileSync(join(folder.path, "go1"), "");
  await following.saw("attempt 2 begins");
  writeFileSync(join(folder.path, "go2"), "");
  const { code, out } = await following.ended;
  expect(code).toBe(0);
  expect(out.replace(/^\S+ /gm, "")).toBe(
    ["flaky │ attempt 1 begins", "flaky │ attempt 1 ends", "flaky #2 │ attempt 2 begins", "flaky #2 │ attempt 2 ends", ""].join("\n"),
  );
  expect(out.split("\n").slice(1, 4)).toEqual(Array.from({ length: 3 }, () => expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{3} /)));
  expect(running.child.exitCode).toBeNull(); // The run goes on.
  writeFileSync(join(folder.path, "go"), "");
  expect((await running.ended).code).toBe(0);
});

test("a secret that a command prints is on no disk and in no answer (S-38)", async () => {
  const secret = "canary-5f1c0e6b97";
  const file = folder.workflow("name: canary\nsteps: [{ id: leak, run: 'echo placeholder; exit 1' }]\n");
  await folder.run(["run", file]);
  // The next dispatch of the attempt, with the masks that an engine gives for its secrets; split over two writes, and over both streams.
  const attempts = join(folder.path, ".troupe", "attempts");
  const [runId = ""] = readdirSync(attempts);
  const directory = join(attempts, runId, "leak", "1.2");
  const supervisor = join(folder.path, "supervisor");
  mkdirSync(supervisor);
  {
    await using processes = createProcesses({ directory: supervisor });
    const half = secret.length / 2;
    const script = `printf 'a %s' '${secret.slice(0, half)}'; sleep 0.1; echo '${secret.slice(half)} z'; echo '${secret}' >&2`;
    const verdict = await processes.run(
      {
        directory,
        token: "canary.",
        epoch: 1,
        argv: ["/bin/sh", "-c", script],
        script: null,
        cwd: folder.path,
        env: { PATH: process.env.PATH ?? "" },
        confinement: null,
        stdin: null,
        deadlineAt: null,
        graceMs: 1_000,
        captureMaxBytes: 65_536,
        masks: [secret],
        cleanup: null,
      },
      new AbortController().signal,
    );
    expect(verdict.kind).toBe("recorded");
  }
  for (const name of ["stdout", "stderr"]) expect(readFileSync(join(directory, name), "utf8")).not.toContain(secret);
  const shown = await Promise.all(
    [
      ["logs"],
      ["logs", "--raw"],
      ["logs", "-o", "jsonl"],
      ["show"],
      ["why"],
      ["why", "@latest", "leak", "-o", "json"],
      ["top", "-o", "json"],
    ].map(async (words) => {
      const { out, err } = await folder.run(words);
      return out + err;
    }),
  );
  expect(shown[0]).toBe("leak │ a *** z\nleak │ ***\n");
  expect(shown.join("")).not.toContain(secret);
  for (const text of shown.slice(0, 6)) expect(text).toContain("***");
});

test("nobody follows for a reader that has gone", async () => {
  folder.workflow(`name: endless\nsteps: [{ id: talk, run: "until [ -e go ]; do echo line; sleep 0.02; done" }]\n`);
  const running = start(["run", "x.troupe.yaml"], { cwd: folder.path });
  await running.saw("talk started");
  const following = start(["logs", "-f"], { cwd: folder.path });
  await following.saw("talk │ line");
  following.child.stdout?.destroy();
  expect((await following.ended).code).toBe(141);
  writeFileSync(join(folder.path, "go"), "");
  expect((await running.ended).code).toBe(0);
  expect((await runToEnd(["logs"], { cwd: folder.path })).out).toContain("talk │ line");
});
