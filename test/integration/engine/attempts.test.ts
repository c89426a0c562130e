/** Commands that do not behave, seen from the run (F-17, F-19 to F-21, F-24). */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand, startCommand } from "../../support/command.ts";
import { useEngines, waitFor, workflowOf } from "../../support/engine-bench.ts";
import { eventually } from "../../support/eventually.ts";

const bench = useEngines();

/** Processes of a run that are still there, zombies aside. */
function processesOf(runId: string): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").includes(`TROUPE_RUN_ID=${runId}\0`);
    } catch {
      return false;
    }
  });
}

test("a command that ignores TERM ends at its limit plus its grace, and the run goes on (F-20, I-16)", async () => {
  const { troupe, workspace, write } = await bench.open();
  const graceMs = 200;
  let wasDeaf = false;
  // On a busy machine TERM may come before the shell has become deaf to it. Then that was no such command, and the next gets longer.
  for (let limitMs = 500; !wasDeaf && limitMs < 10_000; limitMs *= 3) {
    rmSync(join(workspace, "deaf"), { force: true });
    const text = workflowOf(
      "- id: deaf",
      "  optional: true",
      `  timeout: { after: ${limitMs}ms, grace: ${graceMs}ms }`,
      "  run: \"trap '' TERM; touch deaf; while :; do sleep 0.05; done\"",
      "- id: next",
      "  needs: [deaf]",
      "  join: all_done",
      "  run: 'true'",
    );
    const run = await troupe.run(write(text), { workspace });
    const { state, steps } = await run.result();
    expect({ state, steps: steps.map((step) => step.state) }).toEqual({ state: "succeeded", steps: ["failed", "succeeded"] });
    expect(steps[0]?.error).toMatchObject({ class: "timeout" });
    expect(processesOf(run.id)).toEqual([]);
    wasDeaf = existsSync(join(workspace, "deaf"));
    expect(steps[0]?.durationMs).toBeGreaterThanOrEqual(wasDeaf ? limitMs + graceMs : limitMs);
  }
  expect(wasDeaf).toBe(true);
});

test("what a command leaves behind in a session of its own is gone soon after its outcome (F-21, I-15)", async () => {
  const { troupe, workspace, write } = await bench.open();
  const text = workflowOf(
    "- id: parent",
    "  timeout: { after: 20s, grace: 200ms }",
    "  run: 'setsid sleep 600 & nohup sleep 600 > /dev/null & echo $! > child'",
  );
  const run = await troupe.run(write(text), { workspace });
  expect((await run.result()).state).toBe("succeeded");
  await waitFor(join(workspace, "child"));
  await eventually(() => expect(processesOf(run.id)).toEqual([]));
});

test("a command that is out of memory fails with its signal or code, and the engine lives (F-17)", async () => {
  const { troupe, workspace, write } = await bench.open();
  const greedy = 'node -e "const hold = []; for (;;) hold.push(Buffer.alloc(1 << 20, 1))"';
  const text = workflowOf("- id: greedy", `  run: 'ulimit -v 1500000; ${greedy}'`);
  const { state, steps } = await (await troupe.run(write(text), { workspace })).result();
  expect({ state, error: steps[0]?.error }).toMatchObject({ state: "failed", error: { class: "transient" } });
  const next = await troupe.run(write(workflowOf("- id: next", "  run: 'true'"), "next.yaml"), { workspace });
  expect((await next.result()).state).toBe("succeeded");
});

test("any bytes come through as output, log and event, and are valid JSON on the way (F-24)", async () => {
  const { workspace, state, write } = bench.place();
  const file = write(
    workflowOf(
      "- id: odd",
      "  stdout: text",
      "  run: \"printf 'nul:\\\\0 bad:\\\\377\\\\376 esc:\\\\033[31m line:\\\\342\\\\200\\\\250 half:\\\\355\\\\240\\\\200 end'; head -c 1000000 /dev/zero | tr '\\\\0' x\"",
      "- id: same",
      "  stdout: text",
      "  run: 'printf %s {{ steps.odd.output | length }}'",
    ),
  );
  const { code, stdout } = await runCommand(["run", file, "--state", state, "-o", "jsonl"], { cwd: workspace });
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly type: string; readonly to?: string }); // One event a line.
  expect({ code, last: events.at(-1)?.type }).toEqual({ code: 0, last: "run.succeeded" });
  const shown = await runCommand(["show", "@latest", "--state", state, "-o", "json"], { cwd: workspace });
  const view = JSON.parse(shown.stdout) as { readonly steps: readonly { readonly output: string }[] }; // A run.
  const [odd, same] = view.steps.map(({ output }) => output);
  expect(odd).toContain("nul:\0 bad:\ufffd\ufffd esc:\u001b[31m line:\u2028");
  expect(Number(same)).toBe(odd?.length);
  const text = await runCommand(["show", "@latest", "--state", state], { cwd: workspace });
  expect(text.stdout).not.toContain("\u001b[31m");
  const logs = await runCommand(["logs", "@latest", "odd", "--state", state], { cwd: workspace });
  expect(logs.stdout.length).toBeGreaterThan(900_000);
});

test("a machine short of file descriptors costs no attempt: the step waits and succeeds (F-19)", async () => {
  const { workspace, state, write } = bench.place();
  const file = write(workflowOf(...Array.from({ length: 24 }, (_, index) => [`- id: s${index}`, "  run: 'sleep 0.2'"]).flat()));
  const words = ["run", file, "--state", state, "--max-workers", "24", "-o", "json"];
  const { code, stdout, stderr } = await startCommand(words, { cwd: workspace, through: ["prlimit", "--nofile=72"] }).ended;
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const view = JSON.parse(stdout) as { readonly steps: readonly { readonly state: string; readonly attempts: number }[] }; // A run.
  expect(new Set(view.steps.map(({ state: ended, attempts }) => `${ended} ${attempts}`))).toEqual(new Set(["succeeded 1"]));
});
