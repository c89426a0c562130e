/** Security profiles in a real engine, with the real `prlimit` and `bwrap` (S-14). */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { TaskFailure } from "../../../src/core/failure.ts";
import { useEngines, workflowOf } from "../../support/engine-bench.ts";
import { hasBubblewrap } from "../../support/has-bubblewrap.ts";

const bench = useEngines();

const TIGHT = "profiles:\n  tight:\n    extends: restricted\n    commands: [bash]\n    limits: { file_size: 1MiB }\n";

if (!hasBubblewrap) process.stderr.write("bwrap is missing or may not make namespaces here: its tests are SKIPPED\n");

async function outcome(
  lines: readonly string[],
  head = "",
): Promise<{ readonly state: string; readonly error: TaskFailure | null; readonly workspace: string }> {
  const { troupe, workspace, write } = await bench.open();
  const run = await troupe.run(write(workflowOf(...lines).replace("steps:", `${head}steps:`)), { workspace });
  const { state, steps } = await run.result();
  return { state, error: steps[0]?.error ?? null, workspace };
}

describe("the profile `restricted`", () => {
  test("limits what one process may write, and what it may hold", async () => {
    const at = bench.place();
    const { troupe, workspace, write } = await bench.open({ profiles: { file: at.write(TIGHT, "profiles.yaml"), floor: "tight" } }, at);
    const text = workflowOf("- id: big", "  run: 'head -c 3000000 /dev/zero > big'");
    const { steps } = await (await troupe.run(write(text), { workspace })).result();
    expect(steps[0]?.state).toBe("failed");
    expect(readFileSync(join(workspace, "big")).length).toBeLessThanOrEqual(1024 * 1024);
  });

  test("refuses, before anything begins, what it does not allow", async () => {
    const at = bench.place();
    const { troupe, write } = await bench.open({ profiles: { file: at.write(TIGHT, "profiles.yaml"), floor: "tight" } }, at);
    expect(() => troupe.load(write(workflowOf("- id: a", "  type: shell", "  args: [curl, 'https://example.org']")))).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ code: "DEF_POLICY", message: expect.stringContaining("`curl`") })] }),
    );
  });
});

test("a profile that does not exist fails the step before it begins", async () => {
  const { troupe, workspace, write } = await bench.open();
  expect(() => troupe.load(write(workflowOf("- id: a", "  profile: nobody", "  run: 'touch began'")))).toThrow(
    expect.objectContaining({ errors: [expect.objectContaining({ message: expect.stringContaining("`nobody`") })] }),
  );
  expect(existsSync(join(workspace, "began"))).toBe(false);
});

describe.skipIf(!hasBubblewrap)("the profile `sandboxed`", () => {
  test("leaves the workspace and the step's output, and nothing else, to be written", async () => {
    const lines = [
      "- id: a",
      "  profile: sandboxed",
      "  run: |",
      "    touch mine",
      '    echo \'{"ok": true}\' > "$TROUPE_OUTPUT"',
      "    touch /etc/troupe-was-here && exit 7",
      '    touch "$HOME/troupe-was-here" || true',
      "    test ! -e ../state/troupe.db && test ! -e .troupe/troupe.db",
    ];
    const { state, error, workspace } = await outcome(lines);
    expect({ state, error }).toEqual({ state: "succeeded", error: null });
    expect(existsSync(join(workspace, "mine"))).toBe(true);
    expect(existsSync("/etc/troupe-was-here")).toBe(false);
    expect(existsSync(join(process.env.HOME ?? "/root", "troupe-was-here"))).toBe(false);
  });

  test("has no network, and does not see the processes of others", async () => {
    const lines = [
      "- id: a",
      "  profile: sandboxed",
      '  run: \'test "$(grep -c : /proc/net/dev)" = 1 && test "$(ls -d /proc/[0-9]* | wc -l)" -lt 20\'',
    ];
    expect(await outcome(lines)).toMatchObject({ state: "succeeded" });
  });

  test("ends with all that it started at its time limit (I-15, I-16)", async () => {
    const lines = ["- id: a", "  profile: sandboxed", "  timeout: { after: 700ms, grace: 200ms }", "  run: 'setsid sleep 600 & sleep 600'"];
    expect(await outcome(lines)).toMatchObject({ state: "failed", error: { class: "timeout" } });
  });

  test("is not for functions, which run in the engine", async () => {
    const { troupe, workspace, write } = await bench.open({ functions: { f: () => 1 } });
    const run = await troupe.run(write(workflowOf("- id: a", "  profile: sandboxed", "  call: f")), { workspace });
    expect((await run.result()).steps[0]?.error).toMatchObject({ class: "policy", code: "POLICY_DENIED" });
  });
});
