import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommand, startCommand } from "../../support/command.ts";
import { useEngines, waitFor, workflowOf } from "../../support/engine-bench.ts";
import { eventually } from "../../support/eventually.ts";

const bench = useEngines();

interface Said {
  readonly url: string;
  readonly token: string;
  readonly login: string;
}

async function serve(state: string, cwd: string) {
  const command = startCommand(["serve", "--port", "0", "--state", state, "-o", "json"], { cwd });
  const { stdout } = command.child;
  let out = "";
  for await (const chunk of stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    out += chunk;
    if (out.includes("\n")) break;
  }
  const { url, token, login } = JSON.parse(out) as Said;
  const call = (path: string, more: RequestInit = {}, key = token) =>
    fetch(`${url}${path}`, {
      ...more,
      headers: { authorization: `Bearer ${key}`, ...(more.body !== undefined && { "content-type": "application/json" }) },
    });
  return { ...command, url, login, call };
}

describe("troupe serve", () => {
  test("tells no key where there is no terminal, since that is somebody's log (S-28)", async () => {
    const { workspace, state } = bench.place();
    const command = startCommand(["serve", "--port", "0", "--state", state], { cwd: workspace });
    await command.shows("troupe keys create");
    command.child.kill("SIGTERM");
    const { stdout, stderr } = await command.ended;
    expect(`${stdout}${stderr}`).not.toMatch(/tr_[\w-]{43}|ticket=/);
    // Every address stands below the one before.
    const rows = stderr.split("\n").filter((line) => line.includes("http://127.0.0.1:"));
    expect([rows.length, new Set(rows.map((line) => line.indexOf("http"))).size]).toEqual([6, 1]);
  });

  test("has a link that opens the dashboard once, and metrics of its own (S-28)", async () => {
    const { workspace, state } = bench.place();
    const serving = await serve(state, workspace);
    const { origin, pathname, hash } = new URL(serving.login);
    expect([origin, pathname]).toEqual([serving.url, "/login"]);
    const ticket = new URLSearchParams(hash.slice(1)).get("ticket");
    const open = () => serving.call("/api/v1/session", { method: "POST", body: JSON.stringify({ ticket }) });
    expect([(await open()).status, (await open()).status]).toEqual([201, 401]);
    const metrics = await (await serving.call("/metrics")).text();
    expect(metrics).toContain("troupe_sse_clients 0\n");
    expect(metrics).toContain('troupe_schedule_slots_total{outcome="missed"} 0\n');
    serving.child.kill("SIGTERM");
    await serving.ended;
  });

  test("serves on this machine, ends on SIGTERM, and leaves what is unfinished to the next one", async () => {
    const { workspace, state } = bench.place();
    const first = await serve(state, workspace);
    const text = workflowOf("- id: a", "  run: 'touch began; until [ -e go ]; do sleep 0.05; done'");
    const started = await first.call("/api/v1/runs", { method: "POST", body: JSON.stringify({ definition: text }) });
    const { id } = (await started.json()) as { id: string };
    await waitFor(join(workspace, "began"));
    first.child.kill("SIGTERM");
    expect((await first.ended).code).toBe(143);
    writeFileSync(join(workspace, "go"), "");
    const second = await serve(state, workspace);
    const stateOf = async () => ((await (await second.call(`/api/v1/runs/${id}`)).json()) as { state: string }).state;
    await eventually(async () => expect(await stateOf()).toBe("succeeded"), 20_000);
    second.child.kill("SIGINT");
    expect((await second.ended).code).toBe(130);
  });

  test("drives the runs of other commands, and takes their keys", async () => {
    const { workspace, state, write } = bench.place();
    const serving = await serve(state, workspace);
    const run = await runCommand(["run", write(workflowOf("- id: a", "  run: 'true'")), "--state", state], { cwd: workspace });
    expect([run.code, run.stderr]).toEqual([0, expect.stringContaining("driven by the engine that is running already")]);
    const made = await runCommand(["keys", "create", "ci", "--role", "viewer", "--state", state], { cwd: workspace });
    const key = made.stdout.trim();
    expect((await serving.call("/api/v1/runs", {}, key)).status).toBe(200);
    expect((await serving.call("/api/v1/runs", { method: "POST", body: "{}" }, key)).status).toBe(403);
    const listed = await runCommand(["keys", "ls", "--state", state, "-o", "json"], { cwd: workspace });
    expect([listed.stdout.includes(key), JSON.parse(listed.stdout)]).toEqual([
      false,
      [expect.objectContaining({ name: "ci", role: "viewer" })],
    ]);
    serving.child.kill("SIGTERM");
    await serving.ended;
  });

  test("refuses a port that is taken, and an address that others reach without a name for it (S-22)", async () => {
    const { workspace, state } = bench.place();
    const serving = await serve(state, workspace);
    const { port } = new URL(serving.url);
    const taken = await runCommand(["serve", "--port", port, "--state", join(workspace, "other")], { cwd: workspace });
    expect([taken.code, taken.stderr]).toEqual([2, expect.stringContaining("API_ADDRESS")]);
    const open = await runCommand(["serve", "--host", "0.0.0.0", "--state", join(workspace, "other")], { cwd: workspace });
    expect([open.code, open.stderr]).toEqual([2, expect.stringContaining("--allow-host")]);
    serving.child.kill("SIGTERM");
    await serving.ended;
  });
});
