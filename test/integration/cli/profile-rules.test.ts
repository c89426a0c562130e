/** What security profiles hold across engines, tools, links and jobs (S-11, S-14, S-15). */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { AGENTS, callsIn } from "../../support/agent-bench.ts";
import { runCommand, startCommand } from "../../support/command.ts";
import { type Place, useEngines, waitFor, workflowOf } from "../../support/engine-bench.ts";
import { hasBubblewrap } from "../../support/has-bubblewrap.ts";

const bench = useEngines();

const tight = (...lines: string[]): string => `profiles:\n  tight:\n${lines.map((line) => `    ${line}\n`).join("")}`;

interface Shown {
  readonly state: string;
  readonly steps: readonly { readonly state: string; readonly attempts: number; readonly error: Record<string, unknown> | null }[];
}

async function resumed({ workspace, state }: Place, env: Readonly<Record<string, string>>): Promise<Shown> {
  await runCommand(["resume", "--state", state], { cwd: workspace, env });
  const { stdout } = await runCommand(["show", "@latest", "--state", state, "-o", "json"], { cwd: workspace });
  return JSON.parse(stdout) as Shown; // a run
}

describe("a run that was started under no profile", () => {
  test("is refused what the engine that takes it up again does not allow", async () => {
    const at = bench.place();
    const file = at.write(workflowOf("- id: a", "  run: touch began"));
    const killed = await runCommand(["run", file, "--state", at.state], { cwd: at.workspace, env: { TROUPE_CRASH_AT: "after-commit:1" } });
    expect(killed.signal).toBe("SIGKILL");
    const profiles = at.write(tight("commands: [git]"), "profiles.yaml");
    const view = await resumed(at, { TROUPE_PROFILE: "tight", TROUPE_PROFILES: profiles });
    expect(view).toMatchObject({ state: "failed", steps: [{ error: { class: "policy", code: "POLICY_DENIED" } }] });
    expect(existsSync(join(at.workspace, "began"))).toBe(false);
  });

  test("has what still runs ended by an engine that does not allow it (I-15)", async () => {
    const at = bench.place();
    const file = at.write(workflowOf("- id: a", "  run: 'touch began; trap \"touch told; exit 9\" TERM; while :; do sleep 0.05; done'"));
    const first = startCommand(["run", file, "--state", at.state], { cwd: at.workspace });
    await waitFor(join(at.workspace, "began"));
    first.child.kill("SIGKILL");
    await first.ended;
    const profiles = at.write(tight("commands: [git]"), "profiles.yaml");
    const view = await resumed(at, { TROUPE_PROFILE: "tight", TROUPE_PROFILES: profiles });
    expect(view).toMatchObject({ state: "failed", steps: [{ attempts: 2, error: { class: "policy", code: "POLICY_DENIED" } }] });
    expect(existsSync(join(at.workspace, "told"))).toBe(true);
  });
});

