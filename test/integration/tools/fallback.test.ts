/** Tools of a running engine: the next one takes over within the attempt, breakers open and are closed by people, limits hold. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TenantId } from "../../../src/core/ids.ts";
import { createTroupe, type Troupe } from "../../../src/main/index.ts";
import { openToolDesk, type ToolDesk } from "../../../src/main/tool-desk.ts";
import { eventually } from "../../support/eventually.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "troupe-fallback-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));

function script(name: string, body: string): void {
  writeFileSync(join(root, name), `#!/bin/sh\ncat > /dev/null\necho ${name} >> "${root}/calls"\n${body}\n`);
  chmodSync(join(root, name), 0o755);
}
const calls = (): readonly string[] => readFileSync(join(root, "calls"), "utf8").trim().split("\n");
const router = (...tools: readonly string[]): void =>
  writeFileSync(
    join(root, "router.yaml"),
    `builtins: false\ntools:\n${tools.map((tool) => `  - { adapter: command, capabilities: [work], ${tool} }\n`).join("")}`,
  );
function workflow(...more: readonly string[]): string {
  const file = join(root, "flow.troupe.yaml");
  const step = [
    "  - id: work",
    "    type: agent",
    "    tool: { needs: [work] }",
    "    prompt: Do it.",
    ...more.map((line) => `    ${line}`),
  ];
  writeFileSync(file, ["name: flow", "steps:", ...step, ""].join("\n"));
  return file;
}
const open = (): Promise<Troupe> => createTroupe({ state: join(root, "state"), warn: () => {} });
const desk = (): Promise<ToolDesk & AsyncDisposable> =>
  openToolDesk({ state: join(root, "state"), durability: "full", router: undefined, env: process.env, tenant: "default" as TenantId });
const run = async (troupe: Troupe, file: string) => (await troupe.run(file, { workspace: root })).result();

describe("a step that names what its work needs", () => {
  test("gets the next tool when the first cannot be started after all, and has used one attempt", async () => {
    script("good.sh", "echo done");
    // There, and yet nothing that can be run: its interpreter is missing.
    writeFileSync(join(root, "gone.sh"), "#!/nowhere/at/all\n");
    chmodSync(join(root, "gone.sh"), 0o755);
    router("name: gone, command: [./gone.sh]", "name: good, command: [./good.sh]");
    await using troupe = await open();
    const view = await run(troupe, workflow());
    expect(view.steps[0]).toMatchObject({ state: "succeeded", attempts: 1, tool: "good" });
  });

  test("gets the next tool while the breaker of the first is open; a person closes it, and the engine follows", async () => {
    script("bad.sh", 'test -e "$(dirname "$0")/mended" && echo done && exit 0; exit 9');
    script("good.sh", "echo done");
    router("name: bad, command: [./bad.sh], breaker: { failures: 2, recovery: 1h }", "name: good, command: [./good.sh]");
    const file = workflow("retry: { max: 5, base: 10ms, strategy: fixed, jitter: none, on: [transient] }");
    await using troupe = await open();
    // Two failures open the breaker of `bad`, and the third attempt goes to `good`.
    expect((await run(troupe, file)).steps[0]).toMatchObject({ state: "succeeded", attempts: 3, tool: "good" });
    expect(calls()).toEqual(["bad.sh", "bad.sh", "good.sh"]);
    expect((await run(troupe, file)).steps[0]).toMatchObject({ attempts: 1, tool: "good" });
    {
      await using asked = await desk();
      expect(asked.chosenIn("@latest").steps[0]?.decision).toMatchObject({
        chosen: "good",
        considered: [
          { tool: "good", verdict: "chosen" },
          { tool: "bad", verdict: "open", successRate: 0 },
        ],
      });
      expect(await asked.reset("bad", null, "ada")).toEqual([{ tenant: "default", target: "tool:bad" }]);
    }
    writeFileSync(join(root, "mended"), "");
    writeFileSync(file, readFileSync(file, "utf8").replace("needs: [work]", "name: bad"));
    await eventually(async () =>
      expect((await run(troupe, file)).steps[0]).toMatchObject({ state: "succeeded", attempts: 1, tool: "bad" }),
    );
    await using asked = await desk();
    expect([...asked.moves("bad")].map(({ type, by }) => [type, by])).toEqual([
      ["breaker.opened", "engine 1"],
      ["breaker.closed", "ada"],
    ]);
  });

  test("fails with the reason when no tool is left", async () => {
    router("name: gone, command: [./gone.sh]");
    await using troupe = await open();
    const view = await run(troupe, workflow());
    expect(view.steps[0]).toMatchObject({ state: "failed", error: { code: "TOOL_MISSING" } });
    await using asked = await desk();
    expect(asked.chosenIn("@latest").steps[0]?.decision?.problem).toBe(
      `No tool can do it now: \`gone\`: there is no program ${join(root, "gone.sh")}.`,
    );
  });

  test("waits for its turn where the tool takes one call at a time", async () => {
    script("slow.sh", `mkdir "${root}/lock" || exit 7\nsleep 0.1\nrmdir "${root}/lock"\necho done`);
    router("name: slow, command: [./slow.sh], limits: { concurrency: 1 }");
    const file = workflow();
    await using troupe = await open();
    const views = await Promise.all([1, 2, 3].map(() => run(troupe, file)));
    expect(views.map(({ state }) => state)).toEqual(["succeeded", "succeeded", "succeeded"]);
  });

  test("records what was asked, with the tool that did it, and no value of the environment", async () => {
    script("good.sh", "echo done");
    router("name: good, command: [./good.sh]");
    await using troupe = await open();
    const handle = await troupe.run(workflow("env: { REGION: hidden-value }"), { workspace: root });
    await handle.result();
    const ended = (await Array.fromAsync(handle.events())).find(({ type }) => type === "step.succeeded");
    const usage = ended?.data.usage as { readonly request: Record<string, unknown> };
    expect(usage.request).toMatchObject({ step: "work", tool: "good", attempt: 1, env: ["REGION"], inputs: { prompt: "Do it." } });
    expect(JSON.stringify(usage)).not.toContain("hidden-value");
  });
});