describe("the flag `--profile`", () => {
  test("holds for a run in the background too", async () => {
    const at = bench.place();
    const file = at.write(workflowOf("- id: a", "  run: 'ulimit -n > limit.new; mv limit.new limit'"));
    await runCommand(["run", file, "--state", at.state, "--detach", "--profile", "restricted"], { cwd: at.workspace });
    await waitFor(join(at.workspace, "limit"));
    expect(readFileSync(join(at.workspace, "limit"), "utf8")).toBe("4096\n");
  }, 60_000);

  const holding = ["- id: a", "  run: 'touch began; until [ -e go ]; do sleep 0.05; done'"];
  const measuring = ["- id: b", "  run: 'ulimit -n > limit'"];

  test("holds where another engine drives the run, which has none itself", async () => {
    const at = bench.place();
    const held = startCommand(["run", at.write(workflowOf(...holding)), "--state", at.state], { cwd: at.workspace });
    await waitFor(join(at.workspace, "began"));
    const other = at.write(workflowOf(...measuring), "other.troupe.yaml");
    const { code } = await runCommand(["run", other, "--state", at.state, "--profile", "restricted"], { cwd: at.workspace });
    writeFileSync(join(at.workspace, "go"), "");
    await held.ended;
    expect([code, readFileSync(join(at.workspace, "limit"), "utf8")]).toEqual([0, "4096\n"]);
  });

  test("stays with a run that an engine without it takes up", async () => {
    const at = bench.place();
    const file = at.write(workflowOf(...measuring));
    const flags = ["--state", at.state, "--profile", "restricted"];
    await runCommand(["run", file, ...flags], { cwd: at.workspace, env: { TROUPE_CRASH_AT: "after-commit:1" } });
    expect(await resumed(at, {})).toMatchObject({ state: "succeeded" });
    expect(readFileSync(join(at.workspace, "limit"), "utf8")).toBe("4096\n");
  });

  test("stays with the runs that a run starts", async () => {
    const at = bench.place();
    at.write(workflowOf(...measuring), "child.troupe.yaml");
    const file = at.write(workflowOf("- id: child", "  type: workflow", "  workflow_file: child.troupe.yaml"));
    const flags = ["--state", at.state, "--profile", "restricted"];
    await runCommand(["run", file, ...flags], { cwd: at.workspace, env: { TROUPE_CRASH_AT: "after-commit:1" } });
    expect(await resumed(at, {})).toMatchObject({ state: "succeeded" });
    expect(readFileSync(join(at.workspace, "limit"), "utf8")).toBe("4096\n");
  });

  test("is unknown to an engine that does not have its file, which runs nothing without it", async () => {
    const at = bench.place();
    const profiles = at.write(tight("step_types: [shell]"), "profiles.yaml");
    const env = { TROUPE_CRASH_AT: "after-commit:1", TROUPE_PROFILES: profiles };
    await runCommand(["run", at.write(workflowOf(...measuring)), "--state", at.state, "--profile", "tight"], { cwd: at.workspace, env });
    expect(await resumed(at, {})).toMatchObject({ state: "failed", steps: [{ error: { class: "policy", code: "PROFILE_UNKNOWN" } }] });
    expect(existsSync(join(at.workspace, "limit"))).toBe(false);
  });
});

describe("`commands` of a profile", () => {
  const node = (name: string, file: string): string =>
    `  - { name: ${name}, adapter: ${name}, command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(join(AGENTS, file))}], capabilities: [code-edit] }\n`;

  async function ask(commands: string, step: readonly string[]) {
    const at = bench.place();
    writeFileSync(join(at.workspace, "router.yaml"), `tools:\n${node("claude_code", "claude.mjs")}`);
    const file = at.write(tight(`commands: ${commands}`), "profiles.yaml");
    const { troupe, workspace, write } = await bench.open({ profiles: { file, floor: "tight" } }, at);
    const started = await troupe.run(write(workflowOf("- id: a", "  type: agent", ...step, '  prompt: "ANSWER=ok"')), { workspace });
    return { workspace, view: await started.result() };
  }

  test("are also those of the tools that agent steps start (S-11)", async () => {
    for (const step of [["  agent: claude_code"], ["  tool: { needs: [code-edit] }"]]) {
      const denied = await ask("[git]", step);
      expect(denied.view.steps[0]?.error).toMatchObject({ class: "policy", code: "TOOL_DENIED" });
      expect(callsIn(denied.workspace)).toEqual([]);
      const allowed = await ask("[node]", step);
      expect(allowed.view.state).toBe("succeeded");
    }
  });

  test("are told as the reason for which a tool was not taken", async () => {
    const { view } = await ask("[git]", ["  agent: claude_code"]);
    expect(JSON.stringify(view.steps[0]?.error)).toContain("profile `tight`");
  });

  test("are also those of an agent's own command", async () => {
    await expect(ask("[git]", ["  agent: custom", "  custom: { command: [bash, -c, 'touch began'] }"])).rejects.toMatchObject({
      errors: [{ code: "DEF_POLICY", message: expect.stringContaining("`bash`") }],
    });
  });
});

test("a sandbox that cannot be made is refused before anything runs, and nothing runs with less (CF1)", async () => {
  const at = bench.place();
  const bin = join(at.workspace, "bin");
  mkdirSync(bin);
  for (const name of ["bash", "touch"]) symlinkSync(`/usr/bin/${name}`, join(bin, name));
  const file = at.write(workflowOf("- id: a", "  profile: restricted", "  run: touch began"));
  await runCommand(["run", file, "--state", at.state], { cwd: at.workspace, env: { PATH: bin } });
  const { stdout } = await runCommand(["show", "@latest", "--state", at.state, "-o", "json"], { cwd: at.workspace });
  expect(JSON.parse(stdout)).toMatchObject({ steps: [{ error: { class: "policy", code: "SANDBOX_UNAVAILABLE" } }] });
  expect(existsSync(join(at.workspace, "began"))).toBe(false);
});

describe.skipIf(!hasBubblewrap)("two sandboxed jobs", () => {
  test("see neither each other's /tmp nor the machine's, and cannot change /etc for each other (S-14)", async () => {
    const { troupe, workspace, write } = await bench.open();
    const ours = mkdtempSync(join("/tmp", "troupe-canary-"));
    const lines = ["one", "two"].flatMap((id) => [
      `- id: ${id}`,
      "  profile: sandboxed",
      "  stdout: text",
      "  timeout: 20s",
      `  run: 'touch /tmp/${id} /var/tmp/${id}; touch ${id}; until [ -e one ] && [ -e two ]; do sleep 0.05; done; touch /etc/${id} 2> /dev/null || ls /tmp /var/tmp | grep -E "^(one|two|troupe-canary)" | sort -u | tr "\\n" " "'`,
    ]);
    const { steps } = await (await troupe.run(write(workflowOf(...lines)), { workspace })).result();
    const left = readdirSync(ours);
    rmSync(ours, { recursive: true });
    expect(steps.map(({ output }) => output)).toEqual(["one ", "two "]);
    expect(left).toEqual([]);
  });

  test("may write where their profile says, and not behind a link of the repository that leads out (S-15)", async () => {
    const at = bench.place();
    const outside = mkdtempSync(join(tmpdir(), "troupe-outside-"));
    mkdirSync(join(at.workspace, "out"));
    symlinkSync(outside, join(at.workspace, "link"));
    writeFileSync(join(at.workspace, "source"), "read me");
    const file = at.write(tight("extends: sandboxed", "writable: [out, link]"), "profiles.yaml");
    const { troupe, workspace, write } = await bench.open({ profiles: { file, floor: "tight" } }, at);
    const script = "cat source; touch out/mine; touch mine && exit 7; touch link/mine && exit 8; true";
    const { state, steps } = await (
      await troupe.run(write(workflowOf("- id: a", "  stdout: text", `  run: '${script}'`)), { workspace })
    ).result();
    const leaked = readdirSync(outside);
    rmSync(outside, { recursive: true });
    expect({ state, output: steps[0]?.output, error: steps[0]?.error }).toEqual({ state: "succeeded", output: "read me", error: null });
    expect(leaked).toEqual([]);
    expect(existsSync(join(workspace, "out", "mine"))).toBe(true);
  });

  test("plant nothing in their control directory that leads what supervises them out of it (S-15)", async () => {
    const outside = mkdtempSync(join(tmpdir(), "troupe-outside-"));
    const { troupe, workspace, write, state } = await bench.open();
    const names = [
      "result.json",
      "output.json",
      "pid.json",
      "times",
      "stdout.times",
      "stderr.times",
      "beat",
      "cleanup",
      "cleanup.sh",
      "script",
      "stdin",
    ];
    const plant = names.flatMap((name) => ["", ".tmp"].map((end) => `${name}${end}`)).join(" ");
    const lines = [
      "- id: planted",
      "  profile: sandboxed",
      "  timeout: 20s",
      '  env: { HELD: "{{ input.held }}" }',
      "  run: |",
      '    cd "$(dirname "$TROUPE_OUTPUT")"; echo "{}" > "$TROUPE_OUTPUT"',
      `    for name in ${plant}; do ln -sf ${outside}/$name $name || true; done; sleep 4`,
      "  cleanup: 'true'",
      '- { id: blocked, profile: sandboxed, timeout: 20s, run: \'cd "$(dirname "$TROUPE_OUTPUT")"; mkdir result.json.tmp\' }',
      "- { id: beside, run: sleep 1 }",
    ];
    const run = await troupe.run(write(workflowOf(...lines).replace("steps:", "input: { held: string }\nsteps:")), {
      workspace,
      input: { held: "x" },
    });
    const { steps } = await run.result();
    const leaked = readdirSync(outside);
    rmSync(outside, { recursive: true });
    expect(leaked, state).toEqual([]);
    expect(steps.slice(1).map(({ id, state: ended }) => `${id} ${ended}`)).toEqual(["blocked succeeded", "beside succeeded"]);
  }, 60_000);
});
